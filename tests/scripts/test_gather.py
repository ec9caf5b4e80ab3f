"""gather, run for real: what a release offers, and what of a build's files it does not believe."""

import hashlib
import os
import tarfile
from pathlib import Path

import pytest

from tests.support.downloads import downloads, gather, lists, provide

SYSTEMS = ("linux-amd64", "linux-arm64", "windows-amd64", "darwin-arm64")


def test_the_files_of_all_systems_are_gathered_with_their_checksums(tmp_path: Path) -> None:
    for system in SYSTEMS:
        provide(tmp_path, system)
    result = gather(tmp_path, *SYSTEMS)
    assert result.returncode == 0, result.stderr
    release = tmp_path / "release"
    wanted = {*(name for system in SYSTEMS for name in downloads(system)), "my-tool-sbom.tar.gz"}
    assert {file.name for file in release.iterdir()} == {*wanted, "SHA256SUMS"}
    assert set((release / "SHA256SUMS").read_text().splitlines()) == {
        f"{hashlib.sha256((release / name).read_bytes()).hexdigest()}  {name}" for name in wanted
    }
    with tarfile.open(release / "my-tool-sbom.tar.gz") as archive:
        said = {f"my-tool-sbom/{name}" for system in SYSTEMS for name in lists(system)}
        assert set(archive.getnames()) == said


def test_a_second_run_gathers_the_same_bytes(tmp_path: Path) -> None:
    """So that a release that was half made can be completed."""
    found = []
    for folder in (tmp_path / "1", tmp_path / "2"):
        provide(folder, "linux-amd64")
        assert gather(folder, "linux-amd64").returncode == 0
        found.append((folder / "release/SHA256SUMS").read_text())
    assert found[0] == found[1]


def test_the_notes_name_the_newest_glibc(tmp_path: Path) -> None:
    provide(tmp_path, "linux-amd64", "2.9")
    provide(tmp_path, "linux-arm64", "2.36")
    assert gather(tmp_path, "linux-amd64", "linux-arm64").returncode == 0
    notes = (tmp_path / "notes.md").read_text()
    assert notes == "The programs for Linux need glibc 2.36 or newer.\n"


def test_without_linux_the_notes_are_empty(tmp_path: Path) -> None:
    provide(tmp_path, "windows-arm64")
    assert gather(tmp_path, "windows-arm64").returncode == 0
    assert (tmp_path / "notes.md").read_text() == ""


def test_a_file_that_was_not_asked_for_is_not_released(tmp_path: Path) -> None:
    target = provide(tmp_path, "linux-amd64")
    (target / "my-tool-windows-amd64.exe").write_text("evil")
    (target / "SHA256SUMS").write_text("evil")
    assert gather(tmp_path, "linux-amd64").returncode == 0
    files = {file.name for file in (tmp_path / "release").iterdir()}
    assert files == {*downloads("linux-amd64"), "my-tool-sbom.tar.gz", "SHA256SUMS"}


@pytest.mark.parametrize("name", [*downloads("windows-amd64"), *lists("windows-amd64")])
def test_a_system_without_one_of_its_files_blocks_the_release(tmp_path: Path, name: str) -> None:
    provide(tmp_path, "linux-amd64")
    (provide(tmp_path, "windows-amd64") / name).unlink()
    result = gather(tmp_path, "linux-amd64", "windows-amd64")
    assert result.returncode == 1
    assert f"::error::The build for windows-amd64 did not provide {name}" in result.stderr


@pytest.mark.parametrize("name", [*downloads("linux-amd64"), *lists("linux-amd64")])
@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_neither_a_link_nor_a_pipe_is_read(tmp_path: Path, name: str, kind: str) -> None:
    decoy = tmp_path / "decoy"
    decoy.write_text("2.36\n")
    file = provide(tmp_path, "linux-amd64") / name
    file.unlink()
    if kind == "link":
        file.symlink_to(decoy)
    else:
        os.mkfifo(file)
    result = gather(tmp_path, "linux-amd64")
    assert result.returncode == 1
    assert f"did not provide {name}" in result.stderr
    assert not (tmp_path / "notes.md").exists()


@pytest.mark.parametrize("text", ["", "2.36\n[evil](https://example.org)\n", "$(reboot)", "2.x"])
def test_a_glibc_that_is_not_a_version_is_refused(tmp_path: Path, text: str) -> None:
    provide(tmp_path, "linux-amd64", text)
    result = gather(tmp_path, "linux-amd64")
    assert result.returncode == 1
    assert "without a version" in result.stderr
