"""What somebody has to do by hand after an existing project has adopted the template.

It reads files, and runs nothing of the project.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scripts.answers import read_pyproject


def remaining(folder: Path, command: str, package: str) -> list[str]:
    """What remains to be done in a project of the kind app, in sentences.

    Args:
        folder: the project, with the template's files
        command: the name of the program that the template expects
        package: the name of the package that it expects

    Raises:
        ValueError: pyproject.toml is not TOML.
    """
    project = read_pyproject(folder).get("project")
    return [
        *check_metadata(project, command),
        *check_spec(folder, command, package),
        *check_source(folder),
    ]


def check_metadata(project: dict[str, Any] | None, command: str) -> Iterator[str]:
    """What is missing in pyproject.toml."""
    if project is None:
        yield (
            "Give `pyproject.toml` a `[project]` table with `name` and `dependencies`. The "
            "Dockerfile installs these dependencies."
        )
        return
    commands = project.get("scripts", {})
    if command not in commands:
        found = ", ".join(f"`{name}`" for name in commands)
        yield (
            f"The image runs the command `{command}`. `[project.scripts]` in `pyproject.toml` "
            + (f"has {found} instead." if found else "has no command.")
            + f" Name one `{command}`, or answer `project_name` with the name that fits."
        )
    if "dev" not in project.get("optional-dependencies", {}):
        yield (
            "`make test` installs the extra `dev`: list pytest and ruff under "
            "`[project.optional-dependencies]` in `pyproject.toml` as `dev`."
        )


def check_spec(folder: Path, command: str, package: str) -> Iterator[str]:
    """What is missing for PyInstaller: https://pyinstaller.org/en/stable/spec-files.html."""
    spec = folder / f"{command}.spec"
    if not spec.is_file():
        others = ", ".join(f"`{file.name}`" for file in sorted(folder.glob("*.spec")))
        yield (
            f"The Dockerfile freezes with `{spec.name}`. "
            + (f"Rename {others}." if others else "Write it: PyInstaller's `pyi-makespec` does.")
        )
        return
    text = spec.read_text(errors="replace")
    script = re.search(r"""Analysis\(\s*\[\s*["']([^"']+)["']""", text)
    if script and not (folder / script[1]).is_file():
        layouts = [f"src/{package}", package]
        folders = [name for name in layouts if (folder / name / "__init__.py").is_file()]
        where = f" The package is in `{folders[0]}`." if folders else ""
        yield f"`{spec.name}` freezes `{script[1]}`, which is not there: name your program.{where}"
    if "-onefile" not in text:
        yield (
            f"`make binary` calls `{spec.name}` with `--onefile`, and wants one file called "
            f"`{command}-onefile`. The spec does not know this option."
        )


def check_source(folder: Path) -> Iterator[str]:
    """What the program and its tests lack."""
    files = [
        file
        for file in folder.rglob("*.py")
        if not {"tests", "test", "docs", ".git", ".github"} & set(file.relative_to(folder).parts)
    ]
    if not any(
        re.search("--version|version_option", file.read_text(errors="replace")) for file in files
    ):
        yield (
            "The workflow calls the program with `--version` before it publishes. No source file "
            "mentions that option: add it."
        )
    if not any(folder.glob("test*/**/test_*.py")) and not any(folder.glob("test*/**/*_test.py")):
        yield "`make test` runs pytest, which ends with an error where it finds no tests: add one."
