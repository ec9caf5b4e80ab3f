"""Which component each file of a program belongs to, by asking those who know.

Distributions list their files in RECORD, dpkg and rpm know theirs, and Python knows which libraries are
linked into it. A file that belongs to none of them is foreign.
"""

# ruff: noqa: S603 - it runs Python

import json
import os
import re
import struct
import subprocess
import tomllib
from collections.abc import Sequence
from importlib.metadata import distributions
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from freezer.components import Component, distribution, generic, normal, system_packages
from freezer.contents import Entry
from freezer.processes import fail

ASK_PYTHON = Path(__file__).with_name("ask_python.py")
CONTRIB = "pyinstaller-hooks-contrib"
# What PyInstaller puts into programs, of all that its packages hold.
PYINSTALLER = re.compile(
    r"(.+)/(?:PyInstaller/(?:bootloader|loader|fake-modules|hooks/rthooks)"
    r"|_pyinstaller_(hooks_contrib)/rthooks)/",
    re.IGNORECASE,
)
# Extension modules of Python, and how the file of the library that they use is called, where it is one.
LIBRARIES = {
    "_bz2": "libbz2",
    "_ctypes": "libffi",
    "_curses": "lib(ncurses|tinfo|panel)",
    "_decimal": "libmpdec",
    "_hashlib": "lib(ssl|crypto)",
    "_lzma": "liblzma",
    "_sqlite3": "libsqlite3|sqlite3[.]dll",
    "_ssl": "lib(ssl|crypto)",
    "_tkinter": "lib(tcl|tk)|(tcl|tk)[0-9]+t?[.]dll",
    "_uuid": "libuuid",
    "_zstd": "libzstd",
    "pyexpat": "libexpat",
    "readline": "lib(readline|edit)",
    "zlib": "libz[.]|zlib1",
}
MICROSOFT = re.compile(
    r"(vcruntime|msvcp|concrt|vcomp|vccorlib)\d|ucrtbase|api-ms-win-", re.IGNORECASE
)
# Other things are here too.
SHARED = ("/usr", "/usr/local")
# VS_FIXEDFILEINFO: https://learn.microsoft.com/en-us/windows/win32/api/verrsrc/ns-verrsrc-vs_fixedfileinfo
FILE_VERSION = re.compile(rb"\xbd\x04\xef\xfe.{4}(.{8})", re.DOTALL)
FOREIGN = """\
{path} is in the program, and nothing that was installed for it brings it. It comes from
  {source}
Either add what brings it to the dependencies, or leave it out with `excludes` or `datas` in the spec."""


