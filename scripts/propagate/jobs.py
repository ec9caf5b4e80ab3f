"""Several repositories at a time, each in a process of its own."""

import multiprocessing
import multiprocessing.connection
import os
import shutil
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.propagate.commands import Failed
from scripts.propagate.results import Result

# Does what is to be done to the repository of a result; the folder is its own.
Task = Callable[[Result, Path], None]


@dataclass
class Job:
    """A process that works on a repository."""

    url: str
    folder: Path
    process: multiprocessing.process.BaseProcess
    connection: multiprocessing.connection.Connection

    def wait(self) -> Result:
        """Wait for the process, and return what it says of its repository."""
        try:
            result: Result = self.connection.recv()
        except EOFError:
            self.process.join()
            ended = f"its process ended with {self.process.exitcode}"
            result = Result(self.url, reason=ended)
        self.process.join()
        self.connection.close()
        shutil.rmtree(self.folder)
        return result


def work(
    url: str, task: Task, folder: Path, connection: multiprocessing.connection.Connection
) -> None:
    """Do a task to one repository, in a process of its own: Copier changes the working directory."""
    # Beside the folder, so the next repository finds it.
    os.environ["COPIER_CACHE_DIR"] = str(folder.with_suffix(".cache"))
    tempfile.tempdir = str(folder)
    result = Result(url)
    try:
        task(result, folder)
    except Exception as error:  # noqa: BLE001  # whatever it is, the others go on
        result.status = "failed"
        result.reason = in_one_line(error)
        if os.environ.get("PROPAGATE_DEBUG"):
            traceback.print_exc()
    connection.send(result)


def in_one_line(error: Exception) -> str:
    """An error in one line."""
    if isinstance(error, Failed):
        return str(error)
    # Copier raises errors of many kinds. The last line of each says what is wrong.
    lines = [line.strip(" |") for line in str(error).splitlines() if line.strip(" |")]
    return f"{type(error).__name__}: {lines[-1] if lines else ''}".rstrip(": ")


def work_all(urls: Sequence[str], task: Task, scratch: Path, jobs: int) -> Iterator[Result]:
    """Do a task to repositories, some at a time, and yield each result as its process ends."""
    # This process has no threads, so it is safe to fork, and a fork has Copier imported already.
    fork = multiprocessing.get_context("fork")
    waiting = list(reversed(urls))
    folders = [scratch / f"job-{number}" for number in range(jobs)]
    running: list[Job] = []
    while waiting or running:
        while waiting and folders:
            url, folder = waiting.pop(), folders.pop()
            folder.mkdir()
            ours, theirs = fork.Pipe(duplex=False)
            process = fork.Process(target=work, args=(url, task, folder, theirs))
            process.start()
            theirs.close()
            running.append(Job(url, folder, process, ours))
        ready = multiprocessing.connection.wait([job.connection for job in running])
        for job in [job for job in running if job.connection in ready]:
            running.remove(job)
            yield job.wait()
            folders.append(job.folder)
