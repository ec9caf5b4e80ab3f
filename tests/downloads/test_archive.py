"""scripts/archive.py, run for real: what it packs it unpacks, and it unpacks nothing elsewhere."""

import io
import os
import stat
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tools.projects import ROOT

SCRIPT = ROOT / "template/[[only_app]]/scripts/archive.py"


def archive(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the script."""
    return subprocess.run(
        [sys.executable, SCRIPT, *arguments], capture_output=True, text=True, check=False
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as PyInstaller makes one on macOS, where libraries have links."""
    folder = tmp_path / "my-tool"
    (folder / "_internal").mkdir(parents=True)
    (folder / "my-tool").write_text("program")
    (folder / "my-tool").chmod(0o755)
    (folder / "_internal/library").write_text("library")
    (folder / "link").symlink_to("_internal/library")
    return folder


@pytest.mark.parametrize("name", ["a.tar.gz", "a.zip"])
def test_what_is_packed_is_unpacked(folder: Path, tmp_path: Path, name: str) -> None:
    assert archive("pack", folder, tmp_path / name).returncode == 0
    assert archive("unpack", tmp_path / name, tmp_path / "new").returncode == 0
    new = tmp_path / "new/my-tool"
    assert {path.relative_to(new).as_posix() for path in new.rglob("*")} == {
        *("my-tool", "link", "_internal", "_internal/library"),
    }
    assert (new / "my-tool").read_text() == "program"
    if name.endswith(".tar.gz"):  # a zip is for Windows, which knows neither
        assert (new / "link").readlink() == Path("_internal/library")
        assert (new / "my-tool").stat().st_mode & stat.S_IXUSR


@pytest.mark.parametrize("name", ["a.tar.gz", "a.zip"])
def test_the_same_files_give_the_same_bytes(folder: Path, tmp_path: Path, name: str) -> None:
    archive("pack", folder, tmp_path / name)
    os.utime(folder / "my-tool", (1, 1))
    archive("pack", folder, tmp_path / f"again-{name}")
    assert (tmp_path / name).read_bytes() == (tmp_path / f"again-{name}").read_bytes()


@pytest.mark.parametrize("member", ["../evil", "/evil", "link/evil"])
def test_a_tar_that_leads_out_of_the_folder_is_refused(tmp_path: Path, member: str) -> None:
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as tar:
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, ".."
        if member.startswith("link/"):
            tar.addfile(link)
        about = tarfile.TarInfo(member)
        about.size = 4
        tar.addfile(about, io.BytesIO(b"evil"))
    done = archive("unpack", tmp_path / "a.tar.gz", tmp_path / "new")
    assert not [path for path in tmp_path.rglob("evil") if tmp_path / "new" not in path.parents]
    assert not Path("/evil").exists()
    assert done.returncode == (0 if member == "/evil" else 1)  # a leading / is taken away


def test_a_zip_that_leads_out_of_the_folder_is_kept_inside(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr("../evil", "evil")
        file.writestr("good", "good")
    archive("unpack", tmp_path / "a.zip", tmp_path / "new")
    assert not (tmp_path / "evil").exists()
    assert (tmp_path / "new/good").read_text() == "good"


def test_a_folder_that_is_there_is_not_unpacked_into(folder: Path, tmp_path: Path) -> None:
    archive("pack", folder, tmp_path / "a.zip")
    assert archive("unpack", tmp_path / "a.zip", folder).returncode == 1


def test_other_arguments_print_the_usage() -> None:
    done = archive("pack")
    assert done.returncode == 1
    assert "scripts/archive.py pack FOLDER ARCHIVE" in done.stderr
