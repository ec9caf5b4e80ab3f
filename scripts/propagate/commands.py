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
    with tempfile.TemporaryFile() as stdin_file, tempfile.TemporaryFile() as errors:
        stdin_file.write(stdin.encode(errors="surrogateescape"))
        stdin_file.seek(0)
        try:
            process = subprocess.Popen(
                command,
                cwd=cwd,
                env={**(environment or os.environ), "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"},
                stdin=stdin_file,
                stdout=subprocess.PIPE,
                stderr=errors,
            )
        except OSError as error:
            raise Failed(f"{command[0]}: {error.strerror}") from error
        with process:
            text = process.stdout.read(LONGEST_OUTPUT + 1) if process.stdout else b""
            if len(text) > LONGEST_OUTPUT:
                process.kill()
                raise Failed(f"{command[0]}: prints more than {LONGEST_OUTPUT // 10**6} MB")
        if process.returncode:
            errors.seek(0)
            output = errors.read(100_000).decode(errors="replace").splitlines()
            lines = [line.strip() for line in output if line.strip()]
            # Git's errors, and those of gh.
            wrong = [line for line in lines if re.match(r"fatal:|error:|! \[|HTTP \d+:", line)]
            ended = f"exited with {process.returncode}"
            reason = wrong[0] if wrong else " ".join(lines[-2:]) or ended
            raise Failed(f"{command[0]}: {reason}")
        return text.decode(errors="surrogateescape")
