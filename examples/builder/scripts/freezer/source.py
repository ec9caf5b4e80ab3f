"""What is to be frozen: what the user names, a spec, the commands of a project, or a script."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from freezer.command_line import Request
from freezer.processes import fail

# The first arguments of PyInstaller, for one program.
Program = Sequence[str | Path]

USUAL = ("main", "app", "__main__")
# What belongs to the tools of a project: setuptools, pytest, nox, invoke.
NO_SCRIPTS = ("setup.py", "conftest.py", "noxfile.py", "tasks.py")


def programs(folder: Path, request: Request) -> Sequence[Program]:
    """The programs to freeze in a folder; none means the commands of the project in it."""
    if request.scripts:
        return [[]]  # the user's own arguments name it
    if request.specfile:
        if not (folder / request.specfile).is_file():
            fail(f"SPECFILE: there is no {request.specfile} in {folder}")
        return [[folder / request.specfile]]
    specs = sorted(file for file in folder.glob("*.spec") if file.is_file())
    if len(specs) > 1:
        fail(f"several specs: name one of {', '.join(spec.name for spec in specs)}, or set SPECFILE")
    return [specs] if specs else []


def has_spec(programs: Sequence[Program], request: Request) -> bool:
    """Whether a spec says what to freeze: with one, PyInstaller takes no options that add to it."""
    words = [*request.scripts, *(word for program in programs for word in program)]
    return any(Path(word).suffix == ".spec" for word in words)


def tables(folder: Path) -> Mapping[str, Any]:
    """What is in the pyproject.toml of a folder."""
    file = folder / "pyproject.toml"
    try:
        return tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        fail(f"{file.name}: {error}")
    except OSError as error:
        fail(f"{file}: {error.strerror}")


def table(found: object, *names: str) -> Mapping[str, Any]:
    """A table in what pyproject.toml holds: an empty one where there is none of that name."""
    for name in names:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def entries(found: Mapping[str, Any], key: str) -> Sequence[Any]:
    """A list in what pyproject.toml holds: an empty one where there is none of that name."""
    value = found.get(key)
    return value if isinstance(value, list) else []


def is_project(folder: Path) -> bool:
    """Whether a folder holds a project, which may declare dependencies.

    A pyproject.toml without these tables only configures tools:
    https://packaging.python.org/en/latest/specifications/pyproject-toml/
    """
    return (folder / "setup.py").is_file() or not tables(folder).keys().isdisjoint(("project", "build-system"))


def is_package(folder: Path) -> bool:
    """Whether the project in a folder can be built, by what uv and Poetry say of it.

    https://docs.astral.sh/uv/concepts/projects/config/#project-packaging
    https://python-poetry.org/docs/pyproject/#package-mode
    """
    found = tables(folder)
    for tool, key in (("uv", "package"), ("poetry", "package-mode")):
        value = table(found, "tool", tool).get(key)
        if isinstance(value, bool):
            return value
    return "build-system" in found or (folder / "setup.py").is_file() or has_commands(folder)


def has_commands(folder: Path) -> bool:
    """Whether the pyproject.toml of a folder declares commands."""
    found = tables(folder)
    return any(
        table(found, *names)
        for names in (("project", "scripts"), ("project", "gui-scripts"), ("tool", "poetry", "scripts"))
    )


def members(folder: Path) -> Mapping[str, Path]:
    """The members of uv's workspace in a folder, by their names.

    https://docs.astral.sh/uv/concepts/projects/workspaces/
    """
    workspace = table(tables(folder), "tool", "uv", "workspace")

    def found(key: str) -> set[Path]:
        return {path for pattern in entries(workspace, key) for path in folder.glob(str(pattern))}

    listed = sorted(path for path in found("members") - found("exclude") if (path / "pyproject.toml").is_file())
    return {str(table(tables(path), "project").get("name", path.name)): path for path in listed}


def project(folder: Path, request: Request) -> Path | None:
    """The folder of the project to freeze, or None where there is none.

    That is the given folder, the member of its workspace that the user names, or the only member
    with commands.
    """
    known = members(folder)
    if request.package:
        found = known.get(request.package, folder / request.package)
        if not is_project(found):
            fail(
                f"PACKAGE: {folder} has no workspace member or project folder {request.package!r}. "
                f"Members: {', '.join(known) or 'none'}"
            )
        return found
    if is_project(folder):
        return folder
    if request.scripts or request.specfile:
        return None
    able = {name: path for name, path in known.items() if has_commands(path)}
    if len(able) > 1:
        fail(f"several members of the workspace have commands: set PACKAGE to one of {', '.join(able)}")
    return next(iter(able.values()), None)


def script(folder: Path, *, project: bool = False) -> Path:
    """The script in a folder, or in src, if its name or its being the only one shows which it is.

    Fails:
        there is none, or there are several; says then what was looked for, in a project also commands
    """
    files: list[Path] = []
    for place in (folder, folder / "src"):
        found = sorted([*place.glob("*.py"), *place.glob("*.pyw")])
        found = [file for file in found if file.name not in NO_SCRIPTS and file.is_file()]
        usual = [file for file in found if file.stem in USUAL]
        one = found if len(found) == 1 else usual
        if len(one) == 1:
            return one[0]
        files += found
    names = ", ".join(str(file.relative_to(folder)) for file in files)
    looked_for = f"{folder} has no *.spec, {'no command' if project else 'no project'}"
    if files:
        fail(f"{looked_for}, and several scripts: name one of {names}")
    if project:
        fail(
            f"{looked_for} in [project.scripts] of pyproject.toml, no package with a __main__.py, and "
            "no script: add a command, or name a script"
        )
    fail(
        f"nothing to freeze: {looked_for} and no script: mount the folder of the program: "
        'docker run --rm -v "$PWD:/src" …'
    )
