"""The glibc that a frozen program needs: that of the library in it that asks for the newest."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path


def floor(programs: Sequence[Path], dist: Path) -> str:
    """The oldest version of glibc that some programs start with."""
    return oldest(part for program in programs for part in parts(program, dist))


def parts(program: Path, dist: Path) -> Iterator[bytes]:
    """The files of a program: those of its folder, or those packed in the one file."""
    if program.parent != dist:
        yield from (path.read_bytes() for path in program.parent.rglob("*") if path.is_file())
    else:
        from PyInstaller.archive.readers import CArchiveReader  # not there in unit tests

        yield program.read_bytes()
        archive = CArchiveReader(str(program))
        yield from (archive.extract(name) for name in archive.toc)


def oldest(parts: Iterable[bytes]) -> str:
    """The oldest version of glibc that has all that some ELF files ask for.

    Each asks by the names of the versions of its symbols, such as GLIBC_2.34.
    """
    found = {0}
    for part in parts:
        if part.startswith(b"\x7fELF"):
            found |= {int(minor) for minor in re.findall(rb"\0GLIBC_2\.(\d+)", part)}
    return f"2.{max(found)}"
