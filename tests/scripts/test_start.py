"""start, run for real: both programs of a system print their version, or nothing is published."""

import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from tests.support.commands import command
from tests.support.quick import program
from tools.projects import ROOT


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the script and what extracts."""
    for name in (".github/scripts/start", "scripts/freezer/archive.py"):
        [source] = [
            *(ROOT / "template").glob(name),
            *(ROOT / "template").glob(f"*only_app*/{name}"),
        ]
        (tmp_path / name).parent.mkdir(parents=True)
        shutil.copy(source, tmp_path / name)
    return tmp_path


def start(
    project: Path, one_file: str, folder: str | bytes, version: str = ""
) -> subprocess.CompletedProcess[str]:
    """Start the programs of linux-amd64, of which each prints a line."""
    dist = project / "dist"
    dist.mkdir()
    content = folder if isinstance(folder, bytes) else program(folder)
    (project / "inside").write_bytes(content)
    (dist / "my-tool-linux-amd64").write_bytes(program(one_file))
    with tarfile.open(dist / "my-tool-linux-amd64.tar.gz", "w:gz") as archive:
        archive.add(project / "inside", "my-tool/my-tool")
    return command(
        *("bash", ".github/scripts/start", "dist", "my-tool", "linux-amd64"),
        cwd=project,
        RUNNER_TEMP=str(project),
        VERSION=version,
    )


def test_a_version_that_is_printed_as_an_error_counts(project: Path) -> None:
    result = start(project, "1.2.3", b"#!/bin/sh\necho 1.2.3 >&2\n", "1.2.3")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.parametrize("version", ["", "1.2.3"])
def test_programs_that_print_their_version_pass_without_their_words_in_the_log(
    project: Path, version: str
) -> None:
    result = start(project, "::warning::my-tool 1.2.3", "my-tool 1.2.3", version)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("one_file", "folder", "named"),
    [
        ("1.2.2", "1.2.3", "my-tool-linux-amd64"),
        ("1.2.3", "1.2.2", "my-tool"),
        ("1.2.3", b"#!/bin/sh\necho 1.2.3\nexit 3\n", "my-tool"),
    ],
)
def test_a_program_that_prints_another_version_or_fails_is_named(
    project: Path, one_file: str, folder: str | bytes, named: str
) -> None:
    result = start(project, one_file, folder, "1.2.3")
    assert result.returncode == 1
    assert result.stderr.startswith(f"::error::{named} --version does not print 1.2.3")
