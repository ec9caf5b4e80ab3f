"""What is inside a program: each file and module, where PyInstaller took it from, and the glibc that it needs.

PyInstaller notes the sources in its work folder, in tables of contents (TOC) written as Python:
https://pyinstaller.org/en/stable/advanced-topics.html#the-tables-of-contents-toc-lists-and-the-tree-class
The bytes are those of the program that it made.
"""

import ast
import hashlib
import re
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

# ELF, PE, and Mach-O for one processor and for several.
EXECUTABLE = (b"\x7fELF", b"MZ", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
ZIP = b"PK\x03\x04"
# How the archive in a program ends, and what it says of each member:
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
    tables = {file.stem: noted(file) for file in sorted(work.glob("*.toc"), reverse=True)}
    toc = {name: list(rows(table)) for name, table in tables.items()}
    found: list[Entry] = []
    internal = ""
    for table, listed in toc.items():
        if table.startswith("EXE-"):
            name = posix(tables[table][0]).rpartition("/")[2]
            program, path = (made / name, f"{called}/{name}") if made.is_dir() else (made, called)
            options = " ".join(row[0] for row in listed if row[2] == "OPTION")
            internal = (re.findall(r"pyi-contents-directory (.+)", options) or [""])[0]
            if program.name == name and program.is_file():
                found += in_program(program.read_bytes(), path, listed, toc)
        elif table.startswith("COLLECT-") and made.is_dir():
            for name, source, kind in listed:
                path = "/".join(filter(None, (internal, posix(name))))
                file = made / path
                if kind != "EXECUTABLE" and file.is_file() and not file.is_symlink():
                    found.append(entry(f"{called}/{path}", source, file.read_bytes()))
    modules = {row[0]: row[1] for table in toc if table.startswith("Analysis-") for row in toc[table]}
    return [one._replace(source=original(one.source, modules)) for one in found]


def in_program(content: bytes, path: str, toc: Iterable[Row], others: Mapping[str, Sequence[Row]]) -> Iterator[Entry]:
    """List a program, and the files and modules in it."""
    yield entry(path, "", content)
    inside = dict(members(content))
    for name, source, kind in toc:
        if kind == "PYZ":
            table = posix(source).rpartition("/")[2].removesuffix(".pyz")
            yield from (Entry(path, row[1]) for row in others[table])
        elif kind.startswith("PY") or (kind == "EXECUTABLE" and name not in inside):
            yield Entry(path, source)  # a module, or the bootloader
        elif kind not in ("OPTION", "SYMLINK") and name in inside:
            yield entry(f"{path}/{posix(name)}", source, inside[name])


def entry(path: str, source: str, content: bytes) -> Entry:
    """Describe a file."""
    archive = content.startswith(ZIP) or not source
    sha512 = hashlib.sha512(content).hexdigest()
    return Entry(path, source, sha512, content.startswith(EXECUTABLE), archive)


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


def noted(file: Path) -> Sequence[Any]:
    """What PyInstaller has noted in a TOC file; None for what is not a literal."""
    table = ast.parse(file.read_text(encoding="utf-8"), mode="eval").body
    return [literal(part) for part in table.elts] if isinstance(table, ast.Tuple | ast.List) else []


def literal(node: ast.expr) -> object:
    """A value, or None for a call: the version of a program for Windows is written as one."""
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def rows(value: object) -> Iterator[Row]:
    """The rows of the lists in a TOC file, without packages that are only folders."""
    match value:
        case (str(), str(source), str()) if isinstance(value, tuple):
            yield from [value] if source != "-" else []
        case [*parts]:
            for part in parts:
                yield from rows(part)


def original(source: str, modules: Mapping[str, str]) -> str:
    """Where a module comes from that PyInstaller has compiled in its work folder."""
    _, folder, name = posix(source).rpartition("/localpycs/")
    module = re.sub(r"^\d+\.|(\.__init__)?\.pyc$", "", name.replace("/", "."))
    return modules.get(module, source) if folder else source


def posix(path: str) -> str:
    """A path with slashes."""
    return path.replace("\\", "/")


def glibc(made: Path) -> tuple[int, str]:
    """The newest glibc that a file of a folder, or in the one file, asks for: 34 for 2.34; and that file."""
    if made.is_dir():
        paths = [path for path in sorted(made.rglob("*")) if path.is_file()]
        contents = ((path.relative_to(made).as_posix(), path.read_bytes()) for path in paths)
    else:
        content = made.read_bytes()
        contents = iter([(made.name, content), *members(content)])
    return max((asked_glibc(content), name) for name, content in contents)


def asked_glibc(content: bytes) -> int:
    """The 34 of GLIBC_2.34, the newest of the versions that an ELF file asks for by symbols."""
    found = re.findall(rb"\0GLIBC_2\.(\d+)", content) if content.startswith(b"\x7fELF") else []
    return max(map(int, found), default=0)
