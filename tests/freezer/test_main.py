"""The command line of the builders, as the entry point of their images starts it."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.files import write
from tests.support.rendering import Render
from tools.projects import KINDS

Freezer = Callable[..., subprocess.CompletedProcess[str]]
HELLO = ("sh", "-c", "echo hello; exit 3")


@pytest.fixture(params=["linux-builder", "windows-builder"])
def freezer(request: pytest.FixtureRequest, render: Render, tmp_path: Path) -> Freezer:
    """Run what the Dockerfile says in a folder, without the options of Python that are left out."""
    project, opt, source = render(**KINDS[request.param]), tmp_path / "freezer", tmp_path / "src"
    source.mkdir()
    opt.mkdir()
    (opt / "freezer").symlink_to(project / "scripts/freezer")
    (opt / "__main__.py").symlink_to(project / "scripts/freezer/__main__.py")
    match = re.search(r"^ENTRYPOINT (.*)$", (project / "Dockerfile").read_text(), re.MULTILINE)
    assert match
    python, *options, folder = json.loads(match[1])
    assert (python, folder) == ("python3", "/opt/freezer")

    def run(*arguments: str, leave_out: str = "") -> subprocess.CompletedProcess[str]:
        kept = [option for option in options if option != leave_out]
        return subprocess.run(
            [sys.executable, *kept, opt, *arguments],
            cwd=source,
            env={**os.environ, "PYTHONPATH": str(source)},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_no_module_of_the_folder_runs_as_root_whatever_the_environment_says(
    freezer: Freezer, tmp_path: Path
) -> None:
    source, ran = tmp_path / "src", tmp_path / "ran"
    names = ("sitecustomize", "usercustomize", "argparse", "freezer/__init__", "target")
    write(source, {f"{name}.py": f"open({str(ran)!r}, 'w')\n" for name in names})
    assert freezer(*HELLO).returncode == 3
    assert not ran.exists()
    freezer(*HELLO, leave_out="-I")
    assert ran.exists()


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_names_every_variable_and_option(freezer: Freezer, option: str) -> None:
    result = freezer(option)
    assert result.returncode == 0
    for name in ("SPECFILE", "REQUIREMENTS", "APT_PACKAGES", "UPX_PACK", "--no-verify"):
        assert f"  {name}" in result.stdout


def test_a_plain_command_runs(freezer: Freezer) -> None:
    result = freezer(*HELLO)
    assert (result.stdout, result.returncode) == ("hello\n", 3)


def test_an_unknown_command_is_refused(freezer: Freezer) -> None:
    result = freezer("no-such-command")
    assert result.returncode == 1
    assert "no-such-command" in result.stderr
