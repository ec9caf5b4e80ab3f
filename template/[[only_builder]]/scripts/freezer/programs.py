"""What was made, and does it start?

A program is started with --help: most programs know it, and hardly any does harm then.
"""

# Running commands is what it is for.
# ruff: noqa: S603

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from freezer.processes import fail
from freezer.remedies import remedy

SECONDS = 10
# A program that starts itself, because sys.executable is not Python when it is frozen, would fill
# the memory of the machine.
MOST_PROCESSES = 50
MOST_MEMORY = 4_000_000_000

# What the loader says, on standard error, or in a message box, which Wine writes to its log.
LOADER = re.compile(
    r"(?m)^\[PYI-\d+:ERROR\] (?!Failed to execute script)"
    r"|: error while loading shared libraries: "
    r"|:MSGBOX_OnInit "
)
# The last line of a traceback that shows what PyInstaller did not find: a module, metadata, or a
# file in the folder that the program is unpacked to. Any other error is the program's own.
MISSING = re.compile(
    r"(?m)^[\w.]*(?:Import|ModuleNotFound|PackageNotFound|DistributionNotFound)(?:Error)?\b"
    r"|^FileNotFoundError: .*(?:_internal|_MEI)"
)


@dataclass(frozen=True)
class Start:
    """What a program did when it was started."""

    said: str
    code: int | None = None  # None while it is running
    fault: str = ""  # why it was ended


def made(dist: Path, since: float, is_program: Callable[[Path], bool]) -> Sequence[Path]:
    """The programs in a folder, and in the folders in it, that are new."""
    found = sorted(path for path in [*dist.glob("*"), *dist.glob("*/*")] if path.is_file())
    return [path for path in found if path.stat().st_mtime >= since and is_program(path)]


def start(
    command: Sequence[str | Path],
    work: Path,
    environment: Mapping[str, str],
    seconds: float = SECONDS,
) -> Start:
    """Start a program in an empty folder. End it, and what it has started, after some seconds."""
    folder, log = work / "empty", work / "log"
    folder.mkdir(exist_ok=True)
    with log.open("w") as output:
        try:
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # so that it can be ended with all that it starts
            )
        except OSError as error:
            return Start(said=f"{error}\n", fault="it cannot be executed")
        code, fault = wait(process, time.monotonic() + seconds)
    said = log.read_text(errors="replace")[-10_000:]
    return Start(said=said, code=code, fault=fault)


def wait(process: subprocess.Popen[bytes], until: float) -> tuple[int | None, str]:
    """Wait for a process until a time: its exit code, and why it was ended before."""
    try:
        while (code := process.poll()) is None and time.monotonic() < until:
            processes, memory = usage(process.pid)
            if processes > MOST_PROCESSES:
                return None, (
                    "it starts itself without end. In a frozen program sys.executable is the "
                    "program and not Python; multiprocessing needs freeze_support()"
                )
            if memory > MOST_MEMORY:
                return None, f"it takes more than {MOST_MEMORY / 1e9:.0f} GB of memory"
            time.sleep(0.05)
        return code, f"{signal.Signals(-code).name} ended it" if code and code < 0 else ""
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def usage(group: int) -> tuple[int, int]:
    """How many processes a group has, and how many bytes of memory they take.

    https://man7.org/linux/man-pages/man5/proc_pid_statm.5.html
    """
    processes = pages = 0
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            with suppress(ProcessLookupError, FileNotFoundError):
                if os.getpgid(int(path.name)) == group:
                    processes += 1
                    pages += int((path / "statm").read_text().split()[1])
    return processes, pages * os.sysconf("SC_PAGE_SIZE")


def missing(start: Start) -> str:
    """The line that shows what a program lacks, or nothing."""
    if found := LOADER.search(start.said):
        return start.said[found.start() :].partition("\n")[0]
    # A windowed program shows the error that ended it, and waits.
    ended = start.code is None or "Failed to execute script" in start.said
    traceback = start.said.rpartition("Traceback (most recent call last)")[2] if ended else ""
    found = MISSING.search(traceback)
    return traceback[found.start() :].partition("\n")[0] if found else ""


def failure(start: Start) -> str:
    """Why a program did not start, or nothing if it did."""
    return start.fault or missing(start)


def check(program: Path, start: Start, site_packages: Sequence[str]) -> None:
    """Fail with the reason, and with what helps, if a program did not start."""
    if reason := failure(start):
        advice = "" if start.fault else f"{remedy(reason, site_packages).advice}\n"
        fail(
            f"{program.name} does not start: {reason}\n{start.said}{advice}"
            "It was called with --help, in an empty folder. --no-verify skips this."
        )


def overlooked(starts: Iterable[Start], site_packages: Sequence[str]) -> Sequence[str]:
    """The options of PyInstaller that add what the starts of some programs showed to be missing."""
    reasons = [missing(start) for start in starts if not start.fault]
    options = [remedy(reason, site_packages).options for reason in reasons if reason]
    return sorted({option for found in options for option in found})


def size(program: Path, dist: Path) -> str:
    """A program and its size, with its libraries if they are beside it."""
    whole = program if program.parent == dist else program.parent
    files = [program] if whole == program else [path for path in whole.rglob("*") if path.is_file()]
    return f"{whole} {sum(file.stat().st_size for file in files) / 1e6:.1f} MB"
