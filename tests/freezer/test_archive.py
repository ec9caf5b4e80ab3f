"""scripts/freezer/archive.py, run for real: what it creates it extracts, and nothing gets out of the folder."""

import os
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.freezer.archives import Spoil, add, archive, inside, module


def extract(file: Path) -> tuple[str, list[str]]:
    """Extract an archive: the reason why it was refused, if it was, and the files that are there.

    Beside the new folder lies a decoy, which stays as it is.
    """
    decoy = file.parent / "decoy"
    decoy.write_text("decoy")
    new = file.parent / "new"
    result = archive("extract", file, new)
    assert decoy.read_text() == "decoy"
    assert {path.name for path in file.parent.iterdir()} <= {"decoy", "new", file.name}
    assert result.stdout == ""
    if result.returncode == 0:
        assert result.stderr == ""
    else:
        assert result.stderr.startswith(f"scripts/freezer/archive.py: {file} is ")
        assert result.stderr.removesuffix("\n").isprintable()
    return result.stderr, inside(new)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as PyInstaller makes one on macOS, where libraries have links."""
    folder = tmp_path / "my-tool"
    versions = folder / "_internal/Python.framework/Versions"
    (versions / "3.13").mkdir(parents=True)
    (folder / "my-tool").write_text("program")
    (folder / "my-tool").chmod(0o755)
    (folder / "_internal/a..b").write_text("two dots")
    (versions / "3.13/Python").write_text("library")
    (versions / "Current").symlink_to("3.13")
    (versions.parent / "Python").symlink_to("Versions/Current/Python")
    (folder / "_internal/lib").mkdir()
    (folder / "_internal/lib/Python").symlink_to("../Python.framework/Versions/3.13/Python")
    os.link(folder / "_internal/a..b", folder / "_internal/same")
    return folder


@pytest.mark.parametrize("name", ["a.tar.gz", "a.zip"])
def test_what_is_archived_is_extracted(folder: Path, tmp_path: Path, name: str) -> None:
    if name == "a.zip":  # it is for Windows, which knows no links
        for path in [path for path in folder.rglob("*") if path.is_symlink()]:
            path.unlink()
    assert archive("create", folder, tmp_path / name).returncode == 0
    result = archive("extract", tmp_path / name, tmp_path / "new")
    assert (result.returncode, result.stderr) == (0, "")
    new = tmp_path / "new/my-tool"
    archived, extracted = (
        {
            path.relative_to(top): path.readlink() if path.is_symlink() else path.read_bytes()
            for path in top.rglob("*")
            if path.is_symlink() or path.is_file()
        }
        for top in (folder, new)
    )
    assert archived == extracted
    assert (new / "_internal/same").read_text() == "two dots"
    if name == "a.tar.gz":
        assert (new / "_internal/Python.framework/Python").read_text() == "library"
        assert (new / "my-tool").stat().st_mode & stat.S_IXUSR


@pytest.mark.parametrize("name", ["a.tar.gz", "a.zip"])
def test_the_same_files_give_the_same_bytes(folder: Path, tmp_path: Path, name: str) -> None:
    (folder / "_internal/same").unlink()
    (folder / "_internal/same").write_text("two dots")  # no longer the same file
    archive("create", folder, tmp_path / name)
    os.utime(folder / "my-tool", (1, 1))
    (folder / "_internal/same").unlink()
    os.link(folder / "_internal/a..b", folder / "_internal/same")
    archive("create", folder, tmp_path / f"again-{name}")
    assert (tmp_path / name).read_bytes() == (tmp_path / f"again-{name}").read_bytes()


@pytest.mark.parametrize("name", ["a.tar.gz", "a.zip"])
def test_a_folder_that_is_not_there_is_not_archived(tmp_path: Path, name: str) -> None:
    result = archive("create", tmp_path / "nothing", tmp_path / name)
    assert result.returncode == 1
    assert result.stderr.endswith(f"there are no files in {tmp_path / 'nothing'}\n")
    assert list(tmp_path.iterdir()) == []


def link(name: str, to: str) -> Spoil:
    """Add a symbolic link."""
    return add(name, kind=tarfile.SYMTYPE, to=to)


def huge(tar: tarfile.TarFile) -> None:
    """Add the header of a large file, and nothing of it."""
    member = tarfile.TarInfo("huge")
    member.size = 2**33 + 1
    assert tar.fileobj
    tar.fileobj.write(member.tobuf(tarfile.GNU_FORMAT))


def long_header(tar: tarfile.TarFile) -> None:
    """Add a name that is longer than any file's."""
    add("a" * 2**15)(tar)


# CVE-2025-4517: links so deep that os.path.realpath gives up, and takes what follows for inside.
def deep(tar: tarfile.TarFile) -> None:
    """Add a chain of links, and a file behind it."""
    path = ""
    for step in "abcdefghijklmnop":
        folder = "d" * 247
        add(f"{path}{folder}/x", kind=tarfile.REGTYPE)(tar)
        link(f"{path}{step}", folder)(tar)
        path += f"{step}/"
    link(f"{path}{'l' * 254}", "../" * 16)(tar)
    link("escape", f"{path}{'l' * 254}/../decoy")(tar)
    add("escape")(tar)


