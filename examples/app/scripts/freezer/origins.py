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
from collections.abc import Callable, Sequence
from importlib.metadata import distributions
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from freezer.components import Component, distribution, generic, normal, system_packages
from freezer.contents import Entry
from freezer.processes import fail

# Extension modules of Python, the library that each uses, the attribute that tells its version, and how
# its file is called where it is not linked in.
LIBRARIES = (
    ("_bz2", "bzip2", "", "libbz2"),
    ("_ctypes", "libffi", "", "libffi"),
    ("_curses", "ncurses", "ncurses_version", "lib(ncurses|tinfo|panel)"),
    ("_decimal", "mpdecimal", "__libmpdec_version__", "libmpdec"),
    ("_lzma", "xz", "", "liblzma"),
    ("_sqlite3", "sqlite", "sqlite_version", "libsqlite3|sqlite3[.]dll"),
    ("_ssl|_hashlib", "openssl", "OPENSSL_VERSION", "lib(ssl|crypto)"),
    ("_tkinter", "tcl-tk", "TK_VERSION", "lib(tcl|tk)|(tcl|tk)[0-9]+t?[.]dll"),
    ("_uuid", "libuuid", "", "libuuid|rpcrt4"),
    ("_zstd", "zstd", "zstd_version", "libzstd"),
    ("pyexpat", "expat", "EXPAT_VERSION", "libexpat"),
    ("readline", "libedit", "__doc__", "lib(readline|edit)"),
    ("zlib", "zlib-ng", "ZLIBNG_VERSION", "zlib-ng"),
    ("zlib", "zlib", "ZLIB_RUNTIME_VERSION", "libz[.]|zlib1"),
)
ASK_PYTHON = """\
import importlib, json, sys, sysconfig
def ask(module, attribute):
    try:
        value = getattr(importlib.import_module(module), attribute) if attribute else ""
    except (ImportError, AttributeError):
        return None
    return value if isinstance(value, str) else ".".join(map(str, value[:2]))
print(json.dumps({
    "version": sys.version.split()[0],
    "environment": sys.prefix,
    "base": sys.base_prefix,
    "standard": sysconfig.get_path("stdlib"),
    "path": sys.path,
    "built_in": sys.builtin_module_names,
    "libraries": [ask(*argument.split(".")) for argument in sys.argv[1:]],
}))
"""
CONTRIB = "pyinstaller-hooks-contrib"
# What PyInstaller puts into programs, of all that its packages hold.
PYINSTALLER = re.compile(
    r"(.+)/(?:PyInstaller/(?:bootloader|loader|fake-modules|hooks/rthooks)"
    r"|_pyinstaller_(hooks_contrib)/rthooks)/",
    re.IGNORECASE,
)
MICROSOFT = re.compile(r"((vcruntime|msvcp|concrt|vcomp|vccorlib)\d|ucrtbase|api-ms-win-)", re.IGNORECASE)
SHARED = ("/usr", "/usr/local")  # where Python is not alone
# VS_FIXEDFILEINFO: https://learn.microsoft.com/en-us/windows/win32/api/verrsrc/ns-verrsrc-vs_fixedfileinfo
FILE_VERSION = re.compile(rb"\xbd\x04\xef\xfe.{4}(.{8})", re.DOTALL)
FOREIGN = """\
the program contains files that belong to none of its installed packages ({count} in all):
{places}
Add the package that provides them to the dependencies, or leave them out: `excludes` in the spec, or --exclude-module."""


