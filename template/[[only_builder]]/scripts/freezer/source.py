"""What is to be frozen: what the user names, a spec, the commands of a project, or a script."""

import tomllib
from collections.abc import Sequence
from pathlib import Path

from freezer.command_line import Request
from freezer.processes import fail

# The first arguments of PyInstaller, for one program.
Program = Sequence[str | Path]


def programs(folder: Path, request: Request) -> Sequence[Program]:
    """The programs to freeze in a folder; none means the commands of the project in it."""
    if request.names_program:
        return [[]]  # the user's own arguments name it
    if request.specfile:
        if not (folder / request.specfile).is_file():
            fail(f"SPECFILE: there is no {request.specfile} in {folder}")
        return [[folder / request.specfile]]
    specs = sorted(folder.glob("*.spec"))
    if len(specs) > 1:
        fail(
            f"several specs: name one of {', '.join(spec.name for spec in specs)}, or set SPECFILE"
        )
    if specs:
        return [specs]
    return [] if is_project(folder) else [[script(folder)]]


def has_spec(programs: Sequence[Program], request: Request) -> bool:
    """Whether a spec says what to freeze: with one, PyInstaller takes no options that add to it."""
    words = [*request.arguments, *(word for program in programs for word in program)]
    return any(Path(word).suffix == ".spec" for word in words)


def is_project(folder: Path) -> bool:
    """Whether a folder holds a project that can be installed.

    A pyproject.toml without these tables only configures tools:
    https://packaging.python.org/en/latest/specifications/pyproject-toml/
    """
    file = folder / "pyproject.toml"
    try:
        tables = tomllib.loads(file.read_text()) if file.is_file() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        fail(f"pyproject.toml: {error}")
    return (folder / "setup.py").is_file() or not tables.keys().isdisjoint(
        ("project", "build-system")
    )


def script(folder: Path) -> Path:
    """The script in a folder, if its name or its being the only one shows which it is."""
    files = [file for file in sorted(folder.glob("*.py")) if file.name != "setup.py"]
    usual = [file for file in files if file.name in ("main.py", "app.py")]
    found = files if len(files) == 1 else usual
    if len(found) == 1:
        return found[0]
    if files:
        fail(f"several scripts: name one of {', '.join(file.name for file in files)}")
    if is_project(folder):
        fail(
            "the project has no command: add one to [project.scripts] of pyproject.toml, "
            "or name a script"
        )
    fail(
        f"nothing to freeze in {folder}: mount a folder with a *.spec, a project with commands, "
        'or a script: docker run --rm -v "$PWD:/src" …'
    )
