"""What PyInstaller does not see of a package: modules with names in strings, data, and Python files that are data."""

import re
import sys
import sysconfig
from collections.abc import Iterable, Sequence
from glob import escape
from importlib.machinery import PathFinder
from importlib.metadata import Distribution
from pathlib import Path

# A child process of multiprocessing starts the program again. freeze_support then runs the child's
# task and exits; without it each child would start more children. If the program uses
# multiprocessing, PyInstaller has imported it before this runs.
FUNCTION = """\
import sys

if "multiprocessing" in sys.modules:
    sys.modules["multiprocessing"].freeze_support()
from {module} import {first}

sys.exit({attr}())
"""
# A module, and often something in it: "package.module.Class", "package.module:function".
DOTTED = re.compile(rb"[\"']([A-Za-z_]\w*(?:[.:][A-Za-z_]\w*)+)[\"']")
IMPORTED = re.compile(rb"\b(?:import_module|__import__)\(\s*[\"']([A-Za-z_][\w.]*)[\"']")
# What a package imports of itself is often in a table: "package.module:Class". With a dot it may be only a string.
OBJECT = re.compile(rb"[\"']([A-Za-z_][\w.]*:[A-Za-z_]\w*)[\"']")
# An import that PyInstaller does not see: import_module(f".{name}", __name__)
COMPUTED = re.compile(rb"\b(import_module|__import__|find_spec)\s*\(")
# Files of a package, and the names of those folders that are imported like modules: files("package.data")
DATA = re.compile(rb"\bresources\b|\bget_data\(|\b__file__\b")
RESOURCES = re.compile(rb"\bfiles\(\s*[\"']([A-Za-z_][\w.]*)[\"']")
# Of a larger package only what it names is collected, because the program would become much larger.
MOST_MODULES = 150
# The version of a package by a computed name, such as those of all dependencies.
VERSIONS = re.compile(
    rb"(?:importlib\b.*\bmetadata|importlib_metadata|pkg_resources)\b(?s:.*?)"
    rb"(?<!def )\b(?:version|metadata|distribution|requires)\(\s*(?!__)[A-Za-z_]"
)
# Folders of share/ that are for people, a desktop or a shell.
DOCUMENTS = [
    [name]
    for name in ("man", "doc", "info", "applications", "icons", "pixmaps", "metainfo", "bash-completion", "zsh", "fish")
]
# __getattr__ of a package, as Textual has it: import_module(f"._{name}", package)
LAZY = re.compile(rb"(?ms)^def __getattr__\(.*[\"']\._.*\bimport_module\(")
ASSIGNED = re.compile(rb"\s*(?:self\.)?(\w+)(?::[^=]+)?\s*=(?!=)")
LISTS = re.compile(rb"\b(?:listdir|scandir|iterdir|r?glob|walk)\(")
# Plugins that are found as files, as cfn-lint has its rules, and how such a file is run.
PLUGIN_FILES = re.compile(rb"[\"'][^\"'\n]*[*.]py[\"']")
LOADS = re.compile(rb"\b(?:spec_from_file_location|SourceFileLoader|run_path)\b|(?<![.\w])(?<!def )exec\(")
EXTENDS_PATH = re.compile(rb"\bsys\.path\.(?:insert|append|extend)\(")
# Of Python: what tests, teaches or installs it, has windows, or is inside anyway.
NOT_FOR_USERS = re.compile(
    r"(?:antigravity|ensurepip|idlelib|lib2to3|pydoc_data|test|this|tkinter|turtle|turtledemo|venv)(?:\.|$)"
    r"|(?:asyncio|encodings)\.|(?:.*\.)?_|.*\btests?\b"
)
IMPORTS = re.compile(rb"(?m)^[ \t]*(?:from|import)[ \t]+([A-Za-z_]\w*(?:\.\w+)*)")


def source(files: Iterable[Path]) -> bytes:
    """The text of some modules."""
    return b"\n".join(file.read_bytes() for file in files)


def module_files(package: Distribution) -> Sequence[Path]:
    """The files of all modules of a package."""
    paths = [Path(str(package.locate_file(file))) for file in package.files or () if file.suffix == ".py"]
    return [path for path in paths if path.is_file()]


def named(
    code: bytes, path: Sequence[str], patterns: Sequence[re.Pattern[bytes]] = (DOTTED, IMPORTED)
) -> Sequence[str]:
    """The installed modules that some code names in strings."""
    names = {name.decode().replace(":", ".") for pattern in patterns for name in pattern.findall(code)}
    return sorted({module for name in names if (module := installed(name, path))})


def needs(package: Distribution, path: Sequence[str]) -> tuple[Sequence[str], bool, bool]:
    """What a package needs from itself: modules by their names, and whether all of its modules, and its data."""
    files = module_files(package)
    code = source(files)
    tops = {file.parts[0].removesuffix(".py") for file in package.files or ()}
    modules = [name for name in named(code, path, (OBJECT, IMPORTED)) if name.partition(".")[0] in tops]
    modules += lazy_modules(package)
    if len(files) > MOST_MODULES:
        return modules, False, False
    modules += [name.decode() for name in RESOURCES.findall(code)]
    return modules, bool(COMPUTED.search(code)), bool(DATA.search(code))


