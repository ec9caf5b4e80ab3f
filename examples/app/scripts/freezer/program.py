"""Freeze the program by its spec, start it, and say what is inside."""

# ruff: noqa: S603 - it starts the program

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from freezer import licenses, sbom
from freezer.components import Component
from freezer.contents import Entry, entries
from freezer.environment import BUILD, PYTHON, ROOT, TOOLS
from freezer.origins import Origins
from freezer.processes import fail
from freezer.pyinstaller import PYINSTALLER, pyinstaller
from freezer.remedies import Places, remedy

MADE = BUILD / "dist"
EXE = ".exe" if os.name == "nt" else ""
SECONDS = 120


def freeze(command: str, *options: str) -> Path:
    """Freeze by the spec, and start the program: a folder, or with --onefile one file."""
    spec = f"{command}.spec"
    if not (ROOT / spec).is_file():
        fail(f"there is no {spec}: PyInstaller's recipe has the command's name")
    onefile = "--onefile" in options
    made = MADE / (f"{command}-onefile{EXE}" if onefile else f"{command}/{command}{EXE}")
    folders: list[str | Path] = ["--distpath", MADE, "--log-level", "WARN"]
    work = work_folder(onefile)
    made.unlink(missing_ok=True)
    if not onefile:
        shutil.rmtree(made.parent, ignore_errors=True)
    pyinstaller([PYTHON, *PYINSTALLER], TOOLS, ROOT, work, *folders, spec, "--", *options)
    if not made.is_file():
        fail(
            f"{spec} made no {made.relative_to(MADE)}. Compare it with the template's spec: its EXE "
            "and COLLECT name it."
        )
    start(made)
    return made


def work_folder(onefile: bool) -> Path:
    """Where PyInstaller works."""
    return BUILD / ("work-onefile" if onefile else "work")


def start(program: Path) -> None:
    """Start a program with --version, which must print something."""
    folder = BUILD / "empty"
    folder.mkdir(exist_ok=True)
    try:
        done = subprocess.run(
            [program, "--version"],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        fail(f"{program.name} --version still runs after {SECONDS} seconds: it must exit")
    if done.returncode or not done.stdout.strip():
        said = f"{done.stdout}{done.stderr}"
        installed = [str(path) for path in (PYTHON.parents[1]).rglob("site-packages")]
        advice = remedy(said, Places(installed)).advice if done.returncode else ""
        fail(
            f"{program.name} --version exits with {done.returncode}, and must print its version "
            f"and exit with 0\n{said}{advice}"
        )


def list_contents(
    command: str, made: Path, folder: Path, called: str, others: Sequence[Entry] = ()
) -> tuple[Component, Sequence[Component]]:
    """Write the SBOM and the licences of what was made into a folder; called is its name where it goes.

    Returns:
        the project, and all of which something is inside

    Raises:
        SystemExit: a file is inside that is neither the project's nor of anything that uv.lock lists.
    """
    work = work_folder(made.is_file()) / "build" / command
    folder.mkdir(parents=True, exist_ok=True)
    origins = Origins([PYTHON], work, ROOT, command)
    components = origins.sort([*entries(work, made, called), *others])
    licenses.write(components, folder / "licenses")
    sbom.write(origins.program, components, folder / "sbom.cdx.json")
    return origins.program, components
