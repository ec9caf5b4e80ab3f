"""What does a program do when it is started?"""

# Running commands is what it is for.
# ruff: noqa: S603

import os
import re
import signal
import subprocess
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

SECONDS = 10
# On a slow machine it may still be starting then. A program that has started waits.
PATIENCE = 6  # times as long, for a busy program
LATEST = 10  # checks, which decide whether it is busy
# A program that starts itself, because sys.executable is not Python when it is frozen, would fill
# the memory of the machine.
MOST_PROCESSES = 50
MOST_MEMORY = 4_000_000_000
MOST_OUTPUT = 50_000_000
MOST_READ = 50_000  # at each end of the output
# It calls itself as if it were Python. PyInstaller itself serves what multiprocessing calls.
AS_PYTHON = re.compile(rb"(?s)[^\0]*\0(?:-[cm]\0|[^\0]+\.py\0)(?!.*multiprocessing)")
STARTS_ITSELF = (
    "it starts itself. In a frozen program sys.executable is the program and not Python; "
    "multiprocessing needs freeze_support()"
)


@dataclass(frozen=True)
class Start:
    """What a program did when it was started."""

    output: str
    code: int | None = None  # None while it is running, negative if a signal has ended it
    fault: str = ""  # why it was ended


def start(
    command: Sequence[str | Path], work: Path, environment: Mapping[str, str], seconds: float = SECONDS, name: str = ""
) -> Start:
    """Start a program in an empty folder. End it, and what it has started, after some seconds.

    A frozen program has a name, by which it is known if it starts itself.
    """
    with TemporaryDirectory(dir=work, ignore_cleanup_errors=True) as temporary:
        folder, log = Path(temporary, "empty"), Path(temporary, "log")
        folder.mkdir()
        with log.open("w") as output:
            try:
                process = subprocess.Popen(
                    command,
                    cwd=folder,
                    # In a container no terminal is named. What it writes to its home is gone.
                    env={"TERM": "xterm", **environment, "HOME": str(folder)},
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,  # so that it can be ended with all that it starts
                )
            except OSError as error:
                return Start(output=f"{error}\n", fault="it cannot be executed")
            code, fault = wait(process, log, seconds, name)
        with log.open("rb") as file:
            content = file.read(MOST_READ)
            if log.stat().st_size > 2 * MOST_READ:
                file.seek(-MOST_READ, os.SEEK_END)
                content += b"\n"
            content += file.read(MOST_READ)
    return Start(output=content.decode(errors="replace"), code=code, fault=fault)


def wait(process: subprocess.Popen[bytes], log: Path, seconds: float, name: str) -> tuple[int | None, str]:
    """Wait for a process some seconds, and longer while it is busy.

    Returns:
        its exit code, and why it was ended before
    """
    begin = time.monotonic()
    busy: deque[bool] = deque([True] * LATEST, LATEST)
    try:
        while (code := process.poll()) is None:
            ran = time.monotonic() - begin
            if ran > PATIENCE * seconds or (ran > seconds and sum(busy) < LATEST / 2):
                break
            commands, memory, running = usage(process.pid)
            busy.append(running)
            if len(commands) > MOST_PROCESSES or (name and any(as_python(commands, name))):
                return None, STARTS_ITSELF
            if memory > MOST_MEMORY:
                return None, f"it takes more than {MOST_MEMORY / 1e9:.0f} GB of memory"
            if log.stat().st_size > MOST_OUTPUT:
                return None, f"it prints more than {MOST_OUTPUT / 1e6:.0f} MB"
            time.sleep(0.05)
        return code, ""
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process, and what it has started."""
    if os.name == "nt":
        command = ["taskkill", "/F", "/T", "/PID", str(process.pid)]
        subprocess.run(command, capture_output=True, check=False)
    else:
        # macOS does not allow it where only ended processes are left.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def as_python(commands: Sequence[bytes], name: str) -> Iterator[bool]:
    """Whether each command is a program of that name, called as if it were Python."""
    for command in commands:
        called = command.partition(b"\0")[0].decode(errors="replace")
        yield re.split(r"[/\\]", called)[-1] == name and bool(AS_PYTHON.match(command))


def usage(group: int) -> tuple[Sequence[bytes], int, bool]:
    """On Linux, the commands of a group's processes, their bytes of memory, and whether one is busy.

    https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    https://man7.org/linux/man-pages/man5/proc_pid_cmdline.5.html
    """
    commands, memory, busy = [], 0, False
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(ProcessLookupError, FileNotFoundError):
            if os.getpgid(int(path.name)) == group:
                commands.append((path / "cmdline").read_bytes())
                memory += int((path / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
                # It computes, or waits for a disk.
                state = (path / "stat").read_text(errors="replace").rpartition(")")[2].split()[0]
                busy |= state in "RD"
    return commands, memory, busy
