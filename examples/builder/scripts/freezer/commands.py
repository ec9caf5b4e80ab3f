"""The commands of a project, and what PyInstaller freezes for each of them."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution
from pathlib import Path

from freezer.command_line import Request
from freezer.overlooked import FUNCTION
from freezer.processes import fail
from freezer.source import Program

# A command becomes a file of this name, on Windows too.
NAME = re.compile(r"\w[\w.+-]*")
# https://packaging.python.org/en/latest/specifications/entry-points/#data-model
OBJECT = re.compile(r"(?P<module>[\w.]+)\s*:\s*(?P<function>[\w.]+)\s*(?:\[(?P<extras>.*)\])?")


@dataclass(frozen=True)
class Command:
    """A command of a project: the script that it stands for."""

    name: str
    script: str
    windowed: bool = False
    extras: Sequence[str] = ()


def commands(distribution: Distribution, request: Request) -> Sequence[Command]:
    """The commands that the user wants of those that an installed project has."""
    declared = [*scripts(distribution), *entry_points(distribution)]
    found = {command.name: command for command in declared or packages(distribution)}
    for name in request.commands:
        if name not in found:
            fail(f"COMMANDS: the project has no command {name!r}, only: {', '.join(found) or 'none'}")
    return [found[name] for name in request.commands or found]


def entry_points(distribution: Distribution) -> Sequence[Command]:
    """The commands in a terminal or with windows that a project declares as entry points."""
    found = []
    for entry in distribution.entry_points:
        if entry.group in ("console_scripts", "gui_scripts"):
            parts = OBJECT.fullmatch(entry.value)
            if not NAME.fullmatch(entry.name):
                fail(f"the command {entry.name!r} cannot be the name of a file: rename it")
            if not parts or not all(map(str.isidentifier, re.split(r"\.", parts["module"]))):
                fail(f"the command {entry.name} must be module:function, not {entry.value!r}")
            extras = re.findall(r"[\w.-]+", parts["extras"] or "")
            first = parts["function"].partition(".")[0]
            script = FUNCTION.format(module=parts["module"], first=first, attr=parts["function"])
            found.append(Command(entry.name, script, entry.group == "gui_scripts", extras))
    return found


def scripts(distribution: Distribution) -> Sequence[Command]:
    """The commands that are whole scripts in Python, which setuptools calls `scripts`.

    https://packaging.python.org/en/latest/specifications/binary-distribution-format/#the-data-directory
    """
    found = []
    for file in distribution.files or []:
        if len(file.parts) == 3 and file.parts[0].endswith(".data") and file.parts[1] == "scripts":
            text = file.read_binary().decode(errors="replace")
            if re.match(r"#!.*python", text):
                found.append(Command(file.name.removesuffix(".py"), text))
    return [command for command in found if NAME.fullmatch(command.name)]


def packages(distribution: Distribution) -> Sequence[Command]:
    """What `python -m` runs of a project: its packages with a `__main__.py`."""
    script = "import runpy\nrunpy.run_module({!r}, run_name='__main__', alter_sys=True)\n"
    names = [file.parts[0] for file in distribution.files or [] if file.parts[1:] == ("__main__.py",)]
    return [Command(name, script.format(name)) for name in sorted(names) if name.isidentifier()]


def check_name(found: Sequence[Command], request: Request) -> None:
    """Refuse one name for several commands."""
    if request.name and len(found) > 1:
        names = ", ".join(command.name for command in found)
        fail(f"--name: the project has several commands. Set COMMANDS to one of {names}")


def program(distribution: Distribution, found: Sequence[Command], work: Path) -> Program:
    """What PyInstaller freezes for the commands of a project. Several share one folder.

    There their modules are files: in an archive, each program would hold all of them.
    """
    one = found[0]
    several = len(found) > 1
    name = distribution.name if several else one.name
    return [
        "--name",
        name,
        *(["--windowed"] if one.windowed and not several else []),
        *(["--debug=noarchive"] if several else []),
        *collected(distribution),
        *(command_script(command, work) for command in found),
    ]


def several(found: Sequence[Command]) -> Mapping[str, str]:
    """The environment in which PyInstaller makes several programs in one run."""
    if len(found) < 2:
        return {}
    listed = [(command.name, f"{command.name}-script", command.windowed) for command in found]
    return {"FREEZER_COMMANDS": json.dumps(listed)}


def collected(distribution: Distribution) -> Sequence[str]:
    """The options that take in the whole project, with what PyInstaller cannot see in its code.

    That is its data files, its metadata, and the modules that it imports by a computed name.
    """
    packages = {
        file.parts[0] for file in distribution.files or [] if len(file.parts) > 1 and file.parts[0].isidentifier()
    }
    options = [f"--copy-metadata={distribution.name}"]
    for package in sorted(packages):
        options += [f"--collect-data={package}", f"--collect-submodules={package}"]
    return options


def command_script(command: Command, folder: Path) -> Path:
    """Write the script that a command stands for, under a name that hides no package."""
    script = folder / "commands" / f"{command.name}-script.py"
    script.parent.mkdir(exist_ok=True)
    script.write_text(command.script, encoding="utf-8")
    return script
