"""What differs for Windows: its Python under Wine, uv, and UPX while PyInstaller runs."""

# Running commands is what it is for.
# ruff: noqa: S603, S607

import json
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.metadata import distributions
from pathlib import Path

from freezer import starts
from freezer.command_line import TOOLS, Request
from freezer.commands import Command, several
from freezer.processes import fail, succeeds
from freezer.pyinstaller import pyinstaller
from freezer.source import Program
from freezer.starts import SECONDS, Start
from freezer.under_wine import CRASHED

UPX_PACK = "on"
VARIABLES = """\
  UPX_PACK      off: do not pack the libraries
"""

PYTHON = Path("/opt/python")
UNDER_WINE = Path(__file__).with_name("under_wine.py")
WINE = 5  # seconds until Wine itself has started


class Target:
    """Freeze for Windows, in an environment of Windows' Python."""

    def __init__(self, work: Path, request: Request) -> None:
        self.work = work
        self.request = request
        self.report = work / "report"
        self.python = work / "python/python.exe"
        self.command: Program = ["wine", self.python]
        self.folder = work / "python/Lib/site-packages"
        self.folder.mkdir(parents=True)
        self.installed = [str(self.folder)]
        self.debian = None
        for file in PYTHON.iterdir():
            (self.python.parent / file.name).symlink_to(file)

    def check_wheel(self, wheel: Path) -> None:
        """Refuse a wheel that was built for Linux."""
        if not wheel.stem.endswith("-any"):
            fail(f"{wheel.name} holds code that is compiled for Linux: use a Windows runner")

    def pip_install(self, arguments: Sequence[str | Path], folder: Path) -> bool:
        """Run `uv pip install` for wheels of Windows in a folder, and say whether it succeeded."""
        platform = ["--python-platform", "x86_64-pc-windows-msvc"]
        version = ["--python-version", os.environ["PYTHON_VERSION"]]
        command = ["uv", "pip", "install", "--quiet", "--no-cache", "--no-editable"]
        command += [*platform, *version, "--target", str(self.folder)]
        # A version that has a wheel comes first. Otherwise pure Python can be built here.
        wheels = subprocess.run(
            [*command, "--only-binary=:all:", *arguments], cwd=folder, capture_output=True, check=False
        )
        done = wheels.returncode == 0 or succeeds(*command, *arguments, cwd=folder)
        if done and (found := for_linux(self.folder)):
            fail(
                f"{', '.join(found)}: there is no wheel for Windows, and what was built here is for "
                "Linux: use a Windows runner"
            )
        return done

    def freeze(self, source: Path, program: Program, commands: Sequence[Command]) -> None:
        """Run PyInstaller."""
        self.report.write_text("")
        upx = ["--upx-dir", "/opt/upx"] if self.request.upx else []
        options: Program = ["--distpath", self.request.dist, *upx, *self.request.arguments]
        pyinstaller(
            self.under_wine("freeze", self.report),
            f"Z:{TOOLS}",
            source,
            self.work,
            *program,
            *options,
            env=several(commands),
        )

    def start(self, program: Path, seconds: float = SECONDS) -> Start:
        """Start a program."""
        return self.run(seconds, os.environ, f"Z:{program}", name=program.name)

    def start_unfrozen(self, script: Path, paths: Sequence[Path]) -> Start:
        """Start a script with Python. It may take longer: it must say all that the program says."""
        environment = {**os.environ, "PYTHONPATH": ";".join(f"Z:{path}" for path in paths)}
        return self.run(1.5 * SECONDS, environment, f"Z:{self.python}", f"Z:{script}")

    def run(self, seconds: float, environment: Mapping[str, str], *command: str, name: str = "") -> Start:
        """Run a command with --help. Only Windows' Python sees its whole exit code."""
        wine = self.under_wine("start", *command)
        environment = {**environment, "WINEDEBUG": "-all,err+module,+msgbox"}
        start = starts.start(wine, self.work, environment, WINE + seconds, name)
        if start.code == CRASHED:
            return replace(start, fault="it crashed")
        if start.code is None:
            subprocess.run(["wine", "wineboot", "--kill"], check=True)
        return start

    def finish(self, frozen: Sequence[Path]) -> str:
        """The end of the last line: what UPX did while PyInstaller ran."""
        rows = [json.loads(line) for line in self.report.read_text().splitlines()]
        return packed(rows)

    def under_wine(self, *arguments: str | Path) -> Program:
        """The command that runs under_wine.py; -P keeps the modules beside it out of the way."""
        return ["wine", self.python, "-P", UNDER_WINE, *arguments]


def for_linux(folder: Path) -> Sequence[str]:
    """The installed packages that were built for Linux."""
    return sorted(
        distribution.name
        for distribution in distributions(path=[str(folder)])
        if re.search(r"(?m)^Tag: .*(?:linux|macosx)", distribution.read_text("WHEEL") or "")
    )


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
    return text + "".join(f"; {len(names)} {why}: {', '.join(names)}" for why, names in left.items())


def versions() -> str:
    """The versions of PyInstaller, Python, UPX and Wine."""
    found = distributions(name="pyinstaller", path=[TOOLS])
    pyinstaller_version = next(iter(found)).version
    outputs = [
        subprocess.run(["wine", *command], capture_output=True, text=True, check=True).stdout
        for command in (["python", "--version"], ["/opt/upx/upx.exe", "--version"], ["--version"])
    ]
    others = ", ".join(text.splitlines()[0] for text in outputs)
    return f"PyInstaller {pyinstaller_version}, {others}"
