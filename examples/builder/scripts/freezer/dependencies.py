"""What the program needs, in the versions that a lock or a requirements file fixes."""

import os
import re
import shutil
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from freezer.command_line import Request
from freezer.processes import fail, run
from freezer.project import Project
from freezer.source import entries, is_package, table, tables

# Poetry and PDM export their locks only by plugins, so the versions in them become constraints.
CONSTRAINING = ("poetry.lock", "pdm.lock")
# With one of these, the user says where packages come from.
INDEXES = ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_NO_INDEX")
# https://packaging.python.org/en/latest/specifications/inline-script-metadata/
INLINE = re.compile(r"(?m)^# /// script$")

Arguments = Sequence[str | Path]
# Runs `uv pip install` with arguments in a folder, and says whether it succeeded.
Install = Callable[[Arguments, Path], bool]


def install(
    folder: Path, work: Path, request: Request, project: Project | None, script: Path | None, pip_install: Install
) -> None:
    """Install what the script or the project in a folder needs, and the project."""
    if request.extras and not project:
        fail(f"EXTRAS: there is no project in {folder}")
    file = requirements(folder, request, project)
    where = project.folder if project else folder  # what is built there leaves files behind
    if script and request.requirements is None and has_inline_metadata(script):
        print(f"The dependencies are those that {script.name} lists.", flush=True)
        if not pip_install(exported(work, "--script", script, *frozen(script)), folder):
            fail(f"what {script.name} lists cannot be installed{compiler()}")
    elif file and is_lock(file):
        print(f"The dependencies are those of {file.name}.", flush=True)
        if not pip_install(locked(file, work, request, project), where):
            fail(f"what {file.name} lists cannot be installed{compiler()}")
        if project and project.wheel and not pip_install(["--no-index", project.requirement], where):
            fail(f"{file.name} does not list everything that the project needs: update it")
    else:
        if not file and not (project and project.wheel):
            refuse_unread(where)
        if file or request.groups or project:
            resolve(file, folder, work, request, project, pip_install)


def compiler() -> str:
    """What helps if a package has no wheel for this Python and is not pure Python."""
    return "" if shutil.which("cc") else ". If a compiler is missing, set APT_PACKAGES=build-essential."


def refuse_unread(folder: Path) -> None:
    """Refuse a list of dependencies that only another tool reads: the program would lack them."""
    pipfile = folder / "Pipfile"
    if table(tables(folder), "tool", "poetry", "dependencies").keys() - {"python"} and not is_package(folder):
        what, tool, command = "[tool.poetry.dependencies] in pyproject.toml", "Poetry", "poetry export"
    elif pipfile.is_file() and table(parsed(pipfile), "packages"):
        what, tool, command = "Pipfile", "Pipenv", "pipenv requirements"
    else:
        return
    fail(
        f"{what}: without a package, only {tool} reads it. Make a requirements.txt "
        f"(`{command} >requirements.txt`), or move it to [project] (`uvx migrate-to-uv`)"
    )


def requirements(folder: Path, request: Request, project: Project | None) -> Path | None:
    """What says what to install: the file that the user names, a lock, or requirements.txt."""
    if request.requirements is not None:
        file = folder / request.requirements
        if not file.is_file():
            fail(f"REQUIREMENTS: there is no {request.requirements} in {folder}")
        return file
    names = [*(["uv.lock"] if project else []), "pylock.toml", "requirements.txt"]
    places = [project.folder, project.root] if project else [folder]
    found = (place / name for place in places for name in names)
    return next((file for file in found if file.is_file()), None)


def is_lock(file: Path) -> bool:
    """Whether a file lists all dependencies: a lock, or requirements with hashes.

    https://pip.pypa.io/en/stable/topics/secure-installs/#hash-checking-mode
    """
    return file.name in ("uv.lock", "pylock.toml") or "--hash=" in file.read_text(errors="replace")


def has_inline_metadata(script: Path) -> bool:
    """Whether a script lists its dependencies itself."""
    return bool(INLINE.search(script.read_text(encoding="utf-8", errors="replace")))


def frozen(script: Path) -> Sequence[str]:
    """The option that takes the lock of a script as it is, where there is one."""
    return ["--frozen"] if script.with_name(f"{script.name}.lock").is_file() else []


def locked(file: Path, work: Path, request: Request, project: Project | None) -> Arguments:
    """What installs all that a lock lists for the program, without the project itself."""
    extras = [f"--extra={name}" for name in project.extras] if project else []
    groups = [f"--group={name}" for name in request.groups]
    if file.name == "pylock.toml":
        return ["--requirements", file, *extras, *groups]
    if file.name != "uv.lock":
        return ["--require-hashes", "--requirements", file]
    folder = project.folder if project else file.parent
    options = ["--frozen", "--no-default-groups", "--no-emit-project", "--no-editable"]
    return exported(work, "--project", folder, *options, *extras, *groups)


