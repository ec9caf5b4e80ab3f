"""What Copier and Git do again for each copy, and need to do once: the same results in less time."""

import atexit
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinja2
from copier._main import Worker

from tests.support.commands import run

# Git's own is a script, and starts a dozen processes to find out that there are none.
GIT_SUBMODULE = """\
#!/bin/sh
[ -e .git ] && [ ! -e .gitmodules ] && exit 0
exec "{}" "$@"
"""


def compile_once() -> None:
    """Let Jinja compile a text once: Copier makes a new environment for each copy.

    The code of a text depends on the delimiters, which the lexer stands for, and on the extensions.
    """
    compile_text: Callable[..., Any] = jinja2.Environment.compile
    compiled: dict[object, Any] = {}

    def compile(self: Any, source: Any, name: Any = None, filename: Any = None, **how: Any) -> Any:
        rules = (type(self), self.lexer, *self.extensions)
        key = (rules, source, name, *how.items())
        if key not in compiled:
            compiled[key] = compile_text(self, source, name, filename, **how)
        return compiled[key]

    jinja2.Environment.compile = compile  # type: ignore[method-assign,assignment]


def ask_for_modes_once() -> None:
    """Let Copier ask Git once for each copy whether it sees the modes of files, and not for each file."""
    write_mode = Worker._sync_git_index_executable_bit

    def write_mode_unless_seen(self: Worker, *arguments: Any) -> None:
        if "git_sees_modes" not in self.__dict__:
            command = ["git", "config", "--type=bool", "--get", "core.fileMode"]
            folder = self.subproject.local_abspath
            answer = subprocess.run(command, cwd=folder, capture_output=True, check=False).stdout
            self.__dict__["git_sees_modes"] = answer.strip() != b"false"
        if not self.__dict__["git_sees_modes"]:
            write_mode(self, *arguments)

    Worker._sync_git_index_executable_bit = write_mode_unless_seen  # type: ignore[method-assign,assignment]


def look_for_submodules_once() -> None:
    """Let Git look for submodules, which Copier wants after each clone, without a dozen processes."""
    commands = Path(run("git", "--exec-path").strip())
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    for command in commands.iterdir():
        (folder / command.name).symlink_to(command)
    (folder / "git-submodule").unlink()
    (folder / "git-submodule").write_text(GIT_SUBMODULE.format(commands / "git-submodule"))
    (folder / "git-submodule").chmod(0o755)
    os.environ["GIT_EXEC_PATH"] = str(folder)
