"""The project in /src as a wheel: which commands it has, and with which extras.

The wheel knows its commands whichever tool builds it: setuptools, Poetry, Flit, Hatch, …
"""

import re
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, EntryPoint, distributions
from pathlib import Path

from freezer.command_line import Request
from freezer.processes import fail, run
from freezer.source import Program

# What earlier builds leave at the top of a project. A package of such a name is elsewhere.
LEFT_OUT = ("build", "dist")


@dataclass(frozen=True)
class Project:
    """A project that is built: a copy of its folder, its wheel with the metadata, and its extras."""

    folder: Path
    wheel: Path
    distribution: Distribution
    extras: Sequence[str]

    @property
    def requirement(self) -> str:
        """What installs the wheel with the extras."""
        listed = f"[{','.join(self.extras)}]" if self.extras else ""
        return f"{self.distribution.name}{listed} @ {self.wheel.as_uri()}"


def build(folder: Path, work: Path, request: Request) -> Project:
    """Build the project in a folder as a wheel, by the Python that runs this."""
    copy, wheels = work / "project", work / "wheels"
    copy_project(folder, copy)
    command = ["uv", "build", "--quiet", "--no-cache", "--wheel", "--python", sys.executable]
    run("uv build", *command, "--out-dir", wheels, copy)
    wheel = next(wheels.glob("*.whl"))
    distribution = metadata(wheel)
    return Project(copy, wheel, distribution, extras(distribution, request))


def copy_project(folder: Path, copy: Path) -> None:
    """Copy the project in a folder: a build leaves files behind."""

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


def extras(distribution: Distribution, request: Request) -> Sequence[str]:
    """The extras to install: those that the commands name, and those that the user asks for."""
    known = distribution.metadata.get_all("Provides-Extra") or []
    for name in request.extras:
        if normalized(name) not in map(normalized, known):
            fail(f"EXTRAS: the project has no extra {name!r}, only: {', '.join(known) or 'none'}")
    named = {extra for command in commands(distribution) for extra in command.extras}
    return sorted({*named, *request.extras})


def normalized(name: str) -> str:
    """The name of an extra in the one spelling that stands for all.

    https://packaging.python.org/en/latest/specifications/name-normalization/
    """
    return re.sub(r"[-_.]+", "-", name).lower()


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
