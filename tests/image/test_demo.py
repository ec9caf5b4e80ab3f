"""The README's first command, with an engine and without."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest

from tests.support.commands import run
from tools.demo import docker_answers
from tools.projects import ROOT


def demo(*arguments: str, **environment: str) -> str:
    """Run the demo and return what it prints; its failure fails the test."""
    result = subprocess.run(
        [sys.executable, "-m", "tools.demo", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def summary(output: str) -> dict[str, str]:
    """The lines under `It runs.`, by their first word."""
    return dict(re.findall(r"(?m)^  (where|size|start-up) +(.+)$", output.split("It runs.")[1]))


def words(output: str) -> list[list[str]]:
    """The words of each line that is not empty, without the figures, which change from run to run."""
    lines = [re.sub(r"[\d.]+\s(MB|ms)", r"0 \1", line).split() for line in output.splitlines()]
    return [line for line in lines if line]


def docker_that(script: str, folder: Path) -> str:
    """A PATH on which `docker` is a shell script."""
    (folder / "docker").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "docker").chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def test_with_an_engine_it_builds_and_runs_the_image(docker: Callable[..., str]) -> None:
    versions = os.environ.get("VERSIONS")
    output = demo(*([versions] if versions else []))
    assert "Hello, from the demo!" in output.splitlines()
    figures = summary(output)
    assert figures["where"] == "build/demo"
    assert float(figures["size"].split()[0]) < 40
    assert figures["start-up"].endswith("ms with docker run")
    drawn = re.findall(r"<text[^>]*line-[^>]*>([^<]*)</text>", (ROOT / "docs/demo.svg").read_text())
    assert words("\n".join(map(unescape, drawn))) == words(f"$ make demo\n{output}"), (
        "docs/demo.svg shows something else: run `make picture`"
    )


def test_a_command_that_fails_is_no_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", docker_that("exit 1", tmp_path))
    assert not docker_answers()


def test_with_an_engine_that_reaches_no_registry_it_freezes_right_here_and_says_why(
    tmp_path: Path,
) -> None:
    """What the engine says here is what BuildKit 0.25 and Docker 28 said without a network."""
    reason = (
        "python:3.14.6-slim-trixie: failed to resolve source metadata for docker.io/library/python"
        ":3.14.6-slim-trixie: failed to do request: Head https://registry-1.docker.io/v2/library/"
        "python/manifests/3.14.6-slim-trixie: dial tcp: lookup registry-1.docker.io: no such host"
    )
    engine = f"""
case "$1 $2" in
  info*|"buildx version") exit 0 ;;
  *) echo "ERROR: failed to build: failed to solve: {reason}" >&2; exit 1 ;;
esac"""
    output = demo(PATH=docker_that(engine, tmp_path))
    assert "Docker answers, but cannot fetch the base images:" in output.splitlines()
    assert reason in output
    assert "Hello, from the demo!" in output.splitlines()
    assert summary(output)["size"].endswith("MB (one file)")
    # What the owner of an app gets on a system without containers, such as macOS.
    dist = ROOT / "build/demo/dist"
    [glibc] = dist.glob("glibc-*.txt")
    name = f"demo-{glibc.stem.removeprefix('glibc-')}"
    ends = ("", ".tar.gz", ".licenses.txt", ".cdx.json")
    assert {file.name for file in dist.iterdir()} == {*(name + end for end in ends), glibc.name}
    assert f"The programs need glibc {glibc.read_text().strip()} or newer." in output
    assert run(dist / name, "--version") == "demo 0.1.0\n"
    notes = (ROOT / "build/demo/.freezer/work/build/demo/EXE-00.toc").read_text()
    assert "pyi_rth_inspect" not in notes  # the spec leaves it out of the folder, too


def test_a_file_of_versions_that_is_not_there_is_named() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "tools.demo", "no-such-file"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert result.stderr.startswith("no-such-file: No such file or directory.")
