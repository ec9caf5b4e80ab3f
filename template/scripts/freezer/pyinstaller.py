"""Run PyInstaller."""

from pathlib import Path

from freezer.processes import run
from freezer.source import Program


def pyinstaller(command: Program, source: Path, work: Path, *arguments: str | Path) -> None:
    """Run PyInstaller by a command, and leave none of its own files in the source."""
    before = set(source.glob("*.spec"))
    options: Program = ["--noconfirm", "--workpath", work / "build"]
    try:
        run("PyInstaller", *command, *options, *arguments)
    finally:
        for spec in set(source.glob("*.spec")) - before:
            spec.unlink()
