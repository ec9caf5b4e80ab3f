"""What helps a program that did not start: an option of PyInstaller, a dependency, or a library."""

import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from glob import escape
from importlib.machinery import PathFinder
from importlib.metadata import Distribution, distributions
from pathlib import Path

from freezer.components import normal

NAME = r"(?P<name>\.*[A-Za-z_][\w.]*)"
# The module that an import names, and one that a program says it could not import.
MODULE = re.compile(rf"No module named ['\"]?{NAME}")
LOADED = re.compile(
    rf"(?i:could not|cannot|can't|unable to|failed to) (?i:import|load|find)(?i: the)?(?i: module)? (?!name\b)['\"`]?{NAME}"
)
# A name in quotes may be that of a module, or of what is in one: 'package.module:function'.
QUOTED = re.compile(r"['\"`](?P<name>[A-Za-z_]\w*(?:\.\w+)*)(?::\w+)?['\"`]")
METADATA = re.compile(
    r"(?:No package metadata was found for |PackageNotFoundError: (?!No )|NotFound: The ')"
    r"(?P<name>[\w.-]+)"
)
# A file in the folder that the program is unpacked to.
FILE = re.compile(r"(?:_internal|_MEI\w+)[/\\]+(?P<path>[^'\"\n:]+)")
PLACE = re.compile(r'File "(?P<path>[^"]+)", line')
# A library by its name, such as libmagic.
NAMED_MISSING = (
    r"(?i:\b(?:find|load|locate)\b.*\blib(?!rar)[a-z]|\blib(?!rar)[a-z].*\b(?:not found|missing|not installed)\b)"
)
LIBRARY_MISSING = re.compile(
    r"(?i:cannot open shared object file|could not find module|undefined symbol: "
    r"|(?:find|load|locate)\b.*\b(?:lib[a-z]|library|dll)|\blibrary\b.*\b(?:not found|missing))"
    rf"|{NAMED_MISSING}"
)
# A library as its loader names it, and as other programs do: 'libmagic', or `zbar shared library`.
LIBRARY = re.compile(r"(?<![/\w.+-])(?P<name>lib[\w.+-]+?)\.so(?:\.(?P<version>\d+))?[\w.]*: cannot open")
CALLED = re.compile(
    r"\blibrary '(?P<quoted>[\w.+-]+)'|\b(?P<lib>lib(?!rar)[a-z][\w.+-]*\w)"
    r"|\b(?!shared|load|find|open|locate|the)(?P<before>[\w.+-]{3,})(?= (?:shared )?library\b)"
)
# A program that lacks an extra often says what installs it: pip install 'httpx[cli]'
WITH_EXTRA = re.compile(r"\binstall\b[^\n]*?[\s'\"`](?P<name>[A-Za-z][\w.-]*)\[(?P<extra>\w[\w.,-]*)\]")
# https://packaging.python.org/en/latest/specifications/dependency-specifiers/
OF_EXTRA = re.compile(r"(?P<name>[\w.-]+).*;.*\bextra\s*==\s*['\"](?P<extra>[^'\"]+)['\"]")
# Of Python's own modules, those that programs ask for.
NOT_ON_WINDOWS = ("_curses", "fcntl", "grp", "pwd", "readline", "resource", "termios")
IN_SPEC = {
    "--hidden-import": "hiddenimports",
    "--add-data": "datas",
    "--collect-all": "collect_all()",
    "--collect-data": "collect_data_files()",
    "--copy-metadata": "copy_metadata()",
}


@dataclass(frozen=True)
class Remedy:
    """What helps: a sentence for the user, and options that can be tried at once."""

    advice: str
    options: Sequence[str] = ()


@dataclass(frozen=True)
class Places:
    """Where something may be that a program lacks."""

    site_packages: Sequence[str] = ()
    source: Path = Path()  # where PyInstaller is run
    beside: Path | None = None  # the folder of the script
    project: Distribution | None = None
    debian: Callable[[str], str | None] | None = None  # which package has a file; None where none is installed
    windows: bool = os.name == "nt"
    apt: str = "set APT_PACKAGES={}"  # how a Debian package is installed
    extra: str = "set EXTRAS={}"  # and an extra of the project
    depend: str = "add it to the project's dependencies or to requirements.txt"


