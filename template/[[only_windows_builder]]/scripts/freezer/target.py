"""What differs for Windows: its Python under Wine, uv, and UPX while PyInstaller runs."""

# Running commands is what it is for.
# ruff: noqa: S603, S607

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import distributions
from pathlib import Path

from freezer import programs
from freezer.command_line import Request
from freezer.processes import fail, succeeds
from freezer.programs import Start
from freezer.pyinstaller import pyinstaller
from freezer.source import Program
from freezer.under_wine import CRASHED, RUNNING

UPX_PACK = "on"
VARIABLES = """\
  UPX_PACK      off: do not pack the libraries
"""

PYTHON = Path("/opt/python")
TOOLS = Path("/opt/tools")
UNDER_WINE = Path(__file__).with_name("under_wine.py")


class Target:
    """Freeze for Windows, in an environment of Windows' Python."""

    def __init__(self, work: Path, request: Request) -> None:
        self.work = work
        self.request = request
        self.report = work / "report"
        self.python = work / "python/python.exe"
        self.installed = work / "python/Lib/site-packages"
        self.installed.mkdir(parents=True)
        self.site_packages = [str(self.installed)]
        for file in PYTHON.iterdir():
            (self.python.parent / file.name).symlink_to(file)

    def check_wheel(self, wheel: Path) -> None:
        """Refuse a wheel that was built for Linux."""
        if not wheel.stem.endswith("-any"):
            fail(f"{wheel.name} holds code that is compiled for Linux: use a Windows runner")

    def pip_install(self, arguments: Sequence[str | Path], folder: Path) -> bool:
        """Run `uv pip install` for wheels of Windows in a folder, and say whether it succeeded."""
        platform = ["--python-platform", "x86_64-pc-windows-msvc"]
        version = ["--python-version", os.environ["PYTHON_VERSION"], "--only-binary", ":all:"]
        command = ["uv", "pip", "install", "--quiet", "--no-cache", *platform, *version]
        return succeeds(*command, "--target", self.installed, *arguments, cwd=folder)

    def freeze(self, source: Path, wanted: Sequence[Program]) -> None:
        """Run PyInstaller for each program."""
        self.report.write_text("")
        upx = ["--upx-dir", "/opt/upx"] if self.request.upx else []
        options: Program = ["--distpath", self.request.dist, *upx, *self.request.arguments]
        command = self.under_wine("freeze", self.report)
        for program in wanted:
            pyinstaller(command, f"Z:{TOOLS}", source, self.work, *program, *options)

    def start(self, program: Path) -> Start:
        """Start a program. Only Windows' Python sees its whole exit code."""
        command = self.under_wine("start", f"Z:{program}")
        environment = {**os.environ, "WINEDEBUG": "-all,err+module,+msgbox"}
        # It ends the program after ten seconds; Wine itself may take longer on a slow machine.
        start = programs.start(command, self.work, environment, seconds=60)
        if start.code == CRASHED:
            return replace(start, fault="it crashed")
        if start.code in (RUNNING, None):
            subprocess.run(["wine", "wineboot", "--kill"], check=True)
            return replace(start, code=None)
        return start

    def pack(self, frozen: Sequence[Path]) -> str:
        """Say what UPX did while PyInstaller ran."""
        rows = [json.loads(line) for line in self.report.read_text().splitlines()]
        return packed(rows)

    def under_wine(self, *arguments: str | Path) -> Program:
        """The command that runs under_wine.py; -P keeps the modules beside it out of the way."""
        return ["wine", self.python, "-P", UNDER_WINE, *arguments]


def is_program(path: Path) -> bool:
    """Whether a file is a program of Windows."""
    return path.suffix == ".exe"


def packed(rows: Sequence[tuple[str, int, int, str]]) -> str:
    """What UPX saved, from the report: how many files it packed, and which it left and why."""
    if not rows:
        return ""
    before, after = (sum(int(row[column]) for row in rows) / 1e6 for column in (1, 2))
    left: dict[str, list[str]] = {}
    for name, _, _, why in rows:
        if why:
            left.setdefault(why, []).append(name)
    count = len(rows) - sum(map(len, left.values()))
    text = f"; UPX packed {count} of {len(rows)} libraries: {before:.1f} MB are now {after:.1f} MB"
    return text + "".join(
        f"; {len(names)} {why}: {', '.join(names)}" for why, names in left.items()
    )


def versions() -> str:
    """The versions of PyInstaller, Python, UPX and Wine."""
    found = distributions(name="pyinstaller", path=[str(TOOLS)])
    pyinstaller_version = next(iter(found)).version
    said = [
        subprocess.run(["wine", *command], capture_output=True, text=True, check=True).stdout
        for command in (["python", "--version"], ["/opt/upx/upx.exe", "--version"], ["--version"])
    ]
    others = ", ".join(text.splitlines()[0] for text in said)
    return f"PyInstaller {pyinstaller_version}, {others}"
