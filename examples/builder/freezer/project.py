"""The project in /src as a wheel: which commands it has, and what it needs.

The wheel knows its commands whichever tool builds it: setuptools, Poetry, Flit, Hatch, …
"""

import shutil
from collections.abc import Callable, Sequence
from importlib.metadata import Distribution, EntryPoint, distributions
from pathlib import Path

from freezer.command_line import Request
from freezer.processes import fail
from freezer.source import Program

# What earlier builds leave at the top of a project. A package of such a name is elsewhere.
LEFT_OUT = ("build", "dist")


def requirements(folder: Path, request: Request) -> Sequence[str]:
    """What the requirements file asks for, as arguments of pip."""
    file = folder / (request.requirements or "requirements.txt")
    if request.requirements is not None and not file.is_file():
        fail(f"REQUIREMENTS: there is no {request.requirements} in {folder}")
    return ["--requirement", str(file)] if file.is_file() else []


def wheel(folder: Path, work: Path, build: Callable[[Path, Path], None]) -> Path:
    """Build the project in a folder as a wheel, from a copy: a build leaves files behind."""
    copy, wheels = work / "project", work / "wheels"

    def left_out(place: str, names: Sequence[str]) -> set[str]:
        at_top = LEFT_OUT if Path(place) == folder else ()
        return {
            name
            for name in names
            if name in at_top
            or name.endswith(".egg-info")
            or Path(place, name, "pyvenv.cfg").exists()  # a virtual environment
        }

    shutil.copytree(folder, copy, ignore=left_out, symlinks=True)
    build(copy, wheels)
    return next(wheels.glob("*.whl"))


def metadata(wheel: Path) -> Distribution:
    """The metadata of a wheel, which is a zip file that can be imported from."""
    return next(iter(distributions(path=[str(wheel)])))


def commands(distribution: Distribution) -> Sequence[EntryPoint]:
    """The commands that an installed project has, in a terminal or with windows."""
    return [
        entry
        for entry in distribution.entry_points
        if entry.group in ("console_scripts", "gui_scripts")
    ]


def requirement(distribution: Distribution, wheel: Path) -> str:
    """What installs the wheel, with the extras that its commands name."""
    extras = sorted({extra for command in commands(distribution) for extra in command.extras})
    listed = f"[{','.join(extras)}]" if extras else ""
    return f"{distribution.name}{listed} @ {wheel.as_uri()}"


def programs(distribution: Distribution, work: Path) -> Sequence[Program]:
    """What PyInstaller freezes for each command of a project."""
    whole = collected(distribution)
    return [
        [
            "--name",
            command.name,
            *(["--windowed"] if command.group == "gui_scripts" else []),
            *whole,
            command_script(command, work),
        ]
        for command in commands(distribution)
    ]


def collected(distribution: Distribution) -> Sequence[str]:
    """The options that take in the whole project, with what PyInstaller cannot see in its code.

    That is its data files, its metadata, and the modules that it imports by a computed name.
    """
    packages = {
        file.parts[0]
        for file in distribution.files or []
        if len(file.parts) > 1 and file.parts[0].isidentifier()
    }
    options = [f"--copy-metadata={distribution.name}"]
    for package in sorted(packages):
        options += [f"--collect-data={package}", f"--collect-submodules={package}"]
    return options


def command_script(command: EntryPoint, folder: Path) -> Path:
    """Write the script that a command stands for, under a name that hides no package.

    https://packaging.python.org/en/latest/specifications/entry-points/
    """
    if not command.attr:
        fail(f"the command {command.name} needs module:function, and is {command.value!r}")
    script = folder / f"{command.name}-script.py"
    first = command.attr.partition(".")[0]
    script.write_text(
        f"import sys\nfrom {command.module} import {first}\nsys.exit({command.attr}())\n"
    )
    return script