def remedy(evidence: str, places: Places, tried: Sequence[str] = ()) -> Remedy:
    """What helps against what a program lacks, except what has been tried."""
    if found := LIBRARY.search(evidence):
        return library(found["name"], found["version"] or "", places)
    if "'tk' interactive framework" in evidence:  # matplotlib says it
        return tk(places)
    if advice := unversioned_library(evidence, places):
        return Remedy(advice)
    if "no pq wrapper available" in evidence:
        # https://www.psycopg.org/psycopg3/docs/basic/install.html#binary-installation
        return Remedy("psycopg does not include libpq: psycopg[binary] does.")
    if "attempted relative import with no known parent package" in evidence:
        return Remedy(
            "A script is not part of a package. Use an absolute import: `from package.module import name` "
            "instead of `from .module import name`."
        )
    found_there = overlooked(evidence, places)
    options = [option for option in found_there if option not in tried]
    if options:
        functions = sorted({IN_SPEC[option.partition("=")[0]] for option in options})
        return Remedy(f"{' '.join(options)} adds it. In a spec, that is {', '.join(functions)}.", options)
    if wanted := WITH_EXTRA.search(evidence):
        return with_extra(wanted["name"], wanted["extra"], places)
    absent = [name for name in missing_modules(evidence) if not there(name, places)]
    absent += [found["name"] for found in METADATA.finditer(evidence) if not known(found["name"], places)]
    if absent:
        # Of exceptions that follow one another, the last one ended the program.
        named = [name for name in absent if extra_of(name, places)]
        return not_installed((named or absent)[-1], places)
    if found_there:
        return Remedy(f"{' '.join(found_there)} was tried and did not help.")
    return Remedy(
        "--collect-all=PACKAGE and --copy-metadata=PACKAGE add what PyInstaller overlooks in a "
        "package, --add-data=FILE:. adds a file beside the script."
    )


def overlooked(evidence: str, places: Places) -> Sequence[str]:
    """The options that add what is installed, or beside the script, and is not frozen."""
    options = []
    for name in modules(evidence, places):
        top = name.partition(".")[0]
        if top in sys.stdlib_module_names:
            options.append(f"--hidden-import={name}")
        elif places.beside and (places.beside / top).is_dir() and not in_environment(top, places):
            options += package_beside(places.beside / top, places)
        elif is_package(top, places):
            # A package that computes one name of a module often computes others.
            options.append(f"--collect-all={top}")
        else:
            options.append(f"--hidden-import={name}")
    for found in METADATA.finditer(evidence):
        if known(found["name"], places):
            options.append(f"--copy-metadata={found['name']}")
    for found in FILE.finditer(evidence):
        options += data(Path(re.sub(r"[/\\]+", "/", found["path"])), places)
    return list(dict.fromkeys(options))


def package_beside(package: Path, places: Places) -> Iterator[str]:
    """The options that add a package beside the script. It is not installed, so no hook finds it."""
    for file in sorted(package.rglob("*.py")):
        parts = file.relative_to(places.beside or package.parent).with_suffix("").parts
        yield f"--hidden-import={'.'.join(parts).removesuffix('.__init__')}"
    yield from files_beside(package, places)


def files_beside(path: Path, places: Places) -> Iterator[str]:
    """The options that add data files: one, or those in a folder, by their kinds."""
    beside = places.beside or places.source
    if path.is_file():
        target = path.relative_to(beside).parent.as_posix()
        yield f"--add-data={path.relative_to(places.source)}:{target}"
        return
    kinds = {
        (file.parent, f"*{file.suffix}" if file.suffix else escape(file.name))
        for file in path.rglob("*")
        if file.is_file() and file.suffix not in (".py", ".pyc")
    }
    for folder, pattern in sorted(kinds):
        target = folder.relative_to(beside).as_posix()
        yield f"--add-data={escape(str(folder.relative_to(places.source)))}/{pattern}:{target}"


def modules(evidence: str, places: Places) -> Iterator[str]:
    """The modules that the evidence names, and that are there."""
    yield from (name for name in missing_modules(evidence) if there(name, places))
    text = PLACE.sub("", METADATA.sub("", evidence))
    for found in [*LOADED.finditer(text), *QUOTED.finditer(text)]:
        name = found["name"].strip(".")
        top = name.partition(".")[0]
        if installed(name, places):
            yield name if is_package(top, places) else top


def there(name: str, places: Places) -> bool:
    """Whether a module is in the standard library, installed, or beside the script."""
    top = name.partition(".")[0]
    if not_in_python(top, places):
        return False
    return top in sys.stdlib_module_names or installed(name, places)


def missing_modules(evidence: str) -> Sequence[str]:
    """The modules that could not be imported. A relative name is in the package of a traceback."""
    found = []
    for match in MODULE.finditer(evidence):
        name = match["name"].rstrip(".")
        if name.startswith("."):
            before = PLACE.findall(evidence[: match.start()])
            packages = [path.replace("\\", "/").split("/") for path in before]
            inner = [parts for parts in packages if len(parts) > 1 and "importlib" not in parts]
            if not inner:
                continue
            parts = inner[-1]
            top = parts[parts.index("_internal") + 1] if "_internal" in parts else parts[0]
            name = f"{top}{name}"
        found.append(name)
    return found


