#!/usr/bin/env python3
"""Create an archive of a folder, and extract an archive into a new folder.

  scripts/freezer/archive.py create FOLDER ARCHIVE
  scripts/freezer/archive.py extract ARCHIVE FOLDER

The name says which archive it is: .zip, or .tar.gz. The same files give the same bytes.
"""

import gzip
import itertools
import lzma
import stat
import sys
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

FILES_LIMIT = 50_000
SIZE_LIMIT = 8 * 2**30

# What Python says of bytes that are not an archive.
DAMAGED = (
    *(tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError),
    *(EOFError, LookupError, RuntimeError, ValueError),
)


class Refused(Exception):
    """An archive that is not as `create` writes it, or a folder that cannot be archived."""


def files(folder: Path) -> list[Path]:
    """List the files and links in a folder."""
    return sorted(path for path in folder.rglob("*") if path.is_symlink() or path.is_file())


def create(folder: Path, archive: Path) -> None:
    """Create an archive of a folder, under its own name."""
    paths = files(folder)
    if not paths:
        raise Refused(f"there are no files in {folder}")
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
            for path in paths:
                member = zipfile.ZipInfo(path.relative_to(folder.parent).as_posix())
                member.external_attr = (stat.S_IFREG | stat.S_IMODE(path.stat().st_mode)) << 16
                file.writestr(member, path.read_bytes(), zipfile.ZIP_DEFLATED)
        return

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = member.mtime = 0
        member.uname = member.gname = ""
        if member.islnk():  # two names of one file, which are two files elsewhere
            member.type, member.size, member.linkname = tarfile.REGTYPE, path.stat().st_size, ""
        return member

    with (
        archive.open("wb") as raw,
        gzip.GzipFile("", "wb", 6, fileobj=raw, mtime=0) as compressed,  # 9 takes four times as long for 0.5 %
        tarfile.open(fileobj=compressed, mode="w") as file,
    ):
        for path in paths:
            file.add(path, path.relative_to(folder.parent).as_posix(), filter=plain)


def limited(members: Iterable[tuple[str, int]]) -> list[str]:
    """Return the names of members, whose sizes and number have a limit."""
    names, total = [], 0
    for name, size in members:
        names.append(name)
        total += size
        if size < 0 or total > SIZE_LIMIT or len(names) > FILES_LIMIT:
            raise Refused(f"it has more than {FILES_LIMIT} files or {SIZE_LIMIT} bytes")
    return names


class Compressed(gzip.GzipFile):
    """A compressed archive, of which no header is read that is larger than any name needs."""

    def read(self, size: int | None = -1) -> bytes:
        """Read some bytes; tarfile reads files in pieces of this size, and headers whole."""
        if size is None or not 0 <= size <= 2**14:
            raise Refused("it has a header that is too large")
        return super().read(size)


def check_links(members: list[tarfile.TarInfo]) -> None:
    """Refuse what not every Python keeps inside the folder: CVE-2025-4517 and its kind."""

    def same(name: PurePosixPath) -> str:
        return unicodedata.normalize("NFC", str(name).casefold())  # as macOS compares names

    links = {same(PurePosixPath(member.name)) for member in members if member.issym()}
    for member in members:
        parents = map(same, PurePosixPath(member.name).parents)
        if member.islnk() or not links.isdisjoint(parents):
            raise Refused(f"it has a hard link, or a file below a link: {member.name!a:.200}")
        # What is before `..` may be a link, which leads elsewhere.
        target = PurePosixPath(member.linkname).parts
        if ".." in itertools.dropwhile("..".__eq__, target):
            raise Refused(f"it has a link with .. inside its target: {member.name!a:.200}")


def extract(archive: Path, folder: Path) -> None:
    """Extract an archive into a folder that does not exist yet.

    Nothing in it is trusted. What the folder then holds is what the archive lists.
    https://docs.python.org/3/library/tarfile.html#tarfile.data_filter
    """
    if folder.exists():
        raise Refused(f"the folder {folder} already exists")
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as file:
            names = limited((member.filename, member.file_size) for member in file.infolist())
            # Windows would write a file of another name. It leaves out `..` by itself.
            if any(set(name) & set('\\:*?"<>|') for name in names):
                raise Refused("it has a name with a drive, or one that Windows does not allow")
            for member in file.infolist():
                file.extract(member, folder)
    else:
        with Compressed(archive) as compressed, tarfile.open(fileobj=compressed) as tar:
            limited((member.name, member.size) for member in tar)
            members = tar.getmembers()
            names = [member.name for member in members]
            check_links(members)
            tar.extractall(folder, filter="data")
    if sorted(names) != sorted(path.relative_to(folder).as_posix() for path in files(folder)):
        raise Refused("a name in it points outside the folder, occurs twice, or is not that of a file")


if __name__ == "__main__":
    actions = {"create": create, "extract": extract}
    if len(sys.argv) != 4 or sys.argv[1] not in actions:
        sys.exit(__doc__)
    try:
        actions[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
    except (Refused, OSError) as error:
        sys.exit(f"scripts/freezer/archive.py: {sys.argv[2]} is refused: {error}")
    except DAMAGED as error:
        sys.exit(f"scripts/freezer/archive.py: {sys.argv[2]} is damaged: {error!a:.200}")
