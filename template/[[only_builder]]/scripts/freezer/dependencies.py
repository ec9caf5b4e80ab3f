"""What the program needs, in the versions that a lock or a requirements file fixes."""

import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path

from freezer.command_line import Request
from freezer.processes import fail, run
from freezer.project import Project

# Poetry and PDM export their locks only by plugins, so the versions in them become constraints.
CONSTRAINING = ("poetry.lock", "pdm.lock")

# Runs `uv pip install` with arguments in a folder, and says whether it succeeded.
Install = Callable[[Sequence[str | Path], Path], bool]


def install(
    folder: Path, work: Path, request: Request, project: Project | None, pip_install: Install
) -> None:
    """Install what the program in a folder needs, and the project."""
    if request.extras and not project:
        fail(f"EXTRAS: there is no project in {folder}")
    file = requirements(folder, request, project)
    where = project.folder if project else folder  # what is built there leaves files behind
    if file and is_lock(file):
        print(f"The dependencies are those of {file.name}.", flush=True)
        if not pip_install(locked(file, work, request, project), where):
            fail(f"what {file.name} lists cannot be installed")
        if project and not pip_install(["--no-index", project.requirement], where):
            fail(f"{file.name} does not list all that the project needs: make it anew")
    elif wanted := unlocked(file, request, project):
        constraints, said = constrained(folder, work, project)
        print(said, flush=True)
        if not pip_install([*wanted, *constraints], where):
            fail("the dependencies cannot be installed")


def requirements(folder: Path, request: Request, project: Project | None) -> Path | None:
    """What says what to install: the file that the user names, a lock, or requirements.txt."""
    if request.requirements is not None:
        file = folder / request.requirements
        if not file.is_file():
            fail(f"REQUIREMENTS: there is no {request.requirements} in {folder}")
        return file
    names = [*(["uv.lock"] if project else []), "pylock.toml", "requirements.txt"]
    return next((folder / name for name in names if (folder / name).is_file()), None)


def is_lock(file: Path) -> bool:
    """Whether a file lists all dependencies: a lock, or requirements with hashes.

    https://pip.pypa.io/en/stable/topics/secure-installs/#hash-checking-mode
    """
    return file.name in ("uv.lock", "pylock.toml") or "--hash=" in file.read_text(errors="replace")


def locked(
    file: Path, work: Path, request: Request, project: Project | None
) -> Sequence[str | Path]:
    """What installs all that a lock lists for the program, without the project itself."""
    extras = [f"--extra={name}" for name in project.extras] if project else []
    groups = [f"--group={name}" for name in request.groups]
    if file.name == "pylock.toml":
        return ["--requirements", file, *extras, *groups]
    if file.name != "uv.lock":
        return ["--require-hashes", "--requirements", file]
    exported = work / "uv.txt"
    folder = project.folder if project else file.parent
    options = ["--frozen", "--no-default-groups", "--no-emit-project", "--no-editable"]
    command = ["uv", "export", "--quiet", "--project", folder, *options, *extras, *groups]
    run("uv export", *command, "--output-file", exported)
    return ["--requirements", exported]


def unlocked(file: Path | None, request: Request, project: Project | None) -> Sequence[str | Path]:
    """What installs the newest versions that fit."""
    listed = ["--requirements", file] if file else []
    groups = [f"--group={name}" for name in request.groups]
    return [*listed, *groups, *([project.requirement] if project else [])]


def constrained(
    folder: Path, work: Path, project: Project | None
) -> tuple[Sequence[str | Path], str]:
    """What fixes the versions otherwise, and a sentence that says so."""
    lock = next((folder / name for name in CONSTRAINING if (folder / name).is_file()), None)
    if not lock or not project:
        return [], "There is no lock: the dependencies have the newest versions that fit."
    file = work / "constraints.txt"
    file.write_text(constraints(lock))
    return ["--constraints", file], f"The dependencies have the versions of {lock.name}."


def constraints(lock: Path) -> str:
    """The versions in a lock of Poetry or PDM. A package that has several is not constrained."""
    try:
        packages = tomllib.loads(lock.read_text()).get("package", [])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        fail(f"{lock.name}: {error}")
    versions: dict[str, set[str]] = {}
    for package in packages:
        versions.setdefault(package["name"], set()).add(package["version"])
    return "".join(f"{name}=={min(one)}\n" for name, one in versions.items() if len(one) == 1)
