"""What is inside a program: each file and module, and where PyInstaller took it from.

PyInstaller notes the sources in its work folder, in tables of contents (TOC), which are literals of Python:
https://pyinstaller.org/en/stable/advanced-topics.html#the-tables-of-contents-toc-lists-and-the-tree-class
The bytes are those of the program that it made.
"""

import ast
import hashlib
import re
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

# ELF, PE, and Mach-O for one processor and for several.
EXECUTABLE = (b"\x7fELF", b"MZ", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
ARCHIVE = b"PK\x03\x04"
# How an archive in a program ends, and what it says of each member:
# https://pyinstaller.org/en/stable/advanced-topics.html#carchive
END, MAGIC = struct.Struct("!8sIIII64s"), b"MEI\014\013\012\013\016"
MEMBER = struct.Struct("!IIIIBc")

Row = tuple[str, str, str]  # of a TOC: the name, the source, the kind


class Entry(NamedTuple):
    """A file that is inside, or a module that a program has in its archive."""

    path: str  # such as my-tool/_internal/libz.so.1; of a module, that of its program
    source: str  # as the Python that is frozen writes paths; of a program itself, nothing
    sha512: str = ""  # of a module, none
    executable: bool = False
    archive: bool = False


def entries(work: Path, made: Path, called: str = "") -> Sequence[Entry]:
    """List what is inside a program.

    Args:
        work: the folder that holds PyInstaller's TOC files: a folder in its work folder, named like the spec
        made: the folder, or the one file, that PyInstaller made
        called: the name that this gets, if another
    """
    called = called or made.name
    tables = {file.name: list(rows(read(file))) for file in sorted(work.glob("*.toc"))}
    modules = {
        name: source
        for table in tables
        if table.startswith("Analysis-")
        for name, source, kind in tables[table]
        if kind.startswith("PYMODULE")
    }
    found: list[Entry] = []
    internal = ""
    for table in (table for table in tables if table.startswith("EXE-")):
        for name, _, kind in tables[table]:
            if kind == "OPTION" and name.startswith("pyi-contents-directory "):
                internal = name.partition(" ")[2]
        name = posix(read(work / table)[0]).rpartition("/")[2]
        program = made / name if made.is_dir() else made
        if program.name == name and program.is_file():
            found += in_program(
                program, f"{called}/{name}" if made.is_dir() else called, tables, table, modules
            )
    for table in (table for table in tables if table.startswith("COLLECT-") and made.is_dir()):
        for name, source, kind in tables[table]:
            file = made / ("" if kind == "EXECUTABLE" else internal) / posix(name)
            if kind != "EXECUTABLE" and file.is_file() and not file.is_symlink():
                path = f"{called}/{file.relative_to(made).as_posix()}"
                found.append(entry(path, original(source, modules), file.read_bytes()))
    return found


def in_program(
    program: Path,
    path: str,
    tables: Mapping[str, Sequence[Row]],
    table: str,
    modules: Mapping[str, str],
) -> Iterator[Entry]:
    """List a program, and the files and modules in it."""
    content = program.read_bytes()
    yield entry(path, "", content)
    inside = dict(members(content))
    for name, source, kind in tables[table]:
        if kind == "PYZ":
            archive = posix(source).rpartition("/")[2].replace(".pyz", ".toc")
            yield from (Entry(path, row[1]) for row in tables[archive])
        elif kind.startswith(("PYMODULE", "PYSOURCE")) or (
            kind == "EXECUTABLE" and name not in inside
        ):
            yield Entry(path, original(source, modules))
        elif kind in ("BINARY", "EXTENSION", "DATA", "ZIPFILE", "EXECUTABLE") and name in inside:
            yield entry(f"{path}/{posix(name)}", original(source, modules), inside[name])


def entry(path: str, source: str, content: bytes) -> Entry:
    """Describe a file."""
    executable = content.startswith(EXECUTABLE)
    return Entry(
        path,
        source,
        hashlib.sha512(content).hexdigest(),
        executable,
        content.startswith(ARCHIVE) or not source,
    )


def members(content: bytes) -> Iterator[tuple[str, bytes]]:
    """The files in the archive of a program."""
    end = content.rfind(MAGIC)
    _, length, table, table_length, _, _ = END.unpack_from(content, end)
    begin = end + END.size - length
    position = begin + table
    while position < begin + table + table_length:
        size, offset, stored, _, packed, _ = MEMBER.unpack_from(content, position)
        name = content[position + MEMBER.size : position + size].rstrip(b"\0").decode()
        data = content[begin + offset : begin + offset + stored]
        yield name, zlib.decompress(data) if packed else data
        position += size


def read(file: Path) -> tuple[object, ...]:
    """Read a TOC file."""
    found: tuple[object, ...] = ast.literal_eval(file.read_text(encoding="utf-8"))
    return found


def rows(value: object) -> Iterator[Row]:
    """The rows of the lists in a TOC file."""
    if (
        isinstance(value, tuple)
        and len(value) == 3
        and all(isinstance(part, str) for part in value)
    ):
        if value[1] != "-":  # a package that is only a folder
            yield value
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from rows(part)


def original(source: str, modules: Mapping[str, str]) -> str:
    """Where a module comes from that PyInstaller has compiled in its work folder."""
    _, folder, name = posix(source).rpartition("/localpycs/")
    if not folder:
        return source
    module = re.sub(r"^\d+\.|\.pyc$|(\.__init__)?\.pyc$", "", name.replace("/", "."))
    return modules.get(module, source)


def posix(path: object) -> str:
    """A path with slashes."""
    return str(path).replace("\\", "/")
