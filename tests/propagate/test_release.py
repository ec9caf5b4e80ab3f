"""Which versions of the template may be released, asked of clones with a changelog each."""

import subprocess
import sys
from pathlib import Path

import pytest

from conftest import commit, git, run

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
    done = subprocess.run(
        [sys.executable, clone / "scripts/release.py", version],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout or done.stderr


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
            "its first version is 1.2.0: begin the entry with ## [1.3.0] - DATE",
        ),
        (
            f"## [1.4.0] - 2026-12-02\n\n- More.\n\n{ENTRY}",
            "its first version is 1.4.0: begin the entry with ## [1.3.0] - DATE",
        ),
        (
            ENTRY.replace(" - 2026-12-01", ""),
            "## [1.3.0] needs a date, such as ## [1.3.0] - 2026-11-24",
        ),
        (
            ENTRY.replace("2026-12-01", "December"),
            "## [1.3.0] needs a date, such as ## [1.3.0] - 2026-11-24",
        ),
        ("## [1.3.0] - 2026-12-01\n\n### Added\n", "## [1.3.0] says nothing"),
        (
            f"## [Unreleased]\n\n- A thing.\n\n{ENTRY}",
            "what waits under [Unreleased] belongs to ## [1.3.0]",
        ),
    ],
)
def test_a_version_without_its_own_entry_is_refused(clone: Path, text: str, said: str) -> None:
    write(clone, text)
    assert check(clone) == (1, f"release: CHANGELOG.md: {said}\n")
