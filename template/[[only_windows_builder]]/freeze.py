#!/usr/bin/env python3
"""Freeze the program in /src into a Windows program, as the entrypoint of the image."""

# Running commands is what it is for.
# ruff: noqa: S603, S607

import argparse
import json
import os
import re
import subprocess
import time
from collections.abc import Sequence
from importlib.metadata import distributions
from pathlib import Path

from contract import fail, main, project, pyinstaller, requirements, run, switch, targets, workplace
from windows import CRASHED, RUNNING

HELP = """\
  UPX_PACK      off: do not pack the libraries

A program is started once before the run succeeds, with --help and for ten seconds at most;
--no-verify leaves that out.
"""

PYTHON = Path("/opt/python")
WINDOWS = Path(__file__).with_name("windows.py")

# What the loader says, on the standard error or in a box that Wine traces.
LOADER = re.compile(r"(?m)^\[PYI-\d+:ERROR\] (?!Failed to execute script)|:MSGBOX_OnInit ")
# The end of a traceback that says what PyInstaller has overlooked. Any other comes from the program.
MISSING = re.compile(
    r"(?m)^[\w.]*(?:Import|ModuleNotFound|PackageNotFound)Error\b|^FileNotFoundError: .*(?:_internal|_MEI)"
)


def environment(work: Path) -> Path:
    """Make an environment of Windows' Python that has site-packages of its own; return its Python."""
    folder = work / "python"
    site_packages = folder / "Lib/site-packages"
    site_packages.mkdir(parents=True)
    for file in PYTHON.iterdir():
        if file.name != "Lib":
            (folder / file.name).symlink_to(file)
    (site_packages / "image.pth").write_text("Z:/opt/python/Lib/site-packages\n")
    return folder / "python.exe"


def install(work: Path, site_packages: Path) -> None:
    """Install what the program needs, as wheels for Windows."""
    wanted = [*requirements()]
    for folder in project(work):
        wheels = work / "wheels"
        # By Linux' Python, whatever version the project asks of Windows'.
        command = ["uv", "build", "--quiet", "--wheel", "--python", "/usr/bin/python3"]
        run("uv build", *command, "--out-dir", wheels, folder)
        for wheel in wheels.glob("*.whl"):
            if not wheel.stem.endswith("-any"):
                fail(f"{wheel.name} holds code that is compiled for Linux: use a Windows runner")
            wanted.append(wheel)
    if wanted:
        platform = ["--python-platform", "x86_64-pc-windows-msvc"]
        version = ["--python-version", os.environ["PYTHON_VERSION"], "--only-binary", ":all:"]
        command = ["uv", "pip", "install", "--quiet", "--no-cache", *platform, *version]
        run("uv", *command, "--target", site_packages, *wanted)


def start(program: Path, python: Path, work: Path) -> None:
    """Start a program; where it does not start, end with what its loader says."""
    log = work / "log"
    empty = work / "empty"
    empty.mkdir(exist_ok=True)
    with log.open("w") as output:
        code = subprocess.run(
            ["wine", python, WINDOWS, "start", f"Z:{program}"],
            cwd=empty,
            env={**os.environ, "WINEDEBUG": "-all,err+module,+msgbox"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            check=False,
        ).returncode
    said = log.read_text(errors="replace")
    if code == RUNNING:
        subprocess.run(["wine", "wineboot", "--kill"], check=True)
    # A windowed program that ends with an exception shows it, and waits.
    ended = code == RUNNING or "Failed to execute script" in said
    traceback = said.rpartition("Traceback (most recent call last)")[2] if ended else ""
    if code == CRASHED or LOADER.search(said) or MISSING.search(traceback):
        fail(
            f"{program.name} does not start:\n{said}"
            "It was called with --help, in an empty folder; --no-verify skips this."
        )


def built(folder: Path, since: float) -> Sequence[Path]:
    """The programs in a folder, and in the folders of those that have one, that are new."""
    found = sorted([*folder.glob("*.exe"), *folder.glob("*/*.exe")])
    return [program for program in found if program.stat().st_mtime >= since]


def size(program: Path, folder: Path) -> str:
    """A program and its size, with that of its libraries where they lie beside it."""
    whole = program if program.parent == folder else program.parent
    files = [program] if whole == program else [path for path in whole.rglob("*") if path.is_file()]
    return f"{whole} {sum(file.stat().st_size for file in files) / 1e6:.1f} MB"


def packed(report: Path) -> str:
    """What UPX did: sizes before and after, how many files it packed, and which it left and why."""
    rows = [json.loads(line) for line in report.read_text().splitlines()]
    if not rows:
        return ""
    before, after = (sum(row[column] for row in rows) / 1e6 for column in (1, 2))
    left: dict[str, list[str]] = {}
    for name, _, _, why in rows:
        if why:
            left.setdefault(why, []).append(name)
    count = len(rows) - sum(map(len, left.values()))
    text = f"; UPX packed {count} of {len(rows)} libraries: {before:.1f} MB are now {after:.1f} MB"
    return text + "".join(
        f"; {len(names)} {why}: {', '.join(names)}" for why, names in left.items()
    )


def freeze(arguments: Sequence[str]) -> None:
    """Install what is needed, run PyInstaller, and start what came of it."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--no-verify", action="store_true")
    parser.add_argument("--distpath", type=Path, default="dist")
    own, passed = parser.parse_known_args(arguments)
    upx = ["--upx-dir", "/opt/upx"] if switch("UPX_PACK", "on") else []
    with workplace() as work:
        found = targets(passed, work)
        python = environment(work)
        install(work, python.parent / "Lib/site-packages")
        report = work / "report"
        report.touch()
        begin = time.time()
        command = ["wine", python, WINDOWS, "freeze", report]
        for target in found:
            pyinstaller(command, work, *target, "--distpath", own.distpath, *upx, *passed)
        programs = built(own.distpath, begin)
        if not programs:
            fail(f"PyInstaller made no program in {own.distpath}")
        for program in [] if own.no_verify else programs:
            start(program.absolute(), python, work)
        print(", ".join(size(program, own.distpath) for program in programs) + packed(report))


def versions() -> str:
    """PyInstaller's version, Python's, UPX's, and Wine's."""
    found = distributions(name="pyinstaller", path=[str(PYTHON / "Lib/site-packages")])
    pyinstaller_version = next(iter(found)).version
    said = [
        subprocess.run(["wine", *command], capture_output=True, text=True, check=True).stdout
        for command in (["python", "--version"], ["/opt/upx/upx.exe", "--version"], ["--version"])
    ]
    others = ", ".join(text.splitlines()[0] for text in said)
    return f"PyInstaller {pyinstaller_version}, {others}"


if __name__ == "__main__":
    main(freeze, versions, HELP)
