"""Commands that a test runs, and scripts that it imports."""

import importlib.util
import os
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


def run(*command: str | Path, cwd: Path | None = None, **options: Any) -> str:
    """Run a command and return what it prints; its failure fails the test with both outputs."""
    result: subprocess.CompletedProcess[str] = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, **options
    )
    if result.returncode:
        pytest.fail(f"{command} exited with {result.returncode}\n{result.stdout}\n{result.stderr}")
    return result.stdout


def command(
    *arguments: str | Path, cwd: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a command as a user who has Copier on the path, without a terminal; it may fail."""
    identity = {
        f"GIT_{role}_{key}": value
        for role in ("AUTHOR", "COMMITTER")
        for key, value in (("NAME", "Ada"), ("EMAIL", "ada@example.org"))
    }
    return subprocess.run(
        arguments,
        cwd=cwd,
        env={**os.environ, **identity, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def load(script: Path) -> ModuleType:
    """Import a script of the template by its path, where running it as a command would take too long."""
    spec = importlib.util.spec_from_file_location(script.stem.replace("-", "_"), script)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
