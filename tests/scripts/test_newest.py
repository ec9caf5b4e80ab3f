"""newest.py, run for real: which tags a run may move, for repositories with all kinds of tags."""

import subprocess
import sys
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.projects import ROOT

SCRIPT = ROOT / "template/.github/scripts/newest.py"
COMMIT = "a" * 40
OTHER = "b" * 40


def newest(
    scheme: str,
    tags: Sequence[str],
    ref: str = "refs/tags/none",
    *options: str,
    branches: str = "",
    attempt: str = "1",
) -> subprocess.CompletedProcess[str]:
    """Run the script on tags, each a second younger than the one before it."""
    refs = "".join(f"refs/tags/{tag} {date} {COMMIT}\n" for date, tag in enumerate(tags))
    return subprocess.run(
        [sys.executable, SCRIPT, scheme, *options],
        env={"GITHUB_REF": ref, "GITHUB_SHA": COMMIT, "GITHUB_RUN_ATTEMPT": attempt},
        input=refs + branches,
        capture_output=True,
        text=True,
        check=False,
    )


def says(scheme: str, tags: Sequence[str], tag: str) -> set[str]:
    """What the script says is true of the run of a tag."""
    done = newest(scheme, tags, f"refs/tags/{tag}")
    assert (done.returncode, done.stderr) == (0, "")
    pairs = dict(line.split("=") for line in done.stdout.splitlines())
    assert list(pairs) == ["version", "prerelease", "newest", "major", "minor", "latest"]
    assert set(pairs.values()) <= {"true", "false"}
    return {key for key, value in pairs.items() if value == "true"}


STABLE = {"version", "newest", "major", "minor", "latest"}


@pytest.mark.parametrize("scheme", ["ref", "semver"])
@pytest.mark.parametrize(
    ("tags", "tag", "true"),
    [
        (["v1.0.0"], "v1.0.0", STABLE),
        (["1.0.0"], "1.0.0", STABLE),
        (["v0.1.0"], "v0.1.0", STABLE - {"major"}),
        (["v1.9.0", "v1.10.0"], "v1.10.0", STABLE),
        (["v1.10.0", "v1.9.0"], "v1.9.0", {"version", "minor"}),
        (["v2.0.0", "v1.0.5", "v1.0.4"], "v1.0.5", {"version", "major", "minor"}),
        (["v2.0.0", "v1.2.0", "v1.0.5"], "v1.0.5", {"version", "minor"}),
        (["v1.0.0", "v1.0.1"], "v1.0.0", {"version"}),
        (["v1.0.0", "v1.1.0-rc.1"], "v1.1.0-rc.1", {"version", "prerelease"}),
        (["v1.0.0", "v1.0.0-rc.1"], "v1.0.0-rc.1", {"version", "prerelease"}),
        (["v1.0.0-rc.1", "v1.0.0"], "v1.0.0", STABLE),
        (["v1.0.0", "v1.0.0+more"], "v1.0.0+more", STABLE),
    ],
)
def test_a_shared_tag_moves_to_the_highest_version_only(
    scheme: str, tags: list[str], tag: str, true: set[str]
) -> None:
    followed = {"latest"} if scheme == "ref" and tag == "v1.1.0-rc.1" else set()
    assert says(scheme, tags, tag) == true | followed


@pytest.mark.parametrize(
    ("tags", "tag", "latest"),
    [
        (["v2.0.7", "v2.0.8-beta.67"], "v2.0.8-beta.67", True),
        (["v2.0.8-beta.67", "v2.0.8"], "v2.0.8-beta.67", False),
        (["v2.0.8-beta.67", "v2.0.8-beta.7"], "v2.0.8-beta.7", False),
        (["v2.0.8-beta.67", "v2.0.7"], "v2.0.7", False),
        (["any-name"], "any-name", True),
        (["v1.0.0", "any-name"], "any-name", True),
        (["any-name", "v1.0.0"], "any-name", False),
        (["v1.0.0", "any-name"], "v1.0.0", False),
        (["v2026.1", "v2026.11"], "v2026.11", True),
        (["v1.0", "v1.1rc2", "v1.1rc1"], "v1.1rc1", False),
        (["v1.1rc10", "v1.1"], "v1.1", True),
        (["v1.1rc9", "v1.1rc10"], "v1.1rc10", True),
        (["a/b/c"], "a/b/c", True),
    ],
)
def test_with_ref_latest_follows_the_newest_of_all_tags(
    tags: list[str], tag: str, latest: bool
) -> None:
    assert ("latest" in says("ref", tags, tag)) == latest


