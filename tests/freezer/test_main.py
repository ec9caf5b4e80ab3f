import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.support.rendering import Render
from tools.projects import KINDS

Freezer = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def freezer(render: Render) -> Freezer:
    """Run the freezer of a builder."""
    folder = render(**KINDS["builder"]) / "scripts"

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "freezer", *arguments]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)

    return run


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_names_every_variable_and_option(freezer: Freezer, option: str) -> None:
    done = freezer(option)
    assert done.returncode == 0
    for name in ("SPECFILE", "REQUIREMENTS", "APT_PACKAGES", "UPX_PACK", "--no-verify"):
        assert f"  {name}" in done.stdout


def test_a_plain_command_runs(freezer: Freezer) -> None:
    done = freezer("sh", "-c", "echo hello; exit 3")
    assert (done.stdout, done.returncode) == ("hello\n", 3)


def test_an_unknown_command_is_refused(freezer: Freezer) -> None:
    done = freezer("no-such-command")
    assert done.returncode == 1
    assert "no-such-command" in done.stderr
