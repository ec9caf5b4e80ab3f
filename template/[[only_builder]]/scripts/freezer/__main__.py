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

from freezer import dependencies, project, source
from freezer.command_line import HELP, Request, action, read
from freezer.processes import fail
from freezer.programs import check, made, overlooked, size
from freezer.source import Program
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
        programs = source.programs(SOURCE, request)
        found = None
        if source.is_project(SOURCE):
            found = project.build(SOURCE, work, request)
            target.check_wheel(found.wheel)
            programs = programs or project.programs(found.distribution, work)
        programs = programs or [[source.script(SOURCE)]]
        dependencies.install(SOURCE, work, request, found, target.pip_install)

        frozen, added = make_and_start(target, programs, request)
        packed = target.pack(frozen)
        print(", ".join(size(file, request.dist) for file in frozen) + packed)
        if added:
            print(f"It was frozen twice. With {' '.join(added)} as arguments, once is enough.")


def make_and_start(
    target: Target, programs: Sequence[Program], request: Request
) -> tuple[Sequence[Path], Sequence[str]]:
    """Freeze programs and start them. If a start shows what to add, freeze them once more.

    Returns:
        the programs that were made, and the options that were added
    """
    frozen = make(target, programs, request.dist)
    if not request.verify:
        return frozen, []
    starts = [target.start(file.absolute()) for file in frozen]
    spec = source.has_spec(programs, request)
    added = [] if spec else overlooked(starts, target.site_packages)
    if added:
        print(f"A start shows what is missing: freezing again with {' '.join(added)}", flush=True)
        frozen = make(target, [[*added, *program] for program in programs], request.dist)
        starts = [target.start(file.absolute()) for file in frozen]
    for file, start in zip(frozen, starts, strict=True):
        check(file, start, target.site_packages)
    return frozen, added


def make(target: Target, programs: Sequence[Program], dist: Path) -> Sequence[Path]:
    """Freeze programs, and find what was made."""
    begin = time.time()
    target.freeze(SOURCE, programs)
    frozen = made(dist, begin, is_program)
    if not frozen:
        fail(f"PyInstaller made no program in {dist}")
    return frozen


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
