import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


def freezer(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "freezer", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_names_every_variable_and_option(option: str) -> None:
    done = freezer(option)
    assert done.returncode == 0
    for name in ("SPECFILE", "REQUIREMENTS", "APT_PACKAGES", "UPX_PACK", "--no-verify"):
        assert f"  {name}" in done.stdout


def test_a_plain_command_runs() -> None:
    done = freezer("sh", "-c", "echo hello; exit 3")
    assert (done.stdout, done.returncode) == ("hello\n", 3)


def test_an_unknown_command_is_refused() -> None:
    done = freezer("no-such-command")
    assert done.returncode == 1
    assert "no-such-command" in done.stderr
