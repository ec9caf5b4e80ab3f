"""The list of what is inside what was made. A file that nothing explains ends the run."""

import re
from collections.abc import Sequence
from pathlib import Path

from freezer import sbom
from freezer.command_line import Request
from freezer.contents import entries
from freezer.origins import Origins, place
from freezer.project import Project
from freezer.results import whole
from freezer.source import Program


def write_sboms(
    frozen: Sequence[Path], python: Program, source: Path, work: Path, request: Request, project: Project | None
) -> None:
    """Write DIST/NAME.cdx.json for each folder and each single file that was made."""
    if not request.sbom:
        return
    tables = next((work / "build").glob("*/EXE-*.toc")).parent
    named = project.distribution.name if project and project.distribution else ""
    for made in dict.fromkeys(whole(program, request.dist) for program in frozen):
        name = made.name.removesuffix(".exe")
        origins = Origins(python, tables, source, name, named)
        # The scripts of commands, and what the user names.
        origins.own += [place(work / "commands"), *map(place, named_paths(request.arguments))]
        components = origins.sort(entries(tables, made))
        sbom.write(origins.program, components, request.dist / f"{name}.cdx.json")


def named_paths(arguments: Sequence[str]) -> Sequence[Path]:
    """The files and folders that arguments name, such as --add-data=/fonts:fonts."""
    parts = (part for argument in arguments for part in re.split("[=:]", argument))
    return [Path(part).resolve() for part in parts if part and Path(part).exists()]
