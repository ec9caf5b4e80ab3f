#!/usr/bin/env python3
"""Freeze the program in /src into a Linux program, as the entrypoint of the image."""

# Running commands is what it is for.
# ruff: noqa: S603, S607

import os
import subprocess
import sys
import venv
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from contract import (
    SOURCE,
    fail,
    main,
    project,
    pyinstaller,
    requirements,
    run,
    switch,
    targets,
    workplace,
)

HELP = """\
  UPX_PACK      on: pack the shared libraries afterwards (onedir only)
"""


def install(work: Path) -> Path:
    """Install what the program needs, outside of /src, and return the folder of its commands."""
    environment = work / "venv"
    venv.create(environment, system_site_packages=True, symlinks=True, with_pip=False)
    if wanted := [*requirements(), *project(work)]:
        python = environment / "bin/python"
        run("pip", python, "-m", "pip", "install", "--quiet", "--no-cache-dir", *wanted)
    return environment / "bin"


def pack(folder: Path) -> None:
    """Pack the shared libraries of every frozen folder with UPX; each program must still run.

    No argument is harmless to every program, so each is started with one that hardly any knows,
    before and after: where both end with the same exit code, the packed libraries load.
    """
    programs = [path / path.name for path in folder.iterdir() if (path / path.name).is_file()]
    if not programs:
        fail("UPX_PACK: there is no onedir folder in dist, and a onefile is packed already")
    for program in programs:
        check = f"timeout 10 '{program}' --upx-pack-check </dev/null >/dev/null 2>&1; echo $?"
        done = subprocess.run(["bash", "-c", check], capture_output=True, text=True, check=True)
        same = f"test $({check}) -eq {done.stdout}"
        run("upx-pack", "upx-pack", "on", program.parent, "bash", "-c", same)


def freeze(arguments: Sequence[str]) -> None:
    """Install what is needed, run PyInstaller, and pack what came of it."""
    upx = switch("UPX_PACK", "off")
    if upx and {"-F", "--onefile"} & set(arguments):
        fail("UPX_PACK: only onedir can be packed: leave out --onefile")
    with workplace() as work:
        found = targets(arguments, work)
        folder = install(work)
        os.environ["PATH"] = f"{folder}:{os.environ['PATH']}"
        for target in found:
            pyinstaller([folder / "python", "-m", "PyInstaller"], work, *target, *arguments)
        if upx:
            pack(SOURCE / "dist")


def versions() -> str:
    """PyInstaller's version, Python's, and UPX's."""
    upx = subprocess.run(["upx", "--version"], capture_output=True, text=True, check=True)
    python = sys.version.split()[0]
    return f"PyInstaller {version('pyinstaller')}, Python {python}, {upx.stdout.splitlines()[0]}"


if __name__ == "__main__":
    main(freeze, versions, HELP)
