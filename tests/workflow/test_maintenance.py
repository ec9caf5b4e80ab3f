"""weekly.yml and tidy.yml: what is rebuilt each week, and what is removed."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from tests.support.git import commit, git
from tests.support.github import GitHub
from tests.support.registry import Gate, Registry
from tests.support.rendering import Render
from tests.support.runner import Repository
from tests.support.runs import Run
from tests.workflow.payloads import pull_request
from tests.workflow.small_images import push_image, push_index

Maintain = Callable[..., tuple[Repository, Run]]


@pytest.fixture
def maintain(render: Render, hosted: Callable[..., Repository]) -> Maintain:
    """Run weekly.yml in a repository with tags."""

    def maintain(tags: Sequence[str], before: str = "", **answers: str) -> tuple[Repository, Run]:
        project = render(**answers)
        commit(project)
        one = hosted(project)
        one.file = ".github/workflows/weekly.yml"
        if before:  # a version from before the template was there
            empty = git(one.folder, "commit-tree", "-m", "Old", git(one.folder, "mktree").strip())
            git(one.folder, "tag", before, empty.strip())
        for tag in tags:
            git(one.folder, "tag", tag)
        return one, one.run("schedule")

    return maintain


def dispatched(one: Repository) -> list[str]:
    """The references on which docker-image.yml was started; the others were started last."""
    *images, tidy, audit = one.hosted.dispatches
    assert tidy == {"workflow": "tidy.yml", "ref": "main"}
    assert audit == {"workflow": "audit.yml", "ref": "main"}
    assert {found["workflow"] for found in images} == {"docker-image.yml"}
    return [found["ref"] for found in images]


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
    maintain: Maintain, scheme: str, tags: list[str], rebuilt: list[str]
) -> None:
    one, run = maintain(tags, tag_scheme=scheme)
    assert run.jobs == {"start": "success"}, run.text
    assert dispatched(one) == rebuilt
    for ref in rebuilt:
        assert f"- The image of `{ref}` is being rebuilt by docker-image.yml.\n" in run.summary


def test_a_version_from_before_the_template_is_not_rebuilt(maintain: Maintain) -> None:
    """Its commit has no workflow that could run."""
    one, run = maintain(["v1.0.0"], before="v2.0.0")
    assert run.passed, run.text
    assert dispatched(one) == ["v1.0.0"]


def test_what_a_repository_variable_turns_off_is_not_started(
    render: Render, hosted: Callable[..., Repository]
) -> None:
    project = render()
    commit(project)
    one = hosted(project)
    one.file = ".github/workflows/weekly.yml"
    run = one.run("schedule", variables={"TIDY": "false", "AUDIT": "false"})
    assert run.passed, run.text
    assert [found["workflow"] for found in one.hosted.dispatches] == ["docker-image.yml"]
    for file, variable in (("tidy.yml", "TIDY"), ("audit.yml", "AUDIT")):
        said = f"- {file} is not started: the repository variable {variable} is false.\n"
        assert said in run.summary


# What is removed.

OLD = "2025-01-01T00:00:00Z"
TODAY = "2026-11-25T00:00:00Z"


@pytest.fixture
def tidied(
    render: Render,
    hosted: Callable[..., Repository],
    registry: Registry,
    gate: Gate,
    github: GitHub,
) -> Callable[..., dict[str, str]]:
    """Put images into a repository, each with its tags and its age, and run tidy.yml.

    Returns the tags that are left, and the names of the images that are there without a tag.
    """

    def tidied(
        images: Mapping[str, tuple[Sequence[str], str]],
        event: str = "workflow_dispatch",
        variables: Mapping[str, str] | None = None,
        expect: str = "success",
        role: str = "admin",
        popular: Sequence[str] = (),
        warning: str = "",
    ) -> dict[str, str]:
        project = render(kind="builder")
        commit(project)
        one = hosted(project)
        one.file = ".github/workflows/tidy.yml"
        one.hosted.role = role
        one.hosted.pulls = [{"number": 3, "state": "OPEN"}, {"number": 2, "state": "CLOSED"}]
        assert github.packages
        digests = {}
        for name, (tags, age) in images.items():
            part = push_image(registry, one.image, {"a": name.encode()}, "amd64", through=gate)
            digests[name] = part
            for tag in tags:
                digests[name] = push_index(registry, one.image, {"amd64": part}, tag, gate)
            github.packages.dates[digests[name]] = github.packages.dates[part] = age
        github.packages.popular = {digests[name] for name in popular}
        git(one.folder, "tag", "20260103")
        given = pull_request(one, 2) if event == "pull_request" else {}
        run = one.run(event, variables=variables, action="closed", **given)
        assert run.jobs.get("tidy", "skipped") == expect, run.text
        said = [text for text, _ in run.annotations("warning") if "GitHub did not delete" in text]
        assert len(said) == bool(warning)
        assert warning in "".join(said)
        assert all(
            registry.manifest(one.image, of)["manifests"] for of in digests_left(registry, one)
        )
        for name, of in digests.items():
            if any(tag in registry.tags(one.image) for tag in images[name][0]):
                assert registry.has(one.image, of)
        untagged = {name for name in images if not images[name][0]}
        there = {name: digests[name] for name in untagged if registry.has(one.image, digests[name])}
        return {**registry.tags(one.image), **there}

    return tidied


def digests_left(registry: Registry, one: Repository) -> set[str]:
    """What a tag points to."""
    return set(registry.tags(one.image).values())


Tidied = Callable[..., dict[str, str]]
RELEASE = (["v1.0.0", "latest", "20260101", "6.22.3-py3.14.6-upx5.2.1-20260101"], OLD)


def test_old_dates_and_closed_pull_requests_go_and_versions_stay(tidied: Tidied) -> None:
    left = tidied(
        {
            "release": RELEASE,
            "branch": (["prerel"], OLD),
            "old": (["20250102", "20250103"], OLD),
            "old release": (["6.20.0-py3.14.1-upx5.2.0-20250102", "20250104"], OLD),
            "a Git tag": (["20260103"], OLD),
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
        # A date of an image that stays goes with no more than the image.
        *RELEASE[0],
        *("prerel", "pr-3", "pr-name", "20260103"),
        *("20261125", "6.22.3-py3.14.6-upx5.2.1-20261125"),
    }


def test_closing_a_pull_request_removes_its_image_unless_that_has_another_tag(
    tidied: Tidied,
) -> None:
    """To remove one tag of several, the action would push an empty image under it."""
    release = (["v1.0.0", "pr-1", "20260101"], OLD)
    left = tidied(
        {"release": release, "closed": (["pr-2"], OLD), "open": (["pr-3"], OLD)}, "pull_request"
    )
    assert left.keys() == {*release[0], "pr-3"}


@pytest.mark.parametrize(
    ("options", "warning"),
    [
        ({"role": "write"}, "give this repository the role Admin"),
        ({"popular": ["closed"]}, "more than 5,000 downloads"),
    ],
)
def test_what_github_does_not_delete_is_said_and_nothing_is_pushed(
    tidied: Tidied, options: dict[str, Any], warning: str
) -> None:
    images = {"release": RELEASE, "closed": (["pr-2"], TODAY)}
    left = tidied(images, "pull_request", warning=warning, **options)
    assert left.keys() == {*RELEASE[0], "pr-2"}


def test_the_last_image_stays_because_github_refuses_to_delete_it(tidied: Tidied) -> None:
    assert tidied({"closed": (["pr-2"], TODAY)}, "pull_request").keys() == {"pr-2"}


def test_nothing_is_published_yet_and_nothing_fails(tidied: Tidied) -> None:
    assert tidied({}) == {}
    assert tidied({}, "pull_request") == {}


def test_a_repository_variable_turns_it_off(tidied: Tidied) -> None:
    variables = {"TIDY": "false"}
    left = tidied(
        {"closed": (["pr-2"], OLD), "v1": (["v1"], OLD)}, "pull_request", variables, "skipped"
    )
    assert left.keys() == {"pr-2", "v1"}
