"""Which tags an event sets, and that no tag moves to something older."""

from collections.abc import Callable, Iterator

import pytest

from tests.support.registry import Registry
from tests.support.runner import Repository
from tests.support.runs import Run
from tests.workflow.expectations import PUBLISHED, RELEASED, in_order, without_date
from tools.projects import read_versions

Make = Callable[..., Repository]


@pytest.mark.parametrize(
    ("event", "ref", "tags"),
    [
        ("push", "refs/tags/any/name", {"any-name", "latest"}),
        ("workflow_dispatch", "refs/heads/releases/v1", {"releases-v1"}),
    ],
)
def test_what_is_not_a_version_gets_its_name_and_the_date(
    repository: Make, registry: Registry, event: str, ref: str, tags: set[str]
) -> None:
    one = repository(quick=True)
    run = one.run(event, ref)
    assert run.passed, run.text
    assert in_order(run.jobs, PUBLISHED)
    found = registry.tags(one.image)
    assert without_date(found) == tags
    assert len(set(found.values())) == 1
    assert one.hosted.releases == []


def change(one: Repository) -> None:
    """Make the next image differ from the one before it."""
    one.write("sbom.cdx.json", (one.folder / "sbom.cdx.json").read_text() + "\n")


def test_a_run_of_a_branch_that_is_run_again_later_moves_no_tag_backwards(
    repository: Make, registry: Registry
) -> None:
    one = repository(quick=True)
    first = one.run("push", "refs/heads/prerel")
    assert in_order(first.jobs, PUBLISHED)
    assert without_date(registry.tags(one.image)) == {"prerel"}
    change(one)
    second = one.run("push", "refs/heads/prerel")
    assert second.passed, second.text
    before = registry.tags(one.image)
    again = first.rerun_all()
    assert not again.passed
    [(message, _)] = again.annotations("error")
    assert message.startswith("The branch prerel has moved to another commit or was deleted.")
    assert registry.tags(one.image) == before
    assert one.hosted.releases == []


def release(one: Repository, tag: str) -> Run:
    """Release a version that differs from the one before it."""
    change(one)
    run = one.run("push", f"refs/tags/{tag}")
    assert run.passed, run.text
    return run


def stands(one: Repository, registry: Registry) -> Iterator[tuple[str, str]]:
    """Each tag of the image, with the version that it points to."""
    tags = registry.tags(one.image)
    by_digest = {tags[tag]: tag for tag in tags if tag.removeprefix("v").count(".") >= 2}
    for tag in sorted(without_date(tags)):
        yield tag, by_digest[tags[tag]]


def test_with_ref_latest_follows_the_newest_tag_and_the_latest_release_the_newest_stable_one(
    repository: Make, registry: Registry
) -> None:
    one = repository(quick=True)
    first = release(one, "v1.0.0")
    assert in_order(first.jobs, RELEASED)
    release(one, "v2.0.8-beta.67")
    release(one, "v1.0.5")
    expected = {tag: tag for tag in ("v1.0.0", "v1.0.5", "v2.0.8-beta.67")}
    assert dict(stands(one, registry)) == {**expected, "latest": "v2.0.8-beta.67"}
    releases = {found["tag_name"]: found for found in one.hosted.releases}
    assert {tag: found["prerelease"] for tag, found in releases.items()} == {
        "v1.0.0": False,
        "v2.0.8-beta.67": True,
        "v1.0.5": False,
    }
    assert one.hosted.latest == releases["v1.0.5"]["id"]

    # All of it again, a year later.
    again = first.rerun_all()
    assert again.passed, again.text
    assert dict(stands(one, registry)) == {**expected, "latest": "v2.0.8-beta.67"}
    assert one.hosted.latest == releases["v1.0.5"]["id"]
    assert len(one.hosted.releases) == 3


def test_with_semver_shared_tags_follow_the_highest_stable_version(
    repository: Make, registry: Registry
) -> None:
    one = repository(quick=True, tag_scheme="semver", downloads=[])
    release(one, "v1.1.0")
    release(one, "v2.0.0")
    release(one, "v1.0.5")
    release(one, "v2.1.0-rc.1")
    assert dict(stands(one, registry)) == {
        "1.0.5": "1.0.5",
        "1.0": "1.0.5",
        "1.1.0": "1.1.0",
        "1.1": "1.1.0",
        "1": "1.1.0",
        "2.0.0": "2.0.0",
        "2.0": "2.0.0",
        "2": "2.0.0",
        "latest": "2.0.0",
        "2.1.0-rc.1": "2.1.0-rc.1",
    }


def test_the_weekly_rebuild_of_a_version_moves_its_tags_and_makes_no_release(
    repository: Make, registry: Registry
) -> None:
    one = repository(quick=True)
    release(one, "v1.0.0")
    before = registry.tags(one.image)
    # What a new base image would be.
    rebuilt = one.run("workflow_dispatch", "refs/tags/v1.0.0")
    assert rebuilt.passed, rebuilt.text
    assert in_order(rebuilt.jobs, PUBLISHED)
    assert registry.tags(one.image) == before  # the same commit gives the same bytes
    assert len(one.hosted.releases) == 1


@pytest.mark.parametrize("target", ["linux", "windows"])
def test_a_version_of_a_builder_is_also_tagged_by_what_it_freezes_with(
    repository: Make, registry: Registry, target: str
) -> None:
    one = repository(quick=True, kind="builder", target=target)
    smoke = '#!/usr/bin/env bash\nset -euo pipefail\ndocker run --rm "$1" --version\n'
    one.write("scripts/smoke", smoke, executable=True)
    if target == "linux":  # both have the same workflow
        prerel = one.run("push", "refs/heads/prerel")
        assert prerel.passed, prerel.text
        assert without_date(registry.tags(one.image)) == {"prerel"}

    run = one.run("push", "refs/tags/v1.2.3")
    assert in_order(run.jobs, PUBLISHED)
    assert run.passed, run.text
    versions = read_versions(one.folder / "versions.env")
    tools = "{PYINSTALLER_VERSION}-py{PYTHON_VERSION}-upx{UPX_VERSION}".format(**versions)
    found = set(registry.tags(one.image)) - {"prerel"}
    [date] = found - {"v1.2.3", "latest", tools, *(f"{tools}-{day}" for day in found)}
    assert found == {"v1.2.3", "latest", tools, date, f"{tools}-{date}"}
