"""The README's first command, with an engine and without."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.projects import ROOT


def demo(*arguments: str, **environment: str) -> str:
    """Run the demo and return what it prints; its failure fails the test."""
    done = subprocess.run(
        [sys.executable, "-m", "tools.demo", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def summary(output: str) -> dict[str, str]:
    """The lines under `It runs.`, by their first word."""
    return dict(re.findall(r"(?m)^  (where|size|start-up) +(.+)$", output.split("It runs.")[1]))


def test_with_an_engine_it_builds_and_runs_the_image(docker: Callable[..., str]) -> None:
    versions = os.environ.get("VERSIONS")
    output = demo(*([versions] if versions else []))
    assert "Hello, from the demo!" in output.splitlines()
    said = summary(output)
    assert said["where"] == "build/demo"
    assert float(said["size"].split()[0]) < 40
    assert said["start-up"].endswith("ms with docker run")


def test_without_an_engine_it_freezes_right_here(tmp_path: Path) -> None:
    if sys.version_info >= (3, 15):
        pytest.skip("the default versions freeze with Python up to 3.14")
    (tmp_path / "docker").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "docker").chmod(0o755)
    output = demo(PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert "No Docker engine answers, so PyInstaller freezes it right here." in output
    assert "Hello, from the demo!" in output.splitlines()
    assert summary(output)["size"].endswith("MB (folder)")


def test_a_file_of_versions_that_is_not_there_is_named() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.demo", "no-such-file"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("no-such-file: No such file or directory.")
