"""Run another program."""

import os
import re
import subprocess
from pathlib import Path


class Failed(Exception):
    """A command failed. The text says why, in one line."""


def run(*command: str | Path, cwd: Path | None = None, stdin: str = "", **variables: str) -> str:
    """Run a command and return what it prints.

    Raises:
        Failed: it ended with an error, or is not there.
    """
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            env={**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", **variables},
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            check=False,
        )
    except OSError as error:
        raise Failed(f"{command[0]}: {error.strerror}") from error
    if done.returncode:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        # Git's errors, and those of gh.
        errors = [line for line in lines if re.match(r"fatal:|error:|! \[|HTTP \d+:", line)]
        reason = (errors or lines[-1:] or [f"ended with {done.returncode}"])[0]
        raise Failed(f"{command[0]}: {reason}")
    return done.stdout
