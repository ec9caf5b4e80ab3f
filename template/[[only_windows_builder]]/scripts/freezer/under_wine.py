"""What Windows' Python does under Wine: run PyInstaller, load libraries, start programs.

python under_wine.py freeze REPORT [PYINSTALLER ARGUMENT...]
python under_wine.py load [FOLDER...]
python under_wine.py start PROGRAM [ARGUMENT...]
"""

# Running commands is what it is for.
# ruff: noqa: S603

import ctypes
import json
import os
import runpy
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

# Exit codes that no program has: a higher one becomes OTHER.
OTHER, CRASHED = 126, 127


class Loader:
    """Load libraries in another process, because a broken one may end it. Each start of Python takes a second."""

    def __init__(self, folders: Iterable[str]) -> None:
        """Begin without a process."""
        self.command = [sys.executable, "-P", __file__, "load", *folders]
        self.process: subprocess.Popen[str] | None = None

    def loads(self, library: str) -> bool:
        """Whether a library loads. What does not, after others, is tried once more in a new process."""
        again = self.process is not None
        if self.ask(library):
            return True
        self.close()
        return again and self.loads(library)

    def ask(self, library: str) -> bool:
        """Ask the process, which may end instead of answering."""
        if not self.process:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
            )
        with suppress(OSError):
            print(library, file=self.process.stdin, flush=True)
        return self.process.stdout.readline() == "loaded\n"

    def close(self) -> None:
        """End the process."""
        if self.process:
            self.process.kill()
            self.process.communicate()
            self.process = None


def load(*folders: str) -> None:
    """Load each library that standard input names. They find others in some folders."""
    for folder in folders:
        os.add_dll_directory(folder)
    for line in sys.stdin:
        try:
            ctypes.WinDLL(line.rstrip("\n"))
        except OSError:
            print("not loaded", flush=True)
        else:
            print("loaded", flush=True)


def freeze(report: str, *arguments: str) -> None:
    """Run PyInstaller. Of the libraries that UPX packs, keep those that still load.

    No list can say which do: it differs from package to package. What became of each library goes
    to the report, as a line of JSON.
    """
    import PyInstaller.__main__
    from PyInstaller.building import api

    if "FREEZER_COMMANDS" in os.environ:
        runpy.run_path(str(Path(__file__).with_name("several_commands.py")))

    loader = Loader({str(file.parent) for file in Path(sys.prefix).rglob("*.dll")})
    process = api.process_collected_binary

    def process_and_try(source: str, name: str, **options: object) -> str:
        result: str = process(source, name, **options)
        if not options["use_upx"]:
            return result
        before, after, why = Path(source).stat().st_size, Path(result).stat().st_size, ""
        if result == source:
            why = "excluded by PyInstaller"
        elif after >= before:
            why = "of a kind that UPX cannot pack"
        elif not loader.loads(result):
            why = "would not load"
            result, after = process(source, name, **{**options, "use_upx": False}), before
        with Path(report).open("a", encoding="utf-8") as file:
            file.write(json.dumps([name, before, after, why]) + "\n")
        return result

    api.process_collected_binary = process_and_try
    try:
        PyInstaller.__main__.run(list(arguments))
    finally:
        loader.close()


def start(*command: str) -> int:
    """Start a program with --help, and return how it ended.

    https://learn.microsoft.com/en-us/openspecs/windows_protocols/ms-erref/87fba13e-bf06-450e-83b1-9241dc81e781
    """
    code = subprocess.run([*command, "--help"], stdin=subprocess.DEVNULL, check=False).returncode
    return CRASHED if 0x80000000 <= code < 0xD0000000 else min(code, OTHER)


if __name__ == "__main__":
    sys.exit({"freeze": freeze, "load": load, "start": start}[sys.argv[1]](*sys.argv[2:]))
