"""version.py, run for real: whether a Git tag names the version of pyproject.toml."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.commands import command
from tools.projects import ROOT

SCRIPT = ROOT / "template/.github/scripts/version.py"


def compare(folder: Path, tag: str, project: str) -> subprocess.CompletedProcess[str]:
    """Run the script in a project; `project` is a line of its pyproject.toml."""
    scripts = folder / ".github/scripts"
    scripts.mkdir(parents=True)
    shutil.copy(SCRIPT, scripts)
    (folder / "pyproject.toml").write_text(f'[project]\nname = "my-tool"\n{project}\n')
    return command(sys.executable, scripts / "version.py", tag, cwd=folder)


@pytest.mark.parametrize(
    ("tag", "version", "printed"),
    [
        ("v1.2.3", "1.2.3", "1.2.3"),
        ("1.2.3", "1.2.3", "1.2.3"),
        ("v1.0", "1.0.0", "1.0.0"),
        ("v1.2.3-next.1", "1.2.3-next.1", "1.2.3-next.1"),
        ("v1.0.0.post1", "1.0.post1", "1.0.post1"),
        ("v1.0.0-rc.1", "1.0rc1", "1.0rc1"),
        ("v1.2.3-alpha1", "1.2.3a1", "1.2.3a1"),
        ("v1.10", "1.10.0", "1.10.0"),
    ],
)
def test_a_tag_is_the_same_version_however_it_is_written(
    tmp_path: Path, tag: str, version: str, printed: str
) -> None:
    result = compare(tmp_path, tag, f'version = "{version}"')
    assert (result.returncode, result.stdout) == (0, f"version={printed}\n"), result.stderr


@pytest.mark.parametrize(
    ("tag", "version"),
    [("v1.2.3", "1.2.4"), ("v1.1", "1.10"), ("v1.0.1", "1.0.0.1"), ("v2.0.0-next.1", "2.0.0")],
)
def test_another_version_is_refused_with_the_commands_that_mend_it(
    tmp_path: Path, tag: str, version: str
) -> None:
    result = compare(tmp_path, tag, f'version = "{version}"')
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("::error file=pyproject.toml,line=3::")
    delete = f"git push --delete origin {tag} && git tag --delete {tag}"
    assert f"%0A  {delete}%0A  uv version " in result.stderr


def test_a_version_that_the_build_takes_from_git_is_the_tags(tmp_path: Path) -> None:
    result = compare(tmp_path, "v1.2.3-rc.1", 'dynamic = ["readme", "version"]')
    assert (result.returncode, result.stdout) == (0, "version=1.2.3rc1\n"), result.stderr
