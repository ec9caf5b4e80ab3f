"""gather, run for real: what a release offers, and what of a build's files it does not believe."""

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

from tools.projects import ROOT

SCRIPT = ROOT / "template/.github/scripts/gather"
SYSTEMS = ("linux-amd64", "linux-arm64", "windows-amd64", "macos-arm64")


def names(system: str) -> list[str]:
    """The files that a release offers for a system."""
    program = f"my-tool-{system}"
    both = [f"{program}.cdx.json", f"{program}.licenses.txt"]
    if system.startswith("windows"):
        return [f"{program}.exe", f"{program}.zip", *both]
    return [program, f"{program}.tar.gz", *both]


def hand_over(folder: Path, system: str, glibc: str = "2.36") -> Path:
    """Write what a build hands over."""
    target = folder / "programs" / system
    target.mkdir(parents=True)
    for name in names(system):
        (target / name).write_text(name)
    if system.startswith("linux"):
        (target / f"glibc-{system}.txt").write_text(f"{glibc}\n")
    return target


def gather(folder: Path, *systems: str) -> subprocess.CompletedProcess[str]:
    """Run the script."""
    command: list[str | Path] = [SCRIPT, folder, "my-tool", *systems]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)


def test_the_files_of_all_systems_are_gathered_with_their_checksums(tmp_path: Path) -> None:
    for system in SYSTEMS:
        hand_over(tmp_path, system)
    done = gather(tmp_path, *SYSTEMS)
    assert done.returncode == 0, done.stderr
    release = tmp_path / "release"
    wanted = {name for system in SYSTEMS for name in names(system)}
    assert {file.name for file in release.iterdir()} == {*wanted, "SHA256SUMS"}
    assert set((release / "SHA256SUMS").read_text().splitlines()) == {
        f"{hashlib.sha256((release / name).read_bytes()).hexdigest()}  {name}" for name in wanted
    }


def test_the_notes_name_the_newest_glibc(tmp_path: Path) -> None:
    hand_over(tmp_path, "linux-amd64", "2.9")
    hand_over(tmp_path, "linux-arm64", "2.36")
    assert gather(tmp_path, "linux-amd64", "linux-arm64").returncode == 0
    notes = (tmp_path / "notes.md").read_text()
    assert notes == "The programs for Linux need glibc 2.36 or newer.\n"


def test_without_linux_the_notes_are_empty(tmp_path: Path) -> None:
    hand_over(tmp_path, "windows-arm64")
    assert gather(tmp_path, "windows-arm64").returncode == 0
    assert (tmp_path / "notes.md").read_text() == ""


def test_a_file_that_was_not_asked_for_is_not_released(tmp_path: Path) -> None:
    target = hand_over(tmp_path, "linux-amd64")
    (target / "my-tool-windows-amd64.exe").write_text("evil")
    (target / "SHA256SUMS").write_text("evil")
    assert gather(tmp_path, "linux-amd64").returncode == 0
    files = {file.name for file in (tmp_path / "release").iterdir()}
    assert files == {*names("linux-amd64"), "SHA256SUMS"}


@pytest.mark.parametrize("name", names("windows-amd64"))
def test_a_system_without_one_of_its_files_blocks_the_release(tmp_path: Path, name: str) -> None:
    hand_over(tmp_path, "linux-amd64")
    (hand_over(tmp_path, "windows-amd64") / name).unlink()
    done = gather(tmp_path, "linux-amd64", "windows-amd64")
    assert done.returncode == 1
    assert f"::error::The build for windows-amd64 handed over no {name}" in done.stderr


@pytest.mark.parametrize("name", [*names("linux-amd64"), "glibc-linux-amd64.txt"])
@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_neither_a_link_nor_a_pipe_is_read(tmp_path: Path, name: str, kind: str) -> None:
    decoy = tmp_path / "decoy"
    decoy.write_text("2.36\n")
    file = hand_over(tmp_path, "linux-amd64") / name
    file.unlink()
    if kind == "link":
        file.symlink_to(decoy)
    else:
        os.mkfifo(file)
    done = gather(tmp_path, "linux-amd64")
    assert done.returncode == 1
    assert f"handed over no {name}" in done.stderr
    assert not (tmp_path / "notes.md").exists()


@pytest.mark.parametrize("text", ["", "2.36\n[evil](https://example.org)\n", "$(reboot)", "2.x"])
def test_a_glibc_that_is_no_version_is_refused(tmp_path: Path, text: str) -> None:
    hand_over(tmp_path, "linux-amd64", text)
    done = gather(tmp_path, "linux-amd64")
    assert done.returncode == 1
    assert "holds no version" in done.stderr
