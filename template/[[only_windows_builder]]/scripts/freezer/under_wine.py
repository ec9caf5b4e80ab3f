"""What Windows' Python does under Wine: run PyInstaller, load libraries, start programs.

python under_wine.py freeze REPORT [PYINSTALLER ARGUMENT...]
python under_wine.py load LIBRARY [FOLDER...]
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
from pathlib import Path

# Exit codes that no program has: a higher one becomes OTHER.
OTHER, CRASHED = 126, 127


def freeze(report: str, *arguments: str) -> None:
    """Run PyInstaller. Of the libraries that UPX packs, keep those that still load.

    No list can say which do: it differs from package to package. Each one is loaded in a process
    of its own, because a broken one may end it. What became of each library goes to the report,
    as a line of JSON.
    """
    import PyInstaller.__main__
    from PyInstaller.building import api

    if "FREEZER_COMMANDS" in os.environ:
        runpy.run_path(str(Path(__file__).with_name("several_commands.py")))

    folders = {str(file.parent) for file in Path(sys.prefix).rglob("*.dll")}
    process = api.process_collected_binary

    def loads(library: str) -> bool:
        command = [sys.executable, "-P", __file__, "load", library, *folders]
        done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, check=False)
        return done.returncode == 0

    def process_and_try(source: str, name: str, **options: object) -> str:
        result: str = process(source, name, **options)
        if not options["use_upx"]:
            return result
        before, after, why = Path(source).stat().st_size, Path(result).stat().st_size, ""
        if result == source:
            why = "excluded by PyInstaller"
        elif after >= before:
            why = "of a kind that UPX cannot pack"
        elif not loads(result):
            why = "would not load"
            result, after = process(source, name, **{**options, "use_upx": False}), before
        with Path(report).open("a", encoding="utf-8") as file:
            file.write(json.dumps([name, before, after, why]) + "\n")
        return result

    api.process_collected_binary = process_and_try
    PyInstaller.__main__.run(list(arguments))


def load(library: str, *folders: str) -> None:
    """Load a library that finds others in some folders."""
    for folder in folders:
        os.add_dll_directory(folder)
    ctypes.WinDLL(library)


def start(*command: str) -> int:
    """Start a program with --help, and return how it ended.

    https://learn.microsoft.com/en-us/openspecs/windows_protocols/ms-erref/87fba13e-bf06-450e-83b1-9241dc81e781
    """
    code = subprocess.run([*command, "--help"], stdin=subprocess.DEVNULL, check=False).returncode
    return CRASHED if 0x80000000 <= code < 0xD0000000 else min(code, OTHER)


if __name__ == "__main__":
    sys.exit({"freeze": freeze, "load": load, "start": start}[sys.argv[1]](*sys.argv[2:]))
