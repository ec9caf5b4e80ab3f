"""The glibc that a frozen program needs: that of the library in it that asks for the newest."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from freezer.contents import members


def newest(folder: Path) -> tuple[str, str]:
    """The newest version of glibc that a file in a folder asks for, and the name of that file."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    needs = {file: minor(file.read_bytes()) for file in files}
    file = max(needs, key=lambda file: needs[file])
    return f"2.{needs[file]}", file.relative_to(folder).as_posix()


def floor(programs: Sequence[Path], dist: Path) -> str:
    """The oldest version of glibc that some programs start with."""
    return oldest(part for program in programs for part in parts(program, dist))


def parts(program: Path, dist: Path) -> Iterator[bytes]:
    """The files of a program: those of its folder, or those packed in the one file."""
    if program.parent != dist:
        yield from (path.read_bytes() for path in program.parent.rglob("*") if path.is_file())
    else:
        content = program.read_bytes()
        yield content
        yield from (file for _, file in members(content))


def oldest(parts: Iterable[bytes]) -> str:
    """The oldest version of glibc that has all that some ELF files ask for."""
    return f"2.{max(map(minor, parts), default=0)}"


def minor(content: bytes) -> int:
    """The 34 of GLIBC_2.34, the newest of the versions that an ELF file asks for by symbols."""
    if not content.startswith(b"\x7fELF"):
        return 0
    return max((int(found) for found in re.findall(rb"\0GLIBC_2\.(\d+)", content)), default=0)
