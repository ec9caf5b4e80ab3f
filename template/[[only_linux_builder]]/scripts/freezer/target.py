"""What differs for Linux: a virtual environment, and UPX after PyInstaller."""

# Running commands is what it is for.
# ruff: noqa: S607

import os
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Sequence
from importlib.metadata import distributions
from pathlib import Path
from tempfile import TemporaryDirectory

from freezer import programs
from freezer.command_line import Request
from freezer.glibc import floor
from freezer.libraries import foreign, traced
from freezer.processes import fail, run, succeeds
from freezer.programs import Start, failure
from freezer.pyinstaller import PYINSTALLER, pyinstaller
from freezer.source import Program

TOOLS = "/opt/tools"
UPX_PACK = "off"
VARIABLES = """\
  UPX_PACK      on: pack the shared libraries afterwards (not with --onefile)
"""


class Target:
    """Freeze for Linux, in a virtual environment."""

    def __init__(self, work: Path, request: Request) -> None:
        if request.upx and request.onefile:
            fail("UPX_PACK: only onedir can be packed: leave out --onefile")
        self.work = work
        self.request = request
        self.codes: dict[Path, int | None] = {}  # with which each program ended
        self.taken: dict[Path, Sequence[str]] = {}  # the libraries of this image that each loaded
        self.python = work / "venv/bin/python"
        installed = sysconfig.get_path("purelib", vars={"base": str(work / "venv")})
        self.site_packages = [installed]
        # It holds what the program needs, and nothing else.
        venv.create(work / "venv", symlinks=True, with_pip=False)
        os.environ["PATH"] = f"{self.python.parent}:{os.environ['PATH']}"

    def check_wheel(self, wheel: Path) -> None:
        """Accept every wheel: it was built on the system that it is for."""

    def pip_install(self, arguments: Sequence[str | Path], folder: Path) -> bool:
        """Run `uv pip install` in a folder, and say whether it succeeded."""
        command = ["uv", "pip", "install", "--quiet", "--no-cache", "--python", self.python]
        return succeeds(*command, *arguments, cwd=folder)

    def freeze(self, source: Path, wanted: Sequence[Program]) -> None:
        """Run PyInstaller for each program."""
        options: Program = ["--distpath", self.request.dist, *self.request.arguments]
        for program in wanted:
            pyinstaller([self.python, *PYINSTALLER], TOOLS, source, self.work, *program, *options)

    def start(self, program: Path) -> Start:
        """Start a program."""
        with TemporaryDirectory(dir=self.work) as logs:
            environment = {**os.environ, **traced(Path(logs))}
            start = programs.start([program, "--help"], self.work, environment)
            self.taken[program] = foreign(Path(logs), program)
        self.codes[program] = start.code
        return start

    def pack(self, frozen: Sequence[Path]) -> str:
        """Pack the shared libraries of every folder with UPX. Each program must still start.

        Returns:
            the glibc that the programs need: packed libraries no longer show it
        """
        for program in frozen:
            if found := self.taken.get(program.absolute()):
                print(
                    f"warning: {program.name} takes libraries from the system that PyInstaller did "
                    f"not add: {', '.join(found)}. Where one is missing, {program.name} does not start."
                )
        folders = {program.parent for program in frozen} - {self.request.dist}
        if self.request.upx and not folders:
            fail(f"UPX_PACK: there is no folder in {self.request.dist}, only onefile programs")
        needs = f"; runs with glibc {floor(frozen, self.request.dist)} and newer"
        if not self.request.upx:
            return needs
        for folder in sorted(folders):
            run("upx-pack", "upx-pack", "on", folder, "true")
        for program in frozen if self.request.verify else []:
            before = self.codes[program.absolute()]
            start = self.start(program.absolute())
            if reason := failure(start) or changed(before, start.code):
                fail(
                    f"{program.name}, packed by UPX, does not start: {reason}\n{start.said}"
                    "Leave out UPX_PACK=on."
                )
        return needs


def changed(before: int | None, after: int | None) -> str:
    """How the exit code of a program has changed, or nothing; None is that of one that runs on."""
    if None in (before, after) or before == after:
        return ""
    return f"it exits with {after}, and with {before} when it is not packed"


def is_program(path: Path) -> bool:
    """Whether a file is an executable of Linux, and not a shared library."""
    if not os.access(path, os.X_OK) or ".so" in path.suffixes:
        return False
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def versions() -> str:
    """The versions of PyInstaller, Python and UPX."""
    pyinstaller = next(iter(distributions(name="pyinstaller", path=[TOOLS])))
    upx = subprocess.run(["upx", "--version"], capture_output=True, text=True, check=True)
    python = sys.version.split()[0]
    return f"PyInstaller {pyinstaller.version}, Python {python}, {upx.stdout.splitlines()[0]}"
