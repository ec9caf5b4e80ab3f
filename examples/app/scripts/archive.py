#!/usr/bin/env python3
"""Pack a folder into an archive, and unpack an archive into a new folder.

  scripts/archive.py pack FOLDER ARCHIVE
  scripts/archive.py unpack ARCHIVE FOLDER

The name says which archive it is: .zip, or .tar.gz. The same files give the same bytes.
"""

import gzip
import shutil
import stat
import sys
import tarfile
import zipfile
from pathlib import Path


def pack(folder: Path, archive: Path) -> None:
    """Pack a folder, under its own name."""
    paths = sorted(path for path in folder.rglob("*") if path.is_symlink() or path.is_file())
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
        return member

    with (
        archive.open("wb") as raw,
        gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as file,
    ):
        for path in paths:
            file.add(path, path.relative_to(folder.parent).as_posix(), filter=plain)


def unpack(archive: Path, folder: Path) -> None:
    """Unpack an archive into a folder that is not there yet.

    Nothing in it is trusted: a name or a link that leads out of the folder ends it with an error.
    https://docs.python.org/3/library/tarfile.html#tarfile.data_filter
    """
    folder.mkdir(parents=True)
    if archive.suffix == ".zip":
        shutil.unpack_archive(archive, folder, "zip")
        return
    with tarfile.open(archive) as file:
        file.extractall(folder, filter="data")


if __name__ == "__main__":
    actions = {"pack": pack, "unpack": unpack}
    if len(sys.argv) != 4 or sys.argv[1] not in actions:
        sys.exit(__doc__)
    actions[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