@pytest.mark.parametrize(
    ("spoils", "reason"),
    [
        pytest.param([add("../decoy")], "outside the destination", id="a path out of the folder"),
        pytest.param([add("/decoy")], "points outside the folder", id="an absolute path"),
        pytest.param([add("a/../decoy")], "File exists", id="a path that goes back"),
        pytest.param([add("a"), add("a")], "occurs twice", id="a file twice"),
        pytest.param([add("a", kind=tarfile.DIRTYPE)], "is not that of a file", id="a folder"),
        pytest.param([add("a", kind=tarfile.FIFOTYPE)], "special file", id="a pipe"),
        pytest.param([add("a", kind=tarfile.CHRTYPE)], "special file", id="a device"),
        pytest.param([link("a", "../decoy")], "outside the destination", id="a link out"),
        pytest.param([link("a", "/etc")], "absolute path", id="an absolute link"),
        pytest.param([link("a", "b/../../decoy")], ".. inside its target", id="a link in and out"),
        pytest.param([link("a", "b"), add("a/decoy")], "below a link", id="a file below a link"),
        pytest.param([add("A/decoy"), link("a", "b")], "below a link", id="in other letters"),
        pytest.param([link("a", "b"), link("a/c", "d")], "below a link", id="a link below a link"),
        pytest.param([add("a"), add("b", kind=tarfile.LNKTYPE, to="a")], "hard link", id="hard"),
        pytest.param([deep], "below a link", id="CVE-2025-4517"),
        pytest.param([huge], "or 8589934592 bytes", id="a large file"),
        pytest.param([long_header], "a header that is too large", id="a long name"),
    ],
)
def test_a_tar_that_leads_elsewhere_or_is_too_large_is_refused(
    tmp_path: Path, spoils: list[Spoil], reason: str
) -> None:
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as tar:
        for spoil in spoils:
            spoil(tar)
    assert reason in extract(tmp_path / "a.tar.gz")[0]


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        (["../decoy"], "points outside the folder"),
        (["/decoy"], "points outside the folder"),
        (["a/../decoy"], "points outside the folder"),
        (["C:decoy"], "a name with a drive"),
        (["C:/decoy"], "a name with a drive"),
        (["//server/share/decoy"], "points outside the folder"),
        (["..\\decoy"], "that Windows does not allow"),
        (["tool.exe:stream"], "that Windows does not allow"),
        (["a", "a"], "occurs twice"),
        (["a/"], "is not that of a file"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_zip_that_leads_elsewhere_is_refused(
    tmp_path: Path, names: list[str], reason: str
) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        for name in names:
            file.writestr(name, "evil")
    assert reason in extract(tmp_path / "a.zip")[0]


def test_a_zip_that_extracts_to_more_than_it_says_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("bomb", bytes(2**20))
    content = (tmp_path / "a.zip").read_bytes()
    size = (2**20).to_bytes(4, "little")
    assert content.count(size) == 2
    (tmp_path / "a.zip").write_bytes(content.replace(size, (2**10).to_bytes(4, "little")))
    assert "Bad CRC-32" in extract(tmp_path / "a.zip")[0]
    assert (tmp_path / "new/bomb").stat().st_size <= 2**10


def test_a_zip_that_says_it_is_huge_is_refused_before_anything_is_extracted(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as file:
        for number in range(3):
            file.writestr(f"{number}", b"x" * 1_000_001)
    content = (
        (tmp_path / "a.zip").read_bytes().replace((1_000_001).to_bytes(4, "little"), b"\xfe" * 4)
    )
    (tmp_path / "a.zip").write_bytes(content)
    assert "or 8589934592 bytes" in extract(tmp_path / "a.zip")[0]
    assert not (tmp_path / "new").exists()


def test_a_folder_that_is_there_is_not_extracted_into(folder: Path, tmp_path: Path) -> None:
    archive("create", folder, tmp_path / "a.zip")
    result = archive("extract", tmp_path / "a.zip", folder)
    assert result.returncode == 1
    assert f"the folder {folder} already exists" in result.stderr


def test_other_arguments_print_the_usage() -> None:
    result = archive("create")
    assert result.returncode == 1
    assert "scripts/freezer/archive.py create FOLDER ARCHIVE" in result.stderr


@pytest.mark.parametrize("name", ["a.tar.gz", "a.zip"])
def test_the_number_of_files_has_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / "my-tool").mkdir()
    for number in range(3):
        (tmp_path / f"my-tool/{number}").touch()
    module.create(tmp_path / "my-tool", tmp_path / name)
    monkeypatch.setattr(module, "FILES_LIMIT", 2)
    with pytest.raises(module.Refused, match="more than 2 files"):
        module.extract(tmp_path / name, tmp_path / "new")
    assert not (tmp_path / "new").exists()
