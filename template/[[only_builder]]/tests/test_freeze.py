import subprocess
import sys
from pathlib import Path

import pytest

FREEZE = Path(__file__).parent.parent / "freeze.py"


def freeze(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, FREEZE, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_names_every_variable(option: str) -> None:
    done = freeze(option)
    assert done.returncode == 0
    for variable in ("SPECFILE", "REQUIREMENTS", "APT_PACKAGES", "UPX_PACK"):
        assert f"  {variable}" in done.stdout


def test_a_plain_command_runs() -> None:
    done = freeze("sh", "-c", "echo hello; exit 3")
    assert (done.stdout, done.returncode) == ("hello\n", 3)


def test_an_unknown_command_is_refused() -> None:
    done = freeze("no-such-command")
    assert done.returncode == 1
    assert "no-such-command" in done.stderr
