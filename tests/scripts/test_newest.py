"""newest.py: which tags of the image a run may set, for repositories with all kinds of tags."""

import time
from itertools import combinations
from pathlib import Path

import pytest

from tests.scripts.newest import COMMIT, OTHER, dated, newest, says, script, true

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
        ("v1!2.0", {"version"}),
        ("v1.0.post1", {"version"}),
        ("v1.0-1", {"version"}),
        ("v1.0+local", {"version"}),
        ("v1.9.0alpha1", {"version", "prerelease"}),
        ("v1.9.0.beta2", {"version", "prerelease"}),
        ("v1.9c1", {"version", "prerelease"}),
        ("v1.9-preview3", {"version", "prerelease"}),
        ("v1.0.post1.dev2", {"version", "prerelease"}),
        ("v1.2.3-rc.1", {"version", "prerelease"}),
        ("1.2rc1", {"version", "prerelease"}),
        ("1.2.dev3", {"version", "prerelease"}),
        ("v1", set()),
        ("nightly", set()),
        ("release-1.2.3", set()),
        ("v1.2.3foo", set()),
        ("v1.2.3-x.7.z.92", set()),
        ("1.2.3\u00a0", set()),
        ("v\u0661.\u0662", set()),
    ],
)
def test_only_a_tag_that_looks_like_a_version_makes_a_release(tag: str, release: set[str]) -> None:
    assert says("ref", [tag], tag) & {"version", "prerelease"} == release


@pytest.mark.parametrize(
    "tag", ["v1.2", "v1.2.3rc1", "v1.2.3foo", "1.2.3.4", "v2026.01.15", "v1.2.3-01"]
)
def test_with_semver_another_form_is_refused_with_the_rule(tag: str) -> None:
    printed, error = newest("semver", dated([tag]), f"refs/tags/{tag}")
    assert printed == ""
    rule = "is not a version of the form v1.2.3 or v1.2.3-rc.1: see https://semver.org"
    assert error == f"::error::{tag} {rule}"


@pytest.mark.parametrize("ref", ["refs/heads/prerel", "refs/heads/main", "refs/pull/7/merge"])
def test_without_a_tag_nothing_moves_that_versions_share(ref: str) -> None:
    printed, _ = newest("ref", dated(["v1.0.0"]), ref)
    assert true(printed) == {"day"}


GH = """#!/bin/sh
[ "$*" = "api repos/Acme-Org/MyTool/git/ref/heads/{name} --jq .object.sha" ] || exit 9
{answer}
"""
GONE = "echo 'gh: Not Found (HTTP 404)' >&2; exit 1"
DOWN = "echo 'gh: HTTP 503' >&2; exit 1"


@pytest.mark.parametrize(
    ("attempt", "answer", "reason"),
    [
        ("1", f"echo {OTHER}", ""),  # its own run follows this one
        ("2", f"echo {COMMIT}", ""),
        ("2", f"echo {OTHER}", "has moved to another commit or was deleted"),
        ("2", GONE, "has moved to another commit or was deleted"),
        ("2", DOWN, "GitHub did not say where the branch prerel-ü/1 is"),
    ],
)
def test_a_branchs_tag_never_moves_backwards_when_an_old_run_is_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, attempt: str, answer: str, reason: str
) -> None:
    (tmp_path / "gh").write_text(GH.format(name="prerel-%C3%BC/1", answer=answer))
    (tmp_path / "gh").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    printed, error = newest("ref", [], "refs/heads/prerel-ü/1", GITHUB_RUN_ATTEMPT=attempt)
    assert reason.replace("ü", "\\xfc") in error
    assert bool(printed) != bool(error)


@pytest.mark.parametrize(
    ("tags", "tag", "day"),
    [
        (["v1.0.0", "v2.0.0"], "v2.0.0", True),
        (["v1.0.0", "v2.0.0"], "v1.0.0", False),
        (["any", "other"], "any", False),
    ],
)
def test_the_days_tag_stays_when_an_older_tag_is_run_again(
    tags: list[str], tag: str, day: bool
) -> None:
    printed, _ = newest("ref", dated(tags), f"refs/tags/{tag}", GITHUB_RUN_ATTEMPT="2")
    assert ("day" in true(printed)) == day


def test_a_tag_that_was_deleted_meanwhile_is_refused() -> None:
    _, error = newest("ref", dated(["v1.0.0"]), "refs/tags/v1.0.1")
    assert error.startswith("::error::The Git tag v1.0.1 was deleted: push it again.")


@pytest.mark.parametrize(
    "line",
    [
        "refs/tags/blob  blob",
        "refs/tags/tree  tree",
        "refs/tags/signed-key 9999999999 tagblob",
        "refs/tags/linux-tree 9999999999 tagtree",
        "refs/tags/no-tagger  tagcommit",
        "refs/tags/a\u00a0b 0 commit",
        "refs/tags/a\u3000b 0 commit",
        "refs/tags/a\u2028b 0 commit",
        "refs/tags/a\u0085b 0 commit",
    ],
)
def test_odd_tags_of_others_change_nothing(line: str) -> None:
    printed, error = newest("ref", [line, "refs/tags/v1.0.0 1 commit"], "refs/tags/v1.0.0")
    assert error == ""
    assert true(printed) == STABLE | {"day"}


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
        ("ref", ["v1.0.0", "any"], "v1.0.0\nany"),
        ("ref", ["v2.0.0", "any", "v1.0.0"], "v2.0.0"),
    ],
)
def test_the_newest_stable_version_is_rebuilt_and_what_latest_follows(
    scheme: str, tags: list[str], rebuilt: str
) -> None:
    assert newest(scheme, dated(tags), "refs/heads/main", "--rebuild") == (f"{rebuilt}\n", "")


def test_ten_thousand_tags_take_a_second() -> None:
    lines = dated([f"v1.{number % 97}.{number}" for number in range(10_000)])
    start = time.process_time()
    assert newest("ref", lines, "refs/heads/main", "--rebuild")[0] == "v1.96.9990\n"
    assert time.process_time() - start < 1


ORDERS = {
    # https://semver.org/#spec-item-11
    "semver": "1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0 1.0.1",
    # https://packaging.python.org/en/latest/specifications/version-specifiers/#summary-of-permitted-suffixes-and-relative-ordering
    "ref": "1.0.dev456 1.0a1 1.0a2.dev456 1.0a12.dev456 1.0a12 1.0b1.dev456 1.0b2 1.0b2.post345.dev456 1.0b2.post345 1.0rc1.dev456 1.0rc1 1.0 1.0+abc.5 1.0+abc.7 1.0+5 1.0.post456.dev34 1.0.post456 1.0.15 1.1.dev1 1!0.1",
}


@pytest.mark.parametrize(("scheme", "names"), ORDERS.items())
def test_versions_are_in_the_order_of_their_scheme(scheme: str, names: str) -> None:
    orders = [script.read(name, 0, scheme).order for name in names.split()]
    for lower, higher in combinations(orders, 2):
        assert lower < higher
