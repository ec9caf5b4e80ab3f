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
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from freezer import project, source
from freezer.command_line import HELP, action, read
from freezer.processes import fail
from freezer.programs import check, made, size
from freezer.target import UPX_PACK, VARIABLES, Target, is_program, versions
from freezer.user import become_owner, install_debian_packages, work_folder

SOURCE = Path("/src")


def freeze(arguments: Sequence[str]) -> None:
    """Freeze the program in /src."""
    request = read(arguments, os.environ, UPX_PACK)
    install_debian_packages(request.debian_packages)
    become_owner(SOURCE)
    with work_folder(SOURCE) as work:
        target = Target(work, request)
        wanted = [*project.requirements(SOURCE, request)]
        programs = source.programs(SOURCE, request)
        if source.is_project(SOURCE):
            wheel = project.wheel(SOURCE, work, target.build_wheel)
            distribution = project.metadata(wheel)
            wanted.append(project.requirement(distribution, wheel))
            programs = programs or project.programs(distribution, work)
        programs = programs or [[source.script(SOURCE)]]
        if wanted:
            target.install(wanted)

        begin = time.time()
        for program in programs:
            target.freeze(SOURCE, program)
        frozen = made(request.dist, begin, is_program)
        if not frozen:
            fail(f"PyInstaller made no program in {request.dist}")

        if request.verify:
            for file in frozen:
                check(file, target.start(file.absolute()))
        packed = target.pack(frozen)
        print(", ".join(size(file, request.dist) for file in frozen) + packed)


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
            freeze(arguments)
        case "command":
            if not shutil.which(arguments[0]):
                fail(f"{arguments[0]!r} is not a command, a script or a spec: see --help")
            os.execvp(arguments[0], list(arguments))


if __name__ == "__main__":
    main(sys.argv[1:])
