"""Run PyInstaller."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from freezer.processes import run
from freezer.tools import environment

# The arguments of a Python to run PyInstaller. With -P it imports nothing from the folder it is started in.
PYINSTALLER = ("-P", "-m", "PyInstaller")


def pyinstaller(
    command: Sequence[str | Path],
    tools: str | Path,
    source: Path,
    work: Path,
    *arguments: str | Path,
    env: Mapping[str, str] | None = None,
) -> None:
    """Run PyInstaller in a folder, and leave none of its own files there.

    Args:
        command: what starts PyInstaller
        tools: the folder that it is in, as Python is told
        source: where the files are that are frozen
        work: where PyInstaller may write
        arguments: those of PyInstaller
        env: more variables for it
    """
    before = set(source.glob("*.spec"))
    options: list[str | Path] = ["--noconfirm", "--workpath", work / "build"]
    try:
        run(
            "PyInstaller",
            *command,
            *options,
            *arguments,
            cwd=source,
            env={**environment(tools), **(env or {})},
        )
    finally:
        for spec in set(source.glob("*.spec")) - before:
            spec.unlink()
