"""maintenance.yml: what it rebuilds each week, and what it removes."""

from collections.abc import Callable, Sequence

import pytest

from tests.support.git import git
from tests.support.rendering import Render
from tests.support.runner import Repository
from tests.support.runs import Run

Maintain = Callable[..., tuple[Repository, Run]]
FILE = ".github/workflows/maintenance.yml"


@pytest.fixture
def maintain(scaffold: Render, hosted: Callable[..., Repository]) -> Maintain:
    """Run the weekly maintenance in a repository with tags."""

    def maintain(
        tags: Sequence[str], event: str = "schedule", before: str = "", **answers: str
    ) -> tuple[Repository, Run]:
        one = hosted(scaffold(**answers))
        one.file = FILE
        if before:  # a version from before the template was there
            empty = git(one.folder, "commit-tree", "-m", "Old", git(one.folder, "mktree").strip())
            git(one.folder, "tag", before, empty.strip())
        for tag in tags:
            git(one.folder, "tag", tag)
        return one, one.run(event, variables={"TIDY": "false"})

    return maintain


def dispatched(one: Repository) -> list[str]:
    """The references on which docker-image.yml was started."""
    assert {found["workflow"] for found in one.hosted.dispatches} <= {"docker-image.yml"}
    return [found["ref"] for found in one.hosted.dispatches]


@pytest.mark.parametrize("event", ["schedule", "workflow_dispatch"])
@pytest.mark.parametrize(
    ("scheme", "tags", "rebuilt"),
    [
        ("semver", ["v1.9.0", "v1.10.0", "v1.11.0-rc.1", "v1.0.5"], ["v1.10.0"]),
        ("ref", ["v1.9.0", "v1.10.0", "v1.11.0-rc.1"], ["v1.10.0", "v1.11.0-rc.1"]),
        ("semver", [], ["main"]),
        ("semver", ["v1.0.0-rc.1"], ["main"]),
    ],
)
def test_the_newest_version_is_rebuilt_and_without_one_the_default_branch(
    maintain: Maintain, event: str, scheme: str, tags: list[str], rebuilt: list[str]
) -> None:
    one, run = maintain(tags, event, tag_scheme=scheme)
    assert run.jobs == {"rebuild": "success"}, run.text
    assert dispatched(one) == rebuilt


def test_a_version_from_before_the_template_is_not_rebuilt(maintain: Maintain) -> None:
    """Its commit has no workflow that could run."""
    one, run = maintain(["v1.0.0"], before="v2.0.0")
    assert run.passed, run.text
    assert dispatched(one) == ["v1.0.0"]


def test_a_closed_pull_request_rebuilds_nothing(maintain: Maintain) -> None:
    one, run = maintain(["v1.0.0"], "pull_request")
    assert run.jobs == {}
    assert dispatched(one) == []