class Origins:
    """Knows the components that a program may have, and sorts its files into them."""

    def __init__(self, python: Sequence[str | Path], work: Path, project: Path, name: str, installed: str = "") -> None:
        """Ask the Python that is frozen.

        Args:
            python: the command that runs it, with nothing on its path that is not for the program
            work: the work folder of PyInstaller
            project: the folder of the source
            name: what the program is called, if its source does not say it
            installed: the distribution that is the program, if that is not the one of pyproject.toml
        """
        asked = [f"{modules.partition('|')[0]}.{attribute}" for modules, _, attribute, _ in LIBRARIES]
        command = [*python, "-I", "-c", ASK_PYTHON, *asked]
        answer = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
        self.built_in, self.versions = answer["built_in"], answer["libraries"]
        self.base, self.standard = place(answer["base"]), place(answer["standard"])
        self.environment = place(answer["environment"])
        self.work, self.project = place(work.resolve()), place(project.resolve())
        self.own = [self.project]  # files and folders of the source
        self.python = generic("python", answer["version"], license="PSF-2.0")
        texts = (Path(folder, "LICENSE.txt") for folder in (self.standard, self.base))
        self.python.texts = {file.name: file for file in texts if file.is_file()}
        self.installed: dict[str, Component] = {}
        self.by_file: dict[str, Component] = {}
        self.editable: dict[str, Component] = {}
        self.tools: dict[str, Component] = {}
        self.beside_pyinstaller: set[str] = set()
        for found in distributions(path=[place(path) for path in answer["path"]]):
            component = self.installed.setdefault(normal(found.name), distribution(found))
            for path in found.files or ():
                self.by_file[place(str(found.locate_file(path)))] = component
            url = json.loads(found.read_text("direct_url.json") or "{}")
            if url.get("dir_info", {}).get("editable"):
                self.editable[place(url2pathname(urlsplit(url["url"]).path))] = component
        self.program = self.find_program(name, installed)

    def find_program(self, name: str, installed: str) -> Component:
        """The component of the source itself: as it is installed, or as pyproject.toml says."""
        file = Path(self.project, "pyproject.toml")
        pyproject = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        project = {"name": name, "version": "", **pyproject.get("project", {})}
        program = self.installed.get(normal(installed or project["name"]))
        program = program or Component(project["name"], project["version"])
        program.kind, program.purl = "application", ""
        texts = {text.name: text for text in Path(self.project).glob("LICEN[CS]E*")}
        program.texts = program.texts or texts
        return program

    def sort(self, entries: Sequence[Entry]) -> Sequence[Component]:
        """Give each file to its component, and return those of which something is inside.

        Raises:
            SystemExit: a file is foreign.
        """
        places = (PYINSTALLER.match(place(entry.source)) for entry in entries)
        self.beside_pyinstaller = {found[1] for found in places if found}
        for tool in distributions(path=list(self.beside_pyinstaller)):
            if (name := normal(tool.name)) in ("pyinstaller", CONTRIB):
                self.tools[name] = self.installed.get(name) or distribution(tool)
        owners = {entry: self.owner(entry) for entry in entries}
        asked = {entry: Path(place(entry.source)).resolve() for entry in owners if not owners[entry]}
        packages = system_packages(sorted(set(asked.values())))
        owners |= {entry: packages.get(path) for entry, path in asked.items()}
        if foreign := [entry for entry, owner in owners.items() if not owner]:
            places = "\n".join(f"  {one.path} comes from {one.source}" for one in foreign[:5])
            fail(FOREIGN.format(count=len(foreign), places=places))
        for entry, owner in owners.items():
            if owner:
                owner.files.append(entry)
        self.note_linked([entry for entry, owner in owners.items() if owner is self.python])
        self.forget_what_is_left_out()
        known = [self.program, self.python, *self.installed.values(), *self.tools.values(), *packages.values()]
        inside = {id(one): one for one in known if one.files or any(part.files for part in one.parts)}
        return sorted(inside.values(), key=lambda one: (one.name, one.version))

    def owner(self, entry: Entry) -> Component | None:
        """The component of a file, or nothing if the system must be asked."""
        if not entry.source:
            return self.program
        path = place(entry.source)
        resolved = place(Path(path).resolve()) if Path(path).exists() else path
        return self.known(path) or self.known(resolved)

    def known(self, path: str) -> Component | None:
        """The component of the file at a path."""
        name = path.rpartition("/")[2]
        if path in self.by_file:
            return bundled(self.by_file[path], Path(path)) or self.by_file[path]
        if match := PYINSTALLER.match(path):
            return self.tools[CONTRIB if match[2] else "pyinstaller"]
        if is_in(path, self.work):
            return self.python if name == "base_library.zip" else self.tools["pyinstaller"]
        apart = {*self.beside_pyinstaller, self.environment} - {self.base}
        if "-packages/" in path or any(is_in(path, folder) for folder in apart):
            return None
        for folder, component in self.editable.items():
            if is_in(path, folder):
                return component
        if MICROSOFT.match(name):
            runtime = generic("microsoft-visual-c-runtime", file_version(Path(path)))
            return self.tools.setdefault("microsoft", runtime)
        if any(path == folder or is_in(path, folder) for folder in self.own):
            return self.program
        if is_in(path, self.base) and self.base not in SHARED:
            for number, (*_, files) in enumerate(LIBRARIES):
                if re.match(files, name, re.IGNORECASE) and self.versions[number] is not None:
                    return self.library(number)
            return self.python
        return self.python if is_in(path, self.standard) or name.startswith("libpython") else None

    def library(self, number: int) -> Component:
        """A library that Python uses. It is a part of Python."""
        name, text = LIBRARIES[number][1], self.versions[number]
        if name == "libedit" and name not in text:
            name = "readline"
        version = re.search(r"\d+(\.\d+)+\w*", text)
        return part(self.python, name, lambda: version[0] if version else "")

    def note_linked(self, entries: Sequence[Entry]) -> None:
        """Note the libraries that are linked into Python's own files."""
        binaries = [entry for entry in entries if entry.executable]
        contents = {entry: Path(place(entry.source)).read_bytes() for entry in binaries}
        for number, (modules, _, _, files) in enumerate(LIBRARIES):
            version = self.versions[number]
            if version is None or "-ng" in version:  # zlib-ng says which zlib it is like
                continue
            built_in = modules.partition("|")[0] in self.built_in
            host = r"(lib)?python3\.?\d+\.(so|dll|dylib)" if built_in else rf"({modules})\."
            loads = re.compile(rf"\b({files})[\w.-]*(so|dylib|dll)\b".encode(), re.IGNORECASE)
            for entry, content in contents.items():
                if re.match(host, Path(entry.path).name, re.IGNORECASE) and not loads.search(content):
                    library = self.library(number)
                    library.files = library.files or [Entry(entry.path, entry.source)]

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
    return part(component, name, lambda: file_version(file, name))


