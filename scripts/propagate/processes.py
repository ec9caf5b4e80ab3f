"""Several repositories at a time, each in a process of its own, which has limits."""

import contextlib
import multiprocessing
import multiprocessing.connection
import os
import resource
import signal
import subprocess
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.propagate.commands import Failed
from scripts.propagate.results import Result, in_one_line

# What one repository may take: seconds for all of it, and bytes for each process and each file.
SECONDS, MEMORY, FILE = 600, 3 * 2**30, 2**30

# Does what is to be done to a repository; the folder is its own.
Task = Callable[[str, Path], Result]


@dataclass
class Job:
    """A process that works on a repository, and all processes that it has started."""

    url: str
    folder: Path
    process: multiprocessing.process.BaseProcess
    connection: multiprocessing.connection.Connection
    end: float
    seconds: float

    def wait(self) -> Result:
        """Wait for the process until its time is up, and return what it says of its repository."""
        try:
            if self.connection.poll(max(0, self.end - time.monotonic())):
                result: Result = self.connection.recv()
            else:
                result = Result(self.url, reason=f"took longer than {self.seconds:g} s")
        except EOFError:
            self.process.join()
            result = Result(self.url, reason=f"its process exited with {self.process.exitcode}")
        self.stop()
        return result

    def stop(self) -> None:
        """End the process with all that it has started, and remove its files."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid or 0, signal.SIGKILL)
        self.process.kill()  # if it has not become a group yet
        self.process.join()
        self.connection.close()
        # Python's own function fails where folders are a thousand deep.
        subprocess.run(["rm", "-rf", "--", self.folder], check=False)


def work(
    url: str, task: Task, folder: Path, connection: multiprocessing.connection.Connection
) -> None:
    """Do a task to one repository, in a process of its own, and send the result."""
    os.setpgid(0, 0)
    with contextlib.suppress(ValueError):  # macOS has no such limit
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE, FILE))
    connection.send(attempt(url, task, folder))


def attempt(url: str, task: Task, folder: Path) -> Result:
    """Do a task to one repository, and say what went wrong if it fails."""
    try:
        return task(url, folder)
    except Exception as error:  # noqa: BLE001  # whatever it is, the others go on
        if os.environ.get("PROPAGATE_DEBUG"):
            traceback.print_exc()
        return Result(url, reason=describe(error))


def describe(error: Exception) -> str:
    """An error in one line."""
    if isinstance(error, Failed):
        return in_one_line(str(error))
    # Copier raises errors of many kinds. The last line of each says what is wrong.
    lines = [line.strip(" |") for line in str(error)[-2000:].splitlines() if line.strip(" |")]
    return in_one_line(f"{type(error).__name__}: {lines[-1] if lines else ''}".rstrip(": "))


def work_all(
    urls: Sequence[str], task: Task, scratch: Path, jobs: int, seconds: float = SECONDS
) -> Iterator[Result]:
    """Do a task to repositories, some at a time, and yield each result as its process ends."""
    # This process has no threads, so it is safe to fork, and a fork has Copier imported already.
    fork = multiprocessing.get_context("fork")
    waiting = list(reversed(urls))
    slots = [scratch / f"job-{number}" for number in range(jobs)]
    running: list[Job] = []
    try:
        while waiting or running:
            while waiting and slots:
                url, folder = waiting.pop(), slots.pop() / str(len(waiting))
                folder.mkdir(parents=True)
                ours, theirs = fork.Pipe(duplex=False)
                process = fork.Process(target=work, args=(url, task, folder, theirs))
                process.start()
                theirs.close()
                running.append(Job(url, folder, process, ours, time.monotonic() + seconds, seconds))
            first = max(0, min(job.end for job in running) - time.monotonic())
            ready = multiprocessing.connection.wait([job.connection for job in running], first)
            now = time.monotonic()
            for job in [job for job in running if job.connection in ready or job.end <= now]:
                running.remove(job)
                slots.append(job.folder.parent)
                yield job.wait()
    finally:
        for job in running:
            job.stop()