def installed(name: str, path: Sequence[str]) -> str | None:
    """The module in which a name is, if it is there: that of a file, such as package.txt, is not."""
    if is_standard(name):
        return None
    found, *rest = name.split(".")
    spec = PathFinder.find_spec(found, list(path))
    while spec and rest:
        # Without its package, which is not imported here.
        inner = PathFinder.find_spec(rest[0], list(spec.submodule_search_locations or ()))
        if not inner:
            code = Path(spec.origin).read_bytes() if spec.origin and spec.origin.endswith(".py") else b""
            return found if re.search(rf"\b{rest[0]}\b".encode(), code) else None
        found, spec = f"{found}.{rest.pop(0)}", inner
    return found if spec else None


def lazy_modules(package: Distribution) -> Sequence[str]:
    """The private modules that a package imports by computed names when somebody asks for what is in them."""
    found = []
    for file in package.files or ():
        path = Path(str(package.locate_file(file)))
        if path.name == "__init__.py" and path.is_file() and LAZY.search(path.read_bytes()):
            name = ".".join(file.parts[:-1])
            found += [f"{name}.{module.stem}" for module in path.parent.glob("_[!_]*.py")]
    return sorted(found)


def lists_itself(code: bytes) -> bool:
    """Whether code may look for its modules in its own folder, where files must be then.

    That is a line that lists a folder and has a name which, by one or two others, stands for __file__.
    """
    lines, names = code.splitlines(), {b"__file__"}
    assigned = [(found, line) for line in lines if (found := ASSIGNED.match(line))]
    for _ in range(3):
        used = re.compile(rb"\b(?:%s)\b" % b"|".join(names))
        names |= {found[1] for found, line in assigned if used.search(line, found.end())}
    return any(LISTS.search(line) and used.search(line) for line in lines)


def loads_files(files: Sequence[Path]) -> bool:
    """Whether a program looks for Python files and runs them by their paths: their sources must be there then."""
    texts = [file.read_bytes() for file in files]
    looks = any(LISTS.search(text) and PLUGIN_FILES.search(text) for text in texts)
    return looks and any(map(LOADS.search, texts))


def runs_files(code: bytes) -> bool:
    """Whether a program runs Python files of its user, as Sphinx runs conf.py: these may import any module of Python."""
    return bool(LOADS.search(code) or (EXTENDS_PATH.search(code) and COMPUTED.search(code)))


def standard_library(path: Sequence[str]) -> Sequence[str]:
    """The modules of Python that a file of a user may import. If the path has the folder of a Python, they are that one's."""
    own = Path(sysconfig.get_path("stdlib"))
    folder = next((place for one in path if (place := Path(one).parent).joinpath("os.py").is_file()), own)
    tops = [name for name in sys.stdlib_module_names if not NOT_FOR_USERS.match(name)]
    files = [file for name in tops for file in (folder / f"{name}.py", *(folder / name).rglob("*.py"))]
    parts = [file.relative_to(folder).with_suffix("").parts for file in files if file.is_file()]
    names = {".".join(part).removesuffix(".__init__") for part in parts}
    names |= {name for name in tops if PathFinder.find_spec(name)} if folder == own else set()  # compiled ones
    return sorted(name for name in names if not NOT_FOR_USERS.match(name))


def python_data(
    package: Path, path: Sequence[str], sources: bool = False
) -> tuple[Sequence[tuple[str, str]], Sequence[str]]:
    """The Python files in folders that are not packages, and where they go, and the modules that they import.

    They are templates of projects, for example, or scripts that the program runs. With the sources, also those
    in packages.
    """
    found = {file.parent for file in package.rglob("*.py")}
    left_out = ("test", "tests") if sources else ("", "test", "tests")
    folders = [folder for folder in sorted(found) if no_package(folder, package) not in left_out]
    code = source(file for folder in folders for file in folder.glob("*.py"))
    names = {name.decode() for name in IMPORTS.findall(code)}
    # A pattern for each folder: Windows has a limit of 32,767 characters for all options.
    data = [(f"{escape(str(folder))}/*.py", folder.relative_to(package.parent).as_posix()) for folder in folders]
    return data, sorted(name for name in names if is_file_of_python(name) or installed(name, path) == name)


def shared_data(package: Distribution) -> Sequence[tuple[str, str]]:
    """The folders and files that a wheel puts beside Python, which its code finds by sys.prefix, and where they go.

    https://packaging.python.org/en/latest/specifications/binary-distribution-format/#the-data-directory
    """
    found = set()
    for file in package.files or ():
        *folders, _ = (part for part in file.parts if part != "..")
        path = Path(str(package.locate_file(file)))
        if folders[:1] in (["etc"], ["share"]) and folders[1:2] not in DOCUMENTS and path.is_file():
            top = path if len(folders) == 1 else path.parents[len(folders) - 2]
            found.add((str(top), "/".join(folders[:2])))
    return sorted(found)


def no_package(folder: Path, package: Path) -> str:
    """The name of the outermost folder that is not a package, on the way from a package to a folder in it."""
    parts = folder.relative_to(package).parts
    places = (package.joinpath(*parts[: count + 1]) for count in range(len(parts)))
    return next((place.name for place in places if not (place / "__init__.py").exists()), "")


def is_standard(name: str) -> bool:
    """Whether a module is Python's own."""
    return name.partition(".")[0] in sys.stdlib_module_names


def is_file_of_python(name: str) -> bool:
    """Whether a module is Python's own, and PyInstaller finds it by its name: collections.abc has no file."""
    return is_standard(name) and name not in ("collections.abc", "os.path")
