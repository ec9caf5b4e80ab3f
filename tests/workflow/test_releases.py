"""Releases are the API's: the real gh asks, and our server answers as GitHub does."""

from collections.abc import Callable

import pytest

from tests.support.git import git
from tests.support.runner import WORKFLOW, Repository
from tests.support.runs import Run
from tests.support.servers import Request
from tests.workflow.small_workflow import gh, job, workflow

Small = Callable[..., Repository]


def release(small: Small, *commands: str, immutable: bool = False) -> tuple[Repository, Run]:
    """Run commands of gh where a.txt and b.txt are, in a repository with tags v1.0.0 to v2.0.0."""
    prepare = "printf 'a\\n' >a.txt; printf 'b\\n' >b.txt\n"
    steps = gh(prepare + "\n".join(commands))
    one = small({WORKFLOW: workflow(release=job(steps, permissions={"contents": "write"}))})
    for tag in ("v1.0.0", "v1.0.1", "v2.0.0"):
        git(one.folder, "tag", tag)
    one.hosted.immutable = immutable
    return one, one.run("push")


def tags(one: Repository) -> dict[str, str]:
    """How each release stands: draft, latest, or published."""
    return {
        found["tag_name"]: "draft"
        if found["draft"]
        else "latest"
        if found["id"] == one.hosted.latest
        else "published"
        for found in one.hosted.releases
    }


def test_gh_tries_an_upload_again_and_one_that_fails_for_good_leaves_no_release(
    small: Small, fails: Callable[[Callable[[Request], bool]], None]
) -> None:
    create = "gh release create v1.0.0 a.txt --verify-tag --notes x"
    one, run = release(small, create)
    upload = next(request for request in run.traffic if request.path.endswith("name=a.txt"))
    one.hosted.releases.clear()
    assert one.run("push", fail=upload.number).passed

    one.hosted.releases.clear()
    fails(lambda request: request.path.endswith("name=a.txt"))
    run = one.run("push")
    assert run.jobs == {"release": "failure"}
    assert tags(one) in ({}, {"v1.0.0": "draft"})


@pytest.mark.parametrize(
    ("options", "latest"),
    [
        ([], "v1.0.1"),
        (["--latest=false"], "v2.0.0"),
        (["--latest"], "v1.0.1"),
        (["--prerelease"], "v2.0.0"),
    ],
)
def test_a_release_moves_latest_unless_it_is_told_not_to(
    small: Small, options: list[str], latest: str
) -> None:
    """Without a word the API takes `make_latest` for true, gh sends nothing: an older one moves it."""
    create = "gh release create {} --verify-tag --notes x {}"
    one, run = release(
        small, create.format("v2.0.0", ""), create.format("v1.0.1", " ".join(options))
    )
    assert run.passed, run.text
    assert [tag for tag, how in tags(one).items() if how == "latest"] == [latest]


def test_an_immutable_release_takes_no_late_file_and_gives_none_away(small: Small) -> None:
    for late in ("gh release upload v1.0.0 b.txt", "gh release delete-asset v1.0.0 a.txt --yes"):
        one, run = release(
            small, "gh release create v1.0.0 a.txt --verify-tag --notes x", late, immutable=True
        )
        assert run.jobs == {"release": "failure"}
        assert "immutable release" in run.text
        [found] = one.hosted.releases
        assert [asset["name"] for asset in found["assets"]] == ["a.txt"]


def test_the_name_of_an_immutable_release_is_used_up(small: Small) -> None:
    create = "gh release create v1.0.0 --verify-tag --notes x"
    one, run = release(small, create, "gh release delete v1.0.0 --yes", create, immutable=True)
    assert run.jobs == {"release": "failure"}
    assert tags(one) == {}


def test_a_tag_that_is_not_there_is_refused_by_gh_and_by_the_api(small: Small) -> None:
    head = "$(gh api repos/$GH_REPO/commits/main --jq .sha)"
    for options in ("--verify-tag", f"--target {head}"):
        one, run = release(small, f"gh release create v9.0.0 --notes x {options}")
        assert run.jobs == {"release": "failure"}, run.text
        assert tags(one) == {}


def test_a_reference_made_first_carries_a_release(small: Small) -> None:
    make = 'gh api repos/$GH_REPO/git/refs -f ref=refs/tags/v9.0.0 -f sha="$GITHUB_SHA" --silent'
    one, run = release(small, make, "gh release create v9.0.0 --verify-tag --notes x")
    assert run.passed, run.text
    assert tags(one) == {"v9.0.0": "latest"}
    assert git(one.folder, "rev-parse", "v9.0.0") == git(one.folder, "rev-parse", "HEAD")


def test_a_draft_is_seen_by_gh_and_not_by_its_tag(small: Small) -> None:
    draft = "gh release create v1.0.0 a.txt --draft --notes x"
    view = "gh release view v1.0.0 --json isDraft,isImmutable --jq .isDraft"
    one, run = release(small, draft, view, "gh api repos/$GH_REPO/releases/tags/v1.0.0")
    assert run.jobs == {"release": "failure"}
    assert "true" in [line.partition("| ")[2] for line in run.text.splitlines()]
    assert tags(one) == {"v1.0.0": "draft"}


@pytest.mark.parametrize(
    ("level", "on", "started"),
    [
        ("read", ["push", "workflow_dispatch"], False),
        ("write", ["push"], False),
        ("write", ["push", "workflow_dispatch"], True),
    ],
)
def test_a_workflow_is_started_by_a_job_that_may_if_it_can_be(
    small: Small, level: str, on: list[str], started: bool
) -> None:
    command = gh("gh workflow run docker-image.yml --ref v1.0.0 -f a=b")
    one = small({WORKFLOW: workflow(on, start=job(command, permissions={"actions": level}))})
    git(one.folder, "tag", "v1.0.0")
    run = one.run("push")
    assert run.passed == started, run.text
    wanted = {"workflow": "docker-image.yml", "ref": "v1.0.0", "inputs": {"a": "b"}}
    assert one.hosted.dispatches == [wanted] * started
