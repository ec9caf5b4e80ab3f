"""Copier's command line in this process: to start another one takes longer than a small update."""

import contextlib
import io
import os
import subprocess
import traceback
import warnings
from pathlib import Path
from unittest.mock import patch

import plumbum
from copier._cli import CopierApp


def copier_cli(
    *arguments: str | Path, cwd: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run `copier ARGUMENTS` in a folder. It may fail, and may not ask: use `command` for that."""
    out, err = io.StringIO(), io.StringIO()
    command = ["copier", *map(str, arguments)]
    with (
        patch.dict(os.environ, environment),
        plumbum.local.env(**environment),
        plumbum.local.cwd(cwd),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("default")
        try:
            _, code = CopierApp.run(command, exit=False)
        except Exception:  # noqa: BLE001 - whatever ends the command line with a traceback
            code = 1
            traceback.print_exc()
    return subprocess.CompletedProcess(command, code or 0, out.getvalue(), err.getvalue())
