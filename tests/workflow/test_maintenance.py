"""maintenance.yml: what it rebuilds each week, and what it removes."""

from collections.abc import Callable, Mapping, Sequence

import pytest

from tests.support.expectations import pull_request
from tests.support.git import commit, git
from tests.support.github import GitHub
from tests.support.publishing import push_image, push_index
from tests.support.registry import Gate, Registry
from tests.support.rendering import Render
from tests.support.runner import Repository
from tests.support.runs import Run

Maintain = Callable[..., tuple[Repository, Run]]
FILE = ".github/workflows/maintenance.yml"


@pytest.fixture
def maintain(render: Render, hosted: Callable[..., Repository]) -> Maintain:
    """Run the weekly maintenance in a repository with tags."""

    def maintain(
        tags: Sequence[str], event: str = "schedule", before: str = "", **answers: str
    ) -> tuple[Repository, Run]:
        project = render(**answers)
        commit(project)
        one = hosted(project)
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


# What is removed.

OLD = "2026-01-01T00:00:00Z"
TODAY = "2026-11-25T00:00:00Z"


@pytest.fixture
def tidied(
    render: Render,
    hosted: Callable[..., Repository],
    registry: Registry,
    gate: Gate,
    github: GitHub,
) -> Callable[..., dict[str, str]]:
    """Put images into a repository, each with its tags and its age, and run the maintenance.

    Returns the tags that are left, and the names of the images that are there without a tag.
    """

    def tidied(
        images: Mapping[str, tuple[Sequence[str], str]],
        event: str = "schedule",
        variables: Mapping[str, str] | None = None,
        expect: str = "success",
    ) -> dict[str, str]:
        project = render(kind="builder")
        commit(project)
        one = hosted(project)
        one.file = FILE
        one.hosted.pulls = [{"number": 3, "state": "OPEN"}, {"number": 2, "state": "CLOSED"}]
        assert github.packages
        digests = {}
        for name, (tags, age) in images.items():
            part = push_image(registry, one.image, {"a": name.encode()}, "amd64", through=gate)
            digests[name] = part
            for tag in tags:
                digests[name] = push_index(registry, one.image, {"amd64": part}, tag, gate)
            github.packages.dates[digests[name]] = github.packages.dates[part] = age
        given = {} if event == "schedule" else pull_request(one, 2)
        run = one.run(event, variables=variables, action="closed", **given)
        assert run.jobs.get("tidy", "skipped") == expect, run.text
        for name, of in digests.items():
            if any(tag in registry.tags(one.image) for tag in images[name][0]):
                assert registry.has(one.image, of)
        untagged = {name for name in images if not images[name][0]}
        there = {name: digests[name] for name in untagged if registry.has(one.image, digests[name])}
        return {**registry.tags(one.image), **there}

    return tidied


Tidied = Callable[..., dict[str, str]]
RELEASE = (["v1.0.0", "latest", "20260101", "6.22.3-py3.14.6-upx5.2.1-20260101"], OLD)


def test_old_dates_and_closed_pull_requests_go_and_versions_stay(tidied: Tidied) -> None:
    left = tidied(
        {
            "release": RELEASE,
            "branch": (["prerel"], OLD),
            "old": (["20260102"], OLD),
            "new": (["20261125", "6.22.3-py3.14.6-upx5.2.1-20261125"], TODAY),
            "closed": (["pr-2"], TODAY),
            "open": (["pr-3"], OLD),
            "name": (["pr-name"], OLD),
            "untagged": ([], OLD),
            "just pushed": ([], TODAY),
        }
    )
    assert left.keys() == {
        "just pushed",
        *("v1.0.0", "latest", "prerel", "pr-3", "pr-name"),
        *("20261125", "6.22.3-py3.14.6-upx5.2.1-20261125"),
    }


def test_closing_a_pull_request_removes_its_tag_and_nothing_that_has_another(
    tidied: Tidied,
) -> None:
    left = tidied(
        {"release": (["v1.0.0", "pr-2", "20260101"], OLD), "open": (["pr-3"], OLD)}, "pull_request"
    )
    assert left.keys() == {"v1.0.0", "20260101", "pr-3"}


def test_the_last_image_stays_because_github_refuses_to_delete_it(tidied: Tidied) -> None:
    assert tidied({"closed": (["pr-2"], TODAY)}, "pull_request").keys() == {"pr-2"}


def test_nothing_is_published_yet_and_nothing_fails(tidied: Tidied) -> None:
    assert tidied({}) == {}
    assert tidied({}, "pull_request") == {}


def test_a_repository_variable_turns_it_off(tidied: Tidied) -> None:
    variables = {"TIDY": "false"}
    left = tidied({"closed": (["pr-2", "v1"], OLD)}, "schedule", variables, "skipped")
    assert left.keys() == {"pr-2", "v1"}
