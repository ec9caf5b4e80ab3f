"""Run another program."""

import os
import re
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

LONGEST_OUTPUT = 50_000_000


class Failed(Exception):
    """A command failed. The text says why, in one line."""


def run(
    *command: str | Path,
    cwd: Path | None = None,
    stdin: str = "",
    environment: Mapping[str, str] | None = None,
) -> str:
    """Run a command and return what it prints.

    Args:
        command: the program and its arguments
        cwd: the folder to run it in
        stdin: what it reads
        environment: instead of this process's

    Raises:
        Failed: it ended with an error, is not there, or prints without end.
    """
    # Files, so that a program that prints gigabytes does not fill the memory.
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        try:
            done = subprocess.run(
                command,
                cwd=cwd,
                env={**(environment or os.environ), "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"},
                input=stdin.encode(errors="surrogateescape"),
                stdout=output,
                stderr=errors,
                check=False,
            )
        except OSError as error:
            raise Failed(f"{command[0]}: {error.strerror}") from error
        if done.returncode:
            errors.seek(0)
            said = errors.read(100_000).decode(errors="replace").splitlines()
            lines = [line.strip() for line in said if line.strip()]
            # Git's errors, and those of gh.
            wrong = [line for line in lines if re.match(r"fatal:|error:|! \[|HTTP \d+:", line)]
            reason = (wrong or lines[-1:] or [f"exited with {done.returncode}"])[0]
            raise Failed(f"{command[0]}: {reason}")
        output.seek(0)
        text = output.read(LONGEST_OUTPUT + 1)
        if len(text) > LONGEST_OUTPUT:
            raise Failed(f"{command[0]}: prints more than {LONGEST_OUTPUT // 10**6} MB")
        return text.decode(errors="surrogateescape")