class Origins:
    """Knows the components that a program may have, and sorts its files into them."""

    def __init__(self, python: Sequence[str | Path], work: Path, project: Path, name: str) -> None:
        """Ask the Python that is frozen.

        Args:
            python: the command that runs it, with nothing on its path that is not for the program
            work: the work folder of PyInstaller
            project: the folder of the source
            name: what the program is called, if its source does not say it
        """
        command = [*python, "-I", ASK_PYTHON, *LIBRARIES]
        self.said = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
        self.base, self.standard = place(self.said["base"]), place(self.said["standard"])
        self.environment = place(self.said["environment"])
        self.work, self.project = place(work.resolve()), place(project.resolve())
        self.python = generic("python", self.said["version"], license="PSF-2.0")
        for file in (Path(self.standard, "LICENSE.txt"), Path(self.base, "LICENSE.txt")):
            if file.is_file():
                self.python.texts = {file.name: file}
        self.installed: dict[str, Component] = {}
        self.by_file: dict[str, Component] = {}
        self.editable: dict[str, Component] = {}
        self.tools: dict[str, Component] = {}
        for found in distributions(path=[place(path) for path in self.said["path"]]):
            component = self.installed.setdefault(normal(found.name), distribution(found))
            for path in found.files or ():
                self.by_file[place(str(found.locate_file(path)))] = component
            url = json.loads(found.read_text("direct_url.json") or "{}")
            if url.get("dir_info", {}).get("editable"):
                self.editable[place(url2pathname(urlsplit(url["url"]).path))] = component
        self.program = self.find_program(name)

    def find_program(self, name: str) -> Component:
        """The component of the source itself: as it is installed, or as pyproject.toml says."""
        file = Path(self.project, "pyproject.toml")
        said = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        project = {"name": name, **said.get("project", {})}
        program = self.installed.get(normal(project["name"]))
        program = program or Component(project["name"], project.get("version", ""))
        program.kind, program.purl = "application", ""
        for text in Path(self.project).glob("LICEN[CS]E*"):
            program.texts.setdefault(text.name, text)
        return program

    def sort(self, entries: Sequence[Entry]) -> Sequence[Component]:
        """Give each file to its component, and return those of which something is inside.

        Raises:
            SystemExit: a file is foreign.
        """
        for entry in entries:
            if found := PYINSTALLER.match(place(entry.source)):
                for tool in distributions(path=[] if self.tools else [found[1]]):
                    if normal(tool.name) in ("pyinstaller", CONTRIB):
                        self.tools[normal(tool.name)] = self.installed.get(
                            normal(tool.name)
                        ) or distribution(tool)
        owners = {entry: self.owner(entry) for entry in entries}
        asked = {
            entry: Path(place(entry.source)).resolve() for entry in entries if not owners[entry]
        }
        packages = system_packages(sorted(set(asked.values())))
        owners |= {entry: packages.get(path) for entry, path in asked.items()}
        if foreign := [entry for entry, owner in owners.items() if not owner]:
            fail(
                "\n".join(FOREIGN.format(path=entry.path, source=entry.source) for entry in foreign)
            )
        for entry, owner in owners.items():
            if owner:
                owner.files.append(entry)
        self.note_linked([entry for entry, owner in owners.items() if owner is self.python])
        self.forget_what_is_left_out()
        known = (
            self.program,
            self.python,
            *self.installed.values(),
            *self.tools.values(),
            *packages.values(),
        )
        found_inside = {
            id(one): one for one in known if one.files or any(part.files for part in one.parts)
        }
        return sorted(found_inside.values(), key=lambda one: (one.name, one.version))

    def owner(self, entry: Entry) -> Component | None:
        """The component of a file, or nothing if the system has to be asked."""
        if not entry.source:
            return self.program
        path = place(entry.source)
        resolved = place(Path(path).resolve())
        return self.known(path) or (self.known(resolved) if resolved != path else None)

    def known(self, path: str) -> Component | None:
        """The component of the file at a path."""
        name = path.rpartition("/")[2]
        if path in self.by_file:
            return bundled(self.by_file[path], Path(path)) or self.by_file[path]
        if found := PYINSTALLER.match(path):
            return self.tools[CONTRIB if found[2] else "pyinstaller"]
        if inside(path, self.work):
            return self.python if name == "base_library.zip" else self.tools["pyinstaller"]
        for folder, component in self.editable.items():
            if inside(path, folder):
                return component
        if "-packages/" in path or (
            self.environment != self.base and inside(path, self.environment)
        ):
            return None
        if MICROSOFT.match(name):
            version = file_version(Path(path))
            return self.tools.setdefault(
                "microsoft", generic("microsoft-visual-c-runtime", version)
            )
        if inside(path, self.project):
            return self.program
        if inside(path, self.base) and self.base not in SHARED:
            matching = (
                module
                for module, names in LIBRARIES.items()
                if re.match(names, name, re.IGNORECASE)
            )
            return self.library(next(matching, "")) or self.python
        return self.python if inside(path, self.standard) or name.startswith("libpython") else None

    def library(self, module: str) -> Component | None:
        """The library that an extension module of Python uses. It is a part of Python."""
        name, version = (*self.said["libraries"].get(module, "").split(), "", "")[:2]
        return part(self.python, name.lower(), version) if name else None

    def note_linked(self, entries: Sequence[Entry]) -> None:
        """Note the libraries that are linked into Python's own files."""
        contents = {
            entry: Path(place(entry.source)).read_bytes()
            for entry in entries
            if entry.executable and entry.source
        }
        for module, names in LIBRARIES.items():
            host = (
                r"(lib)?python3[\d.]+(so|dll|dylib)"
                if module in self.said["built_in"]
                else rf"{module}\."
            )
            loads = re.compile(rf"\b({names})[\w.-]*(so|dylib|dll)\b".encode(), re.IGNORECASE)
            for entry, content in contents.items():
                if re.match(host, Path(entry.path).name, re.IGNORECASE) and not loads.search(
                    content
                ):
                    library = self.library(module)
                    if library and not library.files:
                        library.files.append(Entry(entry.path, entry.source))

    def forget_what_is_left_out(self) -> None:
        """Drop the parts of wheels of which nothing can be inside."""
        for path, component in self.by_file.items():
            left_out = bundled(component, Path(path))
            if left_out and not left_out.files:
                component.parts.remove(left_out)
        for component in self.installed.values():
            files = [file for one in (component, *component.parts) for file in one.files]
            if not any(file.executable for file in files):
                component.parts = []


def bundled(component: Component, file: Path) -> Component | None:
    """The part of a wheel that a library is which auditwheel, delocate or delvewheel put into it."""
    if not file.parent.name.endswith((".libs", ".dylibs")):
        return None
    name = re.sub(r"^lib|[-.].*", "", file.name).strip("_")
    return part(component, name, file_version(file, name))


def part(whole: Component, name: str, version: str) -> Component:
    """The part of a component that has a name. It may be written in another way, as in libpng and png16."""
    for one in whole.parts:
        if one.name == name or (len(plain(name)) > 2 and plain(one.name).startswith(plain(name))):
            return one
    whole.parts.append(generic(name, version))
    return whole.parts[-1]


def plain(name: str) -> str:
    """A library's name without what is often left out."""
    return re.sub(r"^lib|[^a-z]", "", name.lower())


def file_version(file: Path, name: str = "") -> str:
    """The version of a library, if its bytes tell it."""
    content = file.read_bytes() if file.is_file() else b""
    if found := FILE_VERSION.search(content):
        high, low = struct.unpack("<II", found[1])
        return f"{high >> 16}.{high & 0xFFFF}.{low >> 16}.{low & 0xFFFF}"
    word = max(re.findall("[a-z]+", name), key=len, default="-")
    said = re.search(rf"(?i){word}[ /,-]+(?:version )?v?(\d+\.\d[\d.]*)".encode(), content)
    return said[1].decode() if said else ""


def place(path: str | os.PathLike[str]) -> str:
    """Where a file is on this system, with slashes. Wine calls the root of the file system Z:."""
    text = str(path)
    if os.name == "posix" and text[:2].upper() == "Z:":
        text = text[2:].replace("\\", "/")
    return os.path.normcase(os.path.normpath(text)).replace("\\", "/")


def inside(path: str, folder: str) -> bool:
    """Whether a path is in a folder."""
    return path.startswith(folder + "/")
