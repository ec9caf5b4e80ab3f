"""What the command says before it begins."""

import subprocess
import sys
from pathlib import Path

from tests.support.commands import run


def refuse(template: Path, *arguments: str) -> str:
    """Run the script, which must refuse, and return what it says."""
    done = subprocess.run(
        [sys.executable, "-m", "scripts.propagate", *arguments],
        cwd=template,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr


def test_a_version_without_a_tag_is_named(releases: Path) -> None:
    said = refuse(releases, "update", "--to", "v9.9.9", "somewhere")
    expected = "v9.9.9: no such tag in this clone, which has v1.0.0, v1.1.0, v1.2.0\n"
    assert said == f"propagate: {expected}"


def test_a_shallow_clone_of_the_template_is_told_how_to_mend_it(
    releases: Path, tmp_path: Path
) -> None:
    run("git", "clone", "--quiet", "--depth", "1", releases.as_uri(), tmp_path / "shallow")
    said = refuse(tmp_path / "shallow", "update", "somewhere")
    assert said == "propagate: this clone lacks older versions: git fetch --unshallow --tags\n"
