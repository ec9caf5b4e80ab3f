"""Repositories of each layout, and what a copy of the template into one of them did."""

import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.copier_cli import copier_cli
from tests.support.files import Tree
from tests.support.git import git

PROJECT = """\
[project]
name = "my-tool"
version = "1.0"
"""
POETRY = """\
[tool.poetry]
name = "my-tool"
version = "1.0"
"""
SETUP_CFG = """\
[metadata]
name = my-tool
"""
MAIN = "from my_tool.cli import main\n\nraise SystemExit(main())\n"

# What each layout holds, by the paths of its files.
LAYOUTS: Mapping[str, Mapping[str, str]] = {
    "flat": {
        "README.rst": "My Tool\n",
        "pyproject.toml": PROJECT,
        "my_tool/__init__.py": "",
        "my_tool/__main__.py": MAIN,
        "tests/test_all.py": "",
        "Dockerfile": "FROM python:3\n",
        "Makefile": "deploy:\n\techo deploy\n",
        ".dockerignore": "*.md\n",
        ".github/workflows/ci.yml": "on: push\n",
    },
    "src": {
        "README.md": "# My Tool\n",
        "LICENSE": "Ours.\n",
        "SECURITY.md": "# Security\n",
        ".gitignore": "*.pyc\n",
        "pyproject.toml": PROJECT,
        "src/my_tool/__init__.py": "",
        "src/my_tool/cli.py": "def main(): ...\n",
        "tests/unit/test_cli.py": "",
    },
    "setup.cfg": {
        "setup.cfg": SETUP_CFG,
        "setup.py": "from setuptools import setup\nsetup()\n",
        "my_tool/__init__.py": "",
        "my_tool/cli.py": "",
    },
    "poetry": {
        "pyproject.toml": POETRY,
        "poetry.lock": "",
        "my_tool/__main__.py": MAIN,
        "my-tool.spec": "# ours\n",
        "ruff.toml": "line-length = 80\n",
    },
    "no package": {"tool.py": "print('hello')\n", "requirements.txt": "rich\n"},
    "no Python": {"bin/tool": "#!/usr/bin/env python3\n", "other.spec": "# ours\n"},
}


@dataclass(frozen=True)
class Adopted:
    """A repository before and after `copier copy` into it, and the last lines that this printed."""

    folder: Path
    before: Tree
    after: Tree
    message: str

    @property
    def added(self) -> set[str]:
        """The files that are new."""
        return set(self.after) - set(self.before)

    @property
    def changed(self) -> set[str]:
        """The files that `git diff` shows."""
        return set(git(self.folder, "diff", "--name-only").splitlines())


Adopt = Callable[..., Adopted]


def copy(
    template: Path, folder: Path, *options: str, answers: Mapping[str, str], **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run `copier copy` in a folder, with answers on the command line."""
    data: Sequence[str] = [f"--data={name}={value}" for name, value in answers.items()]
    return copier_cli("copy", *options, *data, template, ".", cwd=folder, **environment)