def part(whole: Component, name: str, version: Callable[[], str]) -> Component:
    """Find or add the part with this name. The whole may know it by a longer name: libpng16 for png."""

    def plain(text: str) -> str:
        return re.sub(r"^lib|[^a-z]", "", text.lower())

    for one in whole.parts:
        if one.name == name or (len(plain(name)) > 2 and plain(one.name).startswith(plain(name))):
            return one
    whole.parts.append(generic(name, version()))
    return whole.parts[-1]


def file_version(file: Path, name: str = "") -> str:
    """The version of a library, if its bytes tell it."""
    # Wine finds a file by a name in other letters.
    same = (one for one in file.parent.glob("*") if one.name.lower() == file.name.lower())
    content = next((one.read_bytes() for one in same if one.is_file()), b"")
    if match := FILE_VERSION.search(content):
        high, low = struct.unpack("<II", match[1])
        return f"{high >> 16}.{high & 0xFFFF}.{low >> 16}.{low & 0xFFFF}"
    word = max(re.findall("[a-z]+", name), key=len, default="-")
    match = re.search(rf"(?i){word}[ /,-]+(?:version )?v?(\d+\.\d[\d.]*)".encode(), content)
    return match[1].decode() if match else ""


def place(path: str | Path) -> str:
    """Where a file is on this system, with slashes. Wine calls the root of the file system Z:."""
    text = str(path)
    if os.name == "posix" and text[:2].upper() == "Z:":
        text = text[2:].replace("\\", "/")
    return os.path.normcase(os.path.normpath(text)).replace("\\", "/")


def is_in(path: str, folder: str) -> bool:
    """Whether a path is in a folder."""
    return path.startswith(folder + "/")