def exported(work: Path, *options: str | Path) -> Arguments:
    """What installs what uv exports.

    The format keeps the index of each package. A requirements file does not, so another package of
    the same name could come from the public index.
    """
    file = work / "pylock.toml"
    run("uv export", "uv", "export", "--quiet", "--format=pylock.toml", *options, "-o", file)
    return ["--requirements", file]


def resolve(
    file: Path | None, folder: Path, work: Path, request: Request, project: Project | None, pip_install: Install
) -> None:
    """Install the newest versions that fit what requirements.txt and the project ask for."""
    where = project.folder if project else folder
    listed: Arguments = ["--requirements", file] if file else []
    groups = [f"--group={name}" for name in request.groups]
    wanted: Arguments = []
    if project:
        refuse_other_indexes(project)
        wanted = declared(project)
    constraints, notice = constrained(work, project)
    print(notice, flush=True)
    done = pip_install([*listed, *groups, *wanted, *constraints], where)
    if not done and file and wanted and request.requirements is None:
        print(f"{file.name} cannot be installed: the dependencies are those of the project alone.")
        done = pip_install([*groups, *wanted, *constraints], where)
    if not done:
        fail(f"the dependencies cannot be installed{compiler()}")
    missing = project.requirement if project and project.requirement not in wanted else ""
    if missing and not pip_install(["--no-deps", missing], where):
        fail("the project cannot be installed")


def declared(project: Project) -> Arguments:
    """What installs the dependencies that a project declares.

    A wheel does not say from where uv takes them, its pyproject.toml does: [tool.uv.sources].
    """
    found = [tables(folder) for folder in (project.folder, project.root)]
    if project.wheel and not any(table(one, "tool", "uv") for one in found):
        return [project.requirement]
    extras = [f"--extra={name}" for name in project.extras]
    return ["--requirements", project.folder / "pyproject.toml", *extras]


def refuse_other_indexes(project: Project) -> None:
    """Refuse a project whose packages come from an index that only Poetry, PDM or Rye know.

    The public index could have other packages of the same names.
    """
    if any(os.environ.get(name) for name in INDEXES):
        return
    if found := other_indexes(tables(project.folder), poetrys_lock(project.root)):
        fail(
            f"{', '.join(found)}: only that tool knows the index for it. Set "
            "UV_DEFAULT_INDEX to the index that has all packages, or list the packages with hashes in "
            "requirements.txt, or make a uv.lock"
        )


def poetrys_lock(folder: Path) -> Mapping[str, Any]:
    """What is in the lock of Poetry, which names the index of each package."""
    file = folder / "poetry.lock"
    return parsed(file) if file.is_file() else {}


def other_indexes(pyproject: Mapping[str, Any], lock: Mapping[str, Any]) -> Sequence[str]:
    """What a project takes from another place than its metadata says, by the names of its tools."""
    packages = [
        f"poetry.lock: {package.get('name')}"
        for package in entries(lock, "package")
        if isinstance(package, Mapping) and table(package, "source").get("type") == "legacy"
    ]
    sources = [
        f"[tool.{tool}.{key}] {source.get('name')}"
        for tool, key in (("poetry", "source"), ("pdm", "source"), ("rye", "sources"))
        for source in entries(table(pyproject, "tool", tool), key)
        if isinstance(source, Mapping)
        and str(source.get("name")).lower() != "pypi"
        and "//pypi.org/" not in str(source.get("url"))
        and not (lock and tool == "poetry")  # its lock is more exact
    ]
    overrides = [
        f"[tool.pdm] override of {name}"
        for key in ("resolution", "")
        for name in table(pyproject, "tool", "pdm", *([key] if key else []), "overrides")
    ]
    return [*packages, *sources, *overrides]


def constrained(work: Path, project: Project | None) -> tuple[Arguments, str]:
    """What fixes the versions otherwise, and a sentence that says so."""
    places = (project.folder, project.root) if project else ()
    found = (place / name for place in places for name in CONSTRAINING)
    lock = next((file for file in found if file.is_file()), None)
    if not lock:
        return [], "There is no lock: the dependencies have the newest versions that fit."
    file = work / "constraints.txt"
    file.write_text(constraints(lock))
    return ["--constraints", file], f"The dependencies have the versions of {lock.name}."


def constraints(lock: Path) -> str:
    """The versions in a lock of Poetry or PDM. A package that has several is not constrained."""
    versions: dict[str, set[str]] = {}
    for package in parsed(lock).get("package", []):
        versions.setdefault(package["name"], set()).add(package["version"])
    return "".join(f"{name}=={min(one)}\n" for name, one in versions.items() if len(one) == 1)


def parsed(file: Path) -> Mapping[str, Any]:
    """What is in a lock, or in a Pipfile."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        fail(f"{file.name}: {error}")
