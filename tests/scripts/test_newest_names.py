"""newest.py refuses a Git tag or a branch that would take another tag of the image."""

import pytest

from tests.scripts.newest import dated, newest, says, true


@pytest.mark.parametrize(
    ("ref", "reason"),
    [
        ("refs/tags/20261129", "is that of a day"),
        ("refs/tags/latest", "is that of the newest version"),
        ("refs/tags/sha256-" + "0" * 64, "is that of an attestation"),
        ("refs/tags/pr-7", "is that of a pull request"),
        ("refs/tags/pr/7", "is that of a pull request"),  # its image's tag is pr-7
        ("refs/tags/6.22.3-py3.14.6-upx5.2.1", "is that of what a builder freezes with"),
        ("refs/tags/6.22.3-py3.14.6-upx5.2.1-20261129", "is that of what a builder freezes with"),
        ("refs/tags/" + "a" * 129, "may have at most 128 characters and must begin with"),
        ("refs/tags/-a", "must begin with a letter, a digit or _"),
        ("refs/tags/ü", "must begin with a letter, a digit or _"),
        ("refs/heads/20261129", "is that of a day"),
        ("refs/heads/latest", "is that of the newest version"),
        ("refs/heads/pr-7", "is that of a pull request"),
        ("refs/heads/1", "is that of a version"),
        ("refs/heads/1.2", "is that of a version"),
        ("refs/heads/v1.2.3", "is that of a version"),
        ("refs/heads/v1.2.3rc1", "is that of a version"),
        ("refs/heads/release/one", "is that of the Git tag release-one"),
    ],
)
def test_a_name_that_another_tag_of_the_image_has_is_refused_with_the_reason(
    ref: str, reason: str
) -> None:
    lines = dated(["release-one", "v1.0.0", ref.removeprefix("refs/tags/")])
    printed, error = newest("ref", lines, ref, GITHUB_EVENT_NAME="workflow_dispatch")
    assert printed == ""
    assert error.startswith("::error::The ")
    assert reason in error


def test_a_prerel_branch_does_not_replace_the_image_of_a_git_tag() -> None:
    _, error = newest("ref", dated(["prerel-1"]), "refs/heads/prerel-1")
    assert "is that of the Git tag prerel-1" in error


@pytest.mark.parametrize(
    ("scheme", "tags"), [("ref", ["a-b", "a/b"]), ("semver", ["1.0.0", "v1.0.0", "v1.0.0+linux"])]
)
def test_of_git_tags_that_give_the_same_tag_the_first_keeps_it(
    scheme: str, tags: list[str]
) -> None:
    assert "latest" in says(scheme, tags[:1], tags[0])
    for tag in tags[1:]:
        _, error = newest(scheme, dated(tags), f"refs/tags/{tag}")
        assert f"is that of the Git tag {tags[0]}" in error
    assert newest(scheme, dated(tags), f"refs/tags/{tags[0]}")[1] == ""


@pytest.mark.parametrize("name", ["main", "20261129", "1.2", "gh-readonly-queue/main/pr-7-abc"])
def test_a_branch_that_is_only_built_may_have_any_name(name: str) -> None:
    printed, _ = newest("ref", dated(["main"]), f"refs/heads/{name}", GITHUB_RUN_ATTEMPT="2")
    assert true(printed) == {"day"}


def test_a_message_holds_no_name_as_it_is() -> None:
    name = "v1%0A::add-mask::x\u2028"
    _, error = newest("semver", dated([name]), f"refs/tags/{name}")
    assert "v1%250A::add-mask::x\\u2028 is not a version" in error
