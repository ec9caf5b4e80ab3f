"""The entrypoint of the image: freeze the program in /src, or run another command.

The image starts this file from the folder above the package, so that what lies in /src is never
imported instead.
"""

# Running commands is what it is for.
# ruff: noqa: S606

import os
import shutil
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from freezer import commands, dependencies, project, source
from freezer.command_line import HELP, action, parser, read
from freezer.data_beside import data_beside
from freezer.plugins import overlooked, plugins
from freezer.processes import fail
from freezer.target import UPX_PACK, VARIABLES, Target, versions
from freezer.trial import Plan, freeze_and_start
from freezer.user import become_owner, check_dist, install_debian_packages, work_folder

SOURCE = Path("/src")


def freeze(arguments: Sequence[str]) -> None:
    """Freeze the program in /src."""
    request = read(arguments, os.environ, UPX_PACK, parser())
    install_debian_packages(request.debian_packages)
    become_owner(SOURCE)
    with work_folder(SOURCE) as work:
        check_dist(request.dist)
        target = Target(work, request)
        programs = source.programs(SOURCE, request)
        folder = source.project(SOURCE, request)
        found = project.build(SOURCE, folder, work, request) if folder else None
        wanted: Sequence[commands.Command] = []
        if found and found.wheel and found.distribution:
            target.check_wheel(found.wheel)
            if not programs and (wanted := commands.commands(found.distribution, request)):
                commands.check_name(wanted, request)
                programs = [commands.program(found.distribution, wanted, work)]
        if request.commands and not wanted:
            fail("COMMANDS works only for a project, without a script or a spec")
        script = Path(request.scripts[0]) if request.scripts else None
        if not programs:
            script = source.script(folder or SOURCE, project=found is not None)
            programs = [[script]]
        if script and script.suffix == ".spec":
            script = None
        dependencies.install(SOURCE, work, request, found, script, target.pip_install)
        added: list[str] = []
        if not source.has_spec(programs, request):
            added += plugins(target.installed, script)
            added += overlooked(target.installed, found.distribution if found else None, script)
        if script and (found_there := data_beside(script, SOURCE)):
            print(f"Added, because the code names it: {' '.join(found_there)}", flush=True)
            added = [*added, *found_there]
        [program] = programs
        freeze_and_start(target, Plan(SOURCE, program, wanted, found, added), request)


def stop(signum: int, _frame: object) -> NoReturn:
    """End at once: as PID 1, Python would otherwise ignore SIGTERM."""
    raise SystemExit(128 + signum)


def main(arguments: Sequence[str]) -> None:
    """Do what the arguments ask for."""
    match action(arguments):
        case "help":
            print(HELP.format(variables=VARIABLES), end="")
        case "version":
            print(versions())
        case "freeze":
            for signum in (signal.SIGINT, signal.SIGTERM):
                signal.signal(signum, stop)
            try:
                freeze(arguments)
            except PermissionError as error:
                fail(f"{error.filename} cannot be read or written by this user")
        case "command":
            if not shutil.which(arguments[0]):
                fail(f"{arguments[0]!r} is not a command, a script or a spec: see --help")
            os.execvp(arguments[0], list(arguments))


if __name__ == "__main__":
    main(sys.argv[1:])