@pytest.mark.parametrize(
    ("tag", "release"),
    [
        ("v1.2.3", {"version"}),
        ("v1.2", {"version"}),
        ("2026.11.30", {"version"}),
        ("v1.2.3-rc.1", {"version", "prerelease"}),
        ("1.2rc1", {"version", "prerelease"}),
        ("1.2.dev3", {"version", "prerelease"}),
        ("v1", set()),
        ("nightly", set()),
        ("release-1.2.3", set()),
        ("v1.2.3foo", set()),
        ("v\u0661.\u0662", set()),
    ],
)
def test_only_a_tag_that_looks_like_a_version_makes_a_release(tag: str, release: set[str]) -> None:
    assert says("ref", [tag], tag) & {"version", "prerelease"} == release


@pytest.mark.parametrize("tag", ["v1.2", "v1.2.3rc1", "v1.2.3foo", "1.2.3.4"])
def test_with_semver_another_form_is_refused_with_the_rule(tag: str) -> None:
    done = newest("semver", [tag], f"refs/tags/{tag}")
    assert done.returncode == 1
    assert done.stdout == ""
    rule = "is no version of the form v1.2.3 or v1.2.3-rc.1: see https://semver.org"
    assert done.stderr == f"::error::{tag} {rule}\n"


def test_a_branch_moves_nothing_that_versions_share() -> None:
    done = newest("ref", ["v1.0.0"], "refs/heads/prerel")
    assert done.returncode == 0
    assert "true" not in done.stdout


@pytest.mark.parametrize(
    ("attempt", "head", "moves"),
    [("1", COMMIT, True), ("1", OTHER, True), ("2", COMMIT, True), ("2", OTHER, False)],
)
def test_a_branchs_tag_does_not_go_back_when_an_old_run_is_run_again(
    attempt: str, head: str, moves: bool
) -> None:
    branches = f"refs/remotes/origin/prerel 1 {head}\n"
    done = newest("ref", [], "refs/heads/prerel", branches=branches, attempt=attempt)
    assert (done.returncode == 0) == moves
    assert ("::error::The branch prerel is at another commit now" in done.stderr) != moves


def test_a_tag_that_was_deleted_meanwhile_is_refused() -> None:
    done = newest("ref", ["v1.0.0"], "refs/tags/v1.0.1")
    assert done.returncode == 1
    assert done.stderr.startswith("::error::The tag v1.0.1 is not in the repository any more")


@pytest.mark.parametrize(
    ("scheme", "tags", "rebuilt"),
    [
        ("ref", [], ""),
        ("semver", [], ""),
        ("semver", ["v1.0.0-rc.1"], ""),
        ("ref", ["v1.0.0-rc.1"], "v1.0.0-rc.1"),
        ("ref", ["v1.0.0", "v0.9.1"], "v1.0.0"),
        ("semver", ["v1.0.0", "v0.9.1", "v1.1.0-rc.1"], "v1.0.0"),
        ("ref", ["v1.0.0", "v1.1.0-rc.1"], "v1.0.0\nv1.1.0-rc.1"),
        ("ref", ["any"], "any"),
    ],
)
def test_the_newest_stable_version_is_rebuilt_and_what_latest_follows(
    scheme: str, tags: list[str], rebuilt: str
) -> None:
    done = newest(scheme, tags, "refs/heads/main", "--rebuild")
    assert (done.returncode, done.stdout) == (0, f"{rebuilt}\n")


# https://semver.org/#spec-item-11 gives this order.
SEMVER = "1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0"


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(SEMVER.split()), min_size=1, unique=True))
def test_versions_are_in_the_order_of_semver(tags: list[str]) -> None:
    order = SEMVER.split()
    first = max(tags, key=order.index)
    assert [tag for tag in tags if "latest" in says("ref", tags, tag)] == [first]
