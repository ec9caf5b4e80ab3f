"""Which versions of the template may be released: asked of clones with a changelog each, and of a fork."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.propagate.organisation import BRANCH, URL, Organisation, replace
from tests.support.commands import command, run
from tests.support.documents import ORGANISATION, section
from tests.support.git import commit, git

UNRELEASED = "## [Unreleased]\n"
ENTRY = "## [1.3.0] - 2026-12-01\n\n### Fixed\n\n- A thing, see `a.py`.\n"


def write(clone: Path, text: str) -> None:
    """Write the changelog of a clone, and commit it."""
    history = (
        "\n## [1.2.0] - 2026-11-03\n\n- Old.\n\n[1.2.0]: https://git.example/releases/v1.2.0\n"
    )
    (clone / "CHANGELOG.md").write_text(f"# Changelog\n\n{text}{history}")
    commit(clone)


@pytest.fixture
def clone(releases: Path, tmp_path: Path) -> Path:
    """A clone of the template that is ready to release v1.3.0, after v1.2.0."""
    run("git", "clone", "--quiet", releases, tmp_path / "clone")
    write(tmp_path / "clone", f"## [Unreleased]\n\n{ENTRY}")
    return tmp_path / "clone"


def check(clone: Path, version: str = "v1.3.0") -> tuple[int, str]:
    """Check a version, and return the exit code and what is said."""
    result = subprocess.run(
        [sys.executable, "-m", "scripts.release", version],
        cwd=clone,
        capture_output=True,
        text=True,
        check=False,
    )
    return result.returncode, result.stdout or result.stderr


def test_the_text_of_a_release_is_its_entry_in_the_changelog(clone: Path) -> None:
    assert check(clone) == (0, "### Fixed\n\n- A thing, see `a.py`.\n")


def test_a_tag_that_is_on_this_commit_may_be_released(clone: Path) -> None:
    git(clone, "tag", "v1.3.0")
    assert check(clone)[0] == 0


def test_a_tag_on_another_commit_may_not(clone: Path) -> None:
    git(clone, "tag", "v1.3.0")
    commit(clone)
    assert check(clone) == (1, "release: v1.3.0: this tag is on another commit\n")


@pytest.mark.parametrize("version", ["1.3.0", "v1.3", "v1.3.0-rc.1", "v1.3.0-3-gabcdef0", "latest"])
def test_a_version_is_three_numbers_after_a_v(clone: Path, version: str) -> None:
    expected = f"release: {version}: a version is vX.Y.Z, such as v1.2.0\n"
    assert check(clone, version) == (1, expected)


def test_an_older_version_than_the_last_is_refused(clone: Path) -> None:
    assert check(clone, "v1.1.9") == (1, "release: v1.1.9: older than v1.2.0\n")


def test_changes_that_are_not_committed_are_refused(clone: Path) -> None:
    (clone / "LICENSE").write_text("")
    assert check(clone) == (1, "release: the working tree has changes: commit them\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "## [Unreleased]\n\n- A thing.\n",
            "the newest version is 1.2.0: add an entry that begins with ## [1.3.0] - DATE",
        ),
        (
            f"## [1.4.0] - 2026-12-02\n\n- More.\n\n{ENTRY}",
            "the newest version is 1.4.0: add an entry that begins with ## [1.3.0] - DATE",
        ),
        (
            ENTRY.replace(" - 2026-12-01", ""),
            "## [1.3.0] needs a date, such as ## [1.3.0] - 2026-11-24",
        ),
        (
            ENTRY.replace("2026-12-01", "December"),
            "## [1.3.0] needs a date, such as ## [1.3.0] - 2026-11-24",
        ),
        ("## [1.3.0] - 2026-12-01\n\n### Added\n", "## [1.3.0] has no text"),
        (
            f"## [Unreleased]\n\n- A thing.\n\n{ENTRY}",
            "move the entries under [Unreleased] to ## [1.3.0]",
        ),
    ],
)
def test_a_version_without_its_own_entry_is_refused(clone: Path, text: str, said: str) -> None:
    write(clone, text)
    assert check(clone) == (1, f"release: CHANGELOG.md: {said}\n")


def release(folder: Path, version: str) -> None:
    """Release a version of a clone, with an entry in its changelog."""
    replace(
        folder / "CHANGELOG.md",
        UNRELEASED,
        f"{UNRELEASED}\n## [{version}] - 2026-12-01\n\n- New.\n",
    )
    commit(folder, f"Release v{version}")
    assert check(folder, f"v{version}") == (0, "- New.\n")
    git(folder, "tag", f"v{version}")


def test_a_fork_takes_our_releases_and_our_repositories(
    releases: Path,
    organisation: Organisation,
    scaffold_version: Callable[..., Path],
    tmp_path: Path,
) -> None:
    script = re.findall(
        r"(?s)```sh\n(.*?)```", section(ORGANISATION, "Fork it and keep taking our releases")
    )[0]
    on_github, merge, push = script.splitlines()
    assert on_github.startswith("gh repo fork ")
    ours, fork, checkout = tmp_path / "ours", tmp_path / "fork", tmp_path / "checkout"
    run("git", "clone", "--quiet", releases, ours)
    run("git", "clone", "--quiet", "--bare", releases, tmp_path / "fork.git")
    run("git", "clone", "--quiet", tmp_path / "fork.git", fork)
    git(fork, "remote", "add", "upstream", str(ours))
    release(fork, "101.0.0")
    release(ours, "1.3.0")

    assert command("bash", "-euc", merge.replace("v1.2.0", "v1.3.0"), cwd=fork).returncode == 1
    assert git(fork, "diff", "--name-only", "--diff-filter=U") == "CHANGELOG.md\n"
    text = (fork / "CHANGELOG.md").read_text()
    (fork / "CHANGELOG.md").write_text(re.sub(r"(?m)^[<=>]{7}.*\n", "", text))
    commit(fork, "Merge v1.3.0")
    release(fork, "101.0.1")
    run("bash", "-euc", push, cwd=fork)
    git(fork, "push", "--quiet", "origin", "v101.0.1")  # the workflow Release makes it there

    # A repository made from our v1.3.0, whose files are those of v1.2.0, moves to the fork.
    organisation.add("tool", scaffold_version("v1.2.0"))
    organisation.change(
        "tool", lambda made: replace(made / ".copier-answers.yml", ": v1.2.0\n", ": v1.3.0\n")
    )
    run("git", "clone", "--quiet", tmp_path / "fork.git", checkout)
    theirs = Organisation(organisation.folder, checkout)
    now = "https://github.com/Fork-Org/template.git"
    result = theirs.update("--template", now, "--moved-from", URL)["tool"]
    assert (result["status"], result["new"]) == ("updated", "v101.0.1"), result["reason"]
    assert f"\n_src_path: {now}\n" in theirs.show("tool", f"{BRANCH}:.copier-answers.yml")
