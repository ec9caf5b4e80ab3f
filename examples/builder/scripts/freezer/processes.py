"""Run a command, or end with a message."""

# Running commands is what it is for.
# ruff: noqa: S603

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn


def fail(message: str) -> NoReturn:
    """End with a message and the exit code 1."""
    sys.exit(f"error: {message}")


def succeeds(*command: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> bool:
    """Run a command, and say whether it succeeded."""
    return subprocess.run(command, cwd=cwd, env=env, check=False).returncode == 0


def run(name: str, *command: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> None:
    """Run a command that the user knows by a name. If it fails, end with its exit code."""
    code = subprocess.run(command, cwd=cwd, env=env, check=False).returncode
    if code:
        print(f"error: {name} exited with {code}", file=sys.stderr)
        raise SystemExit(code if code > 0 else 128 - code)