def in_environment(name: str, places: Places) -> bool:
    """Whether a package or module is installed, wherever else one of its name is."""
    return PathFinder.find_spec(name, list(places.site_packages)) is not None


def installed(name: str, places: Places) -> bool:
    """Whether the package or module of a name is installed, or beside the script."""
    beside = [str(places.beside)] if places.beside else []
    top = name.partition(".")[0]
    return PathFinder.find_spec(top, [*places.site_packages, *beside]) is not None


def is_package(name: str, places: Places) -> bool:
    """Whether a name is that of a package, and not of a module alone."""
    beside = [str(places.beside)] if places.beside else []
    spec = PathFinder.find_spec(name, [*places.site_packages, *beside])
    return spec is not None and spec.submodule_search_locations is not None


def known(name: str, places: Places) -> bool:
    """Whether a distribution is installed."""
    return any(distributions(name=name, path=list(places.site_packages)))


def data(path: Path, places: Places) -> Sequence[str]:
    """The options that add a data file of a package, or what is beside the script."""
    top = path.parts[0]
    beside = places.beside / top if places.beside else None
    if beside and (beside.parent / path).exists() and not in_environment(top, places):
        return list(files_beside(beside, places))
    return [f"--collect-data={top}"] if len(path.parts) > 1 and is_package(top, places) else []


def extra_of(name: str, places: Places) -> str | None:
    """The extra of the project that brings a module, if one does."""
    listed = places.project.requires if places.project else None
    found = [OF_EXTRA.match(line) for line in listed or []]
    extras = {normal(one["name"]): one["extra"] for one in found if one}
    return extras.get(normal(name.partition(".")[0]))


def with_extra(name: str, extra: str, places: Places) -> Remedy:
    """What helps where the program names the extra that it lacks."""
    if places.project and normal(name) == normal(places.project.name):
        return Remedy(f"An extra of the project is missing: {places.extra.format(extra)}.")
    return Remedy(f"{name}[{extra}] is not installed: {places.depend}.")


def not_installed(name: str, places: Places) -> Remedy:
    """What helps where something is not installed."""
    top = name.partition(".")[0]
    if found := not_in_python(top, places):
        return found
    if extra := extra_of(name, places):
        return Remedy(f"An extra of the project brings {top}: {places.extra.format(extra)}.")
    return Remedy(f"{top} is not installed: {places.depend}.")


def not_in_python(name: str, places: Places) -> Remedy | None:
    """What helps where Python lacks a module of its own, or nothing if it has it."""
    if name in ("tkinter", "_tkinter"):  # it is there without its library
        if places.debian is None:
            return Remedy("This Python has no tkinter.")
        return tk(places)
    if places.windows and name in NOT_ON_WINDOWS:
        helps = f" windows-curses brings it: {places.depend}." if name == "_curses" else ""
        return Remedy(f"Python has no {name} on Windows.{helps}")
    return None


def library(name: str, version: str, places: Places) -> Remedy:
    """What helps where a shared library is missing: its Debian package, by apt's own index."""
    if re.match(r"libt(?:k|cl)[\d.]*$", name):
        return tk(places)
    file = f"{name}.so.{version}" if version else f"{name}.so"
    package = places.debian(file) if places.debian else None
    package = package or debian_package(name, version)
    return Remedy(f"The library should be in a Debian package: {places.apt.format(package)}.")


def tk(places: Places) -> Remedy:
    """What helps where tkinter is without its library."""
    return Remedy(f"tkinter needs a library that the image lacks: {places.apt.format('tk')}.")


def unversioned_library(evidence: str, places: Places) -> str:
    """What helps where the last line names a library without its version, or nothing."""
    last = (evidence.splitlines() or [""])[-1]
    if not places.debian or not LIBRARY_MISSING.search(last):
        return ""
    for found in CALLED.finditer(last):
        name = re.sub(r"^lib|\.so.*$|-\d+$", "", next(filter(None, found.groups())).lower())
        if package := places.debian(f"lib{name}.so"):
            return f"The library should be in a Debian package: {places.apt.format(package)}."
    return "A library is missing: install the Debian package that has it."


def debian_package(library: str, version: str) -> str:
    """The Debian package of a shared library, as most are named.

    https://www.debian.org/doc/debian-policy/ch-sharedlibs.html#run-time-shared-libraries
    """
    hyphen = "-" if version and library[-1].isdigit() else ""
    return f"{library}{hyphen}{version}".lower().replace("_", "-")
