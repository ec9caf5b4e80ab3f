"""What somebody has to do by hand after an existing program has adopted the template.

It reads files and runs nothing. The last lines of `copier copy` say the same, as far as Copier sees
it: that sees which files exist, and not what is in them.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from scripts.metadata import read_file, read_pyproject


def list_remaining(
    folder: Path, kind: str, command: str, package: str, added: Collection[str]
) -> list[str]:
    """What remains to be done in a repository, in sentences.

    Args:
        folder: the repository, with the template's files
        kind: the answer: app or builder
        command: the name of the program that the template expects
        package: the name of the package that it expects
        added: the paths of the files that the template has brought

    Raises:
        ValueError: pyproject.toml is not TOML.
    """
    left = []
    if not (folder / ".gitignore").is_file():
        left.append("Write .gitignore, with .venv/, build/ and dist/.")
    if kind == "builder":
        return [*left, "Describe in the README how to run the image on a program."]
    return [
        *left,
        *check_metadata(read_pyproject(folder), command),
        *check_spec(folder, command, package, added),
        *check_version(folder, command),
        *check_tests(folder),
    ]


def check_metadata(pyproject: Mapping[str, Any], command: str) -> Iterator[str]:
    """What is missing in pyproject.toml."""
    if "project" not in pyproject:
        yield (
            f"{'Add `[project]` to' if pyproject else 'Write'} pyproject.toml. The image installs "
            "the program and its dependencies from `[project]`."
        )
        return
    project = pyproject["project"]
    name = re.sub(r"[-_.]+", "-", project.get("name", "")).lower()
    if name != command:
        yield (
            f"Name the project `{command}` in pyproject.toml, which says `{name}`, or choose another "
            "`project_name`."
        )
    commands = project.get("scripts", {})
    if command not in commands:
        there = ", ".join(f"`{other}`" for other in commands) or "none"
        yield (
            f"Add the command `{command}` to `[project.scripts]` in pyproject.toml, which has "
            f"{there}. The program in the image has this name."
        )
    extras = {**project.get("optional-dependencies", {}), **pyproject.get("dependency-groups", {})}
    missing = [tool for tool in ("pytest", "ruff") if tool not in str(extras.get("dev", ""))]
    if missing:
        yield (
            f"Add {' and '.join(missing)} to the dependencies for development, `dev`, in "
            "pyproject.toml. `make lint` and `make test` need them."
        )


def check_spec(folder: Path, command: str, package: str, added: Collection[str]) -> Iterator[str]:
    """What PyInstaller lacks: https://pyinstaller.org/en/stable/spec-files.html."""
    spec = folder / f"{command}.spec"
    if not spec.is_file():
        others = " or ".join(f"`{file.name}`" for file in sorted(folder.glob("*.spec")))
        yield (
            f"{f'Rename {others} to' if others else 'Write'} `{spec.name}`, the spec for "
            f"PyInstaller. It has to make dist/{command}/{command}."
        )
        return
    text = read_file(folder, spec.name)
    script = re.search(r"""Analysis\(\s*\[\s*["']([^"']+)["']""", text)
    if script and not (folder / script[1]).is_file():
        yield f"Write `{script[1]}`, which calls your program. `{spec.name}` freezes it."
    elif script and spec.name in added:
        yield f"Check `{spec.name}`. It is new, and freezes `{script[1]}`."
    places = [f"src/{package}", package, f"src/{package}.py", f"{package}.py"]
    if f'"{package}"' in text and not any((folder / place).exists() for place in places):
        yield f"Name your package in `{spec.name}`: there is no package `{package}`."
    if "-onefile" not in text:
        yield (
            f"Let `{spec.name}` make dist/{command}-onefile when it is called with `--onefile`. "
            "`make binary` needs that."
        )


def check_version(folder: Path, command: str) -> Iterator[str]:
    """Whether the program seems to know --version."""
    # Not the program: its tests and documents, and what the template brings.
    other = {"tests", "test", "docs", "examples", ".git", ".github", "image", "scripts"}
    sources = (
        file.read_text(errors="replace")
        for file in folder.rglob("*.py")
        if file.is_file() and not other & set(file.relative_to(folder).parts)
    )
    if not any(re.search("--version|version_option", source) for source in sources):
        yield (
            f"Let `{command} --version` print something and exit with 0. The image is tested with "
            "it, and no source file mentions it."
        )


def check_tests(folder: Path) -> Iterator[str]:
    """Whether pytest finds a test."""
    found = [*folder.glob("test*/**/test_*.py"), *folder.glob("test*/**/*_test.py")]
    if not found:
        yield "Write a test. `make test` fails without one."
