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

from freezer import starts
from freezer.command_line import TOOLS, Request
from freezer.commands import Command, several
from freezer.contents import glibc
from freezer.debian import package_of
from freezer.judgement import judge
from freezer.libraries import foreign, traced
from freezer.processes import fail, run, succeeds
from freezer.pyinstaller import PYINSTALLER, pyinstaller
from freezer.results import whole
from freezer.source import Program
from freezer.starts import SECONDS, Start

SEVERAL = Path(__file__).with_name("several_commands.py")
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
        self.starts: dict[Path, Start] = {}
        self.taken: dict[Path, Sequence[str]] = {}  # the libraries of this image that each loaded
        self.python = work / "venv/bin/python"
        self.command: Program = [self.python]
        installed = sysconfig.get_path("purelib", vars={"base": str(work / "venv")})
        self.installed = [installed]
        self.debian = package_of
        # It holds what the program needs, and nothing else.
        venv.create(work / "venv", symlinks=True, with_pip=False)
        os.environ["PATH"] = f"{self.python.parent}:{os.environ['PATH']}"

    def check_wheel(self, wheel: Path) -> None:
        """Accept every wheel: it was built on the system that it is for."""

    def pip_install(self, arguments: Sequence[str | Path], folder: Path) -> bool:
        """Run `uv pip install` in a folder, and say whether it succeeded."""
        command = ["uv", "pip", "install", "--quiet", "--no-cache", "--no-editable"]
        return succeeds(*command, "--python", self.python, *arguments, cwd=folder)

    def freeze(self, source: Path, program: Program, commands: Sequence[Command]) -> None:
        """Run PyInstaller. With -P it imports nothing from the folder of what it runs."""
        command = ["-P", SEVERAL] if len(commands) > 1 else PYINSTALLER
        options: Program = ["--distpath", self.request.dist, *self.request.arguments]
        pyinstaller([self.python, *command], TOOLS, source, self.work, *program, *options, env=several(commands))

    def start(self, program: Path, seconds: float = SECONDS) -> Start:
        """Start a program."""
        with TemporaryDirectory(dir=self.work) as logs:
            environment = {**os.environ, **traced(Path(logs))}
            command = [program, "--help"]
            start = starts.start(command, self.work, environment, seconds, program.name)
            self.taken[program] = foreign(Path(logs), program)
        self.starts[program] = start
        return start

    def start_unfrozen(self, script: Path, paths: Sequence[Path]) -> Start:
        """Start a script with Python. It may take longer: it must say all that the program says."""
        command: Program = [self.python, script, "--help"]
        environment = {**os.environ, "PYTHONPATH": ":".join(map(str, paths))}
        return starts.start(command, self.work, environment, 1.5 * SECONDS)

    def finish(self, frozen: Sequence[Path]) -> str:
        """Warn of what the programs take from the system, and let UPX pack their folders, if that is asked for.

        Returns:
            the end of the last line: the glibc that the programs need, which packed libraries no longer show
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
        minor, _ = max(glibc(whole(program, self.request.dist)) for program in frozen)
        needs = f"; needs glibc 2.{minor} or newer"
        if not self.request.upx:
            return needs
        for folder in sorted(folders):
            run("upx-pack", "upx-pack", "on", folder, "true")
        for program in frozen if self.request.verify else []:
            before = self.starts[program.absolute()]
            start = self.start(program.absolute())
            if reason := judge(start, before, [program.name]).reason:
                fail(f"{program.name}, packed by UPX, does not start: {reason}\n{start.output}Leave out UPX_PACK=on.")
        return needs


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
