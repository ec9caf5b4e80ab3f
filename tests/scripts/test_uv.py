"""The script uv, run for real: pip downloads uv, and refuses one that is not in scripts/freezer/uv.txt."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.commands import command
from tools.projects import ROOT


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the script and what it reads, on a runner."""
    for name in (".github/scripts/uv", "scripts/freezer/uv.txt"):
        (tmp_path / name).parent.mkdir(parents=True)
        shutil.copy(ROOT / "template" / name, tmp_path / name)
    return tmp_path


def install(project: Path) -> subprocess.CompletedProcess[str]:
    """Run the script, as a step of a job."""
    runner = {"RUNNER_TEMP": str(project / "temp"), "GITHUB_PATH": str(project / "path")}
    return command("bash", ".github/scripts/uv", cwd=project, **runner)


def test_the_next_steps_have_the_uv_of_uv_txt(project: Path) -> None:
    result = install(project)
    assert result.returncode == 0, result.stderr
    [version] = re.findall(r"(?m)^uv==(\S+)", (project / "scripts/freezer/uv.txt").read_text())
    [folder] = (project / "path").read_text().splitlines()
    assert command(Path(folder, "uv"), "--version", cwd=project).stdout.split()[1] == version


def test_an_uv_with_another_checksum_is_refused(project: Path) -> None:
    file = project / "scripts/freezer/uv.txt"
    file.write_text(re.sub("sha256:[0-9a-f]+", f"sha256:{'0' * 64}", file.read_text()))
    result = install(project)
    assert result.returncode != 0
    assert "DO NOT MATCH THE HASHES" in result.stderr
    assert not (project / "path").exists()
