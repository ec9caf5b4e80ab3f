"""Freeze the program by its spec, start it, and say what is inside."""

import os
import re
import shutil
import sys
from collections.abc import Sequence
from importlib.metadata import distributions
from pathlib import Path

from freezer import sbom, starts
from freezer.components import Component
from freezer.contents import Entry, entries
from freezer.environment import BUILD, PYTHON, ROOT, TOOLS, project_table
from freezer.judgement import ends, remedy_for, verdict
from freezer.origins import Origins
from freezer.processes import fail
from freezer.pyinstaller import PYINSTALLER, pyinstaller
from freezer.remedies import Places
from freezer.starts import Start

MADE = BUILD / "dist"
EXE = ".exe" if os.name == "nt" else ""
# Debian's packages refer to the common licences, and do not repeat them.
COMMON = re.compile(r"/usr/share/common-licenses/([\w.-]*\w)")


def spec_of(command: str) -> str:
    """The name of the spec for a command, which exists."""
    spec = f"{command}.spec"
    if not (ROOT / spec).is_file():
        fail(f"{spec} is missing: the spec must have the name of the command")
    return spec


def freeze(command: str, *options: str) -> Path:
    """Freeze by the spec, and start the program: a folder, or with --onefile one file."""
    spec = spec_of(command)
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
            f"{spec} did not make {made.relative_to(MADE)}. Compare it with the template's spec: the EXE "
            "and COLLECT there set this name."
        )
    start(command, made, work / "build" / command / f"{command}-start.py")
    return made


def work_folder(onefile: bool) -> Path:
    """Where PyInstaller works."""
    return BUILD / ("work-onefile" if onefile else "work")


def start(command: str, program: Path, script: Path) -> None:
    """Start a program with --version, which must print something, and judge it against its script."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    def start_frozen(seconds: float) -> Start:
        # A runner's virus scanner reads the whole program first.
        return starts.start([program, "--version"], BUILD, os.environ, 6 * seconds, program.name)

    def start_unfrozen() -> Start | None:
        # What runs in several parts is not started without PyInstaller.
        if script.with_name(f"{command}-before.py").exists() or not script.exists():
            return None
        return starts.start([PYTHON, "-P", script, "--version"], BUILD, environment, 90)

    start, found = verdict(start_frozen, start_unfrozen, [command, script.stem, program.stem])
    if found.reason:
        installed = [str(path) for path in PYTHON.parents[1].rglob("site-packages")]
        places = Places(
            installed,
            project=next(iter(distributions(name=project_table()["name"], path=installed)), None),
            debian=(lambda _: None) if sys.platform == "linux" else None,
            apt="add a line {} to apt.txt",
            extra="add a line EXTRAS={} to versions.env",
            depend="run `uv add` with its name",
        )
        fail(f"{program.name} --version: {found.reason}\n{start.output}{remedy_for(found, places).advice}")
    if start.code != 0 or not start.output.strip():
        fail(f"{program.name} --version {ends(start)}, and must print its version and exit with 0\n{start.output}")


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
    write_licenses(components, folder / "licenses")
    sbom.write(origins.program, components, folder / "sbom.cdx.json")
    return origins.program, components


def write_licenses(components: Sequence[Component], folder: Path) -> None:
    """Write a folder with the licence texts of each component, and name those that include none."""
    for component in components:
        for name, source in component.texts.items():
            keep(source, folder / component.name / name)
            for common in COMMON.finditer(sbom.text(source)):
                if Path(common[0]).is_file():
                    keep(Path(common[0]), folder / "common-licenses" / common[1])
    if missing := sbom.without_text(components):
        print(f"warning: these components include no licence text: {', '.join(missing)}")


def keep(source: Path, target: Path) -> None:
    """Copy a text."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
