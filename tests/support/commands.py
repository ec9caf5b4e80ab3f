"""Commands that a test runs."""

import subprocess
from pathlib import Path
from typing import Any

import pytest


def run(*command: str | Path, cwd: Path | None = None, **options: Any) -> str:
    """Run a command and return what it prints; its failure fails the test with both outputs."""
    done: subprocess.CompletedProcess[str] = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, **options
    )
    if done.returncode:
        pytest.fail(f"{command} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout
