# /// script
# requires-python = ">=3.11"
# dependencies = []
# ///
"""Check the style of the code, or run its tests, as the project asks for it.

  uv run --no-project scripts/check.py lint ruff==VERSION
  uv run --no-project scripts/check.py test pytest==VERSION

It uses the Ruff or pytest that the project lists, in the version of uv.lock or .pre-commit-config.yaml. The version
on the command line is for the template's code, and for a project that lists no pytest.
"""

# ruff: noqa: S603 - it runs tools

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from freezer.environment import sync

# The template's own code, and its rules.
OURS = ("scripts/check.py", "scripts/freeze.py", "scripts/freezer", ".github/scripts")
RULES = ("--config", "scripts/freezer/ruff.toml")


def read(file: str) -> dict[str, Any]:
    """A file of TOML; nothing if it is not there."""
    path = Path(file)
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def run(*command: str) -> None:
    """Run a command, and exit with its code if it fails."""
    if code := subprocess.run(command, check=False).returncode:
        sys.exit(code)


def groups(tool: str) -> list[str]:
    """The options of `uv sync` for the project's groups and extras that list a tool."""
    found = []
    for package in read("uv.lock").get("package", []):
        if "." in (package["source"].get("editable"), package["source"].get("virtual")):
            for key, option in (("dev-dependencies", "group"), ("optional-dependencies", "extra")):
                for name, listed in package.get(key, {}).items():
                    if tool in (one["name"] for one in listed):
                        found.append(f"--{option}={name}")
    return found


def lint(tool: str) -> None:
    """Check the template's code by its own rules, and the project's if it has rules for Ruff."""
    ours = ["uv", "tool", "run", tool]
    run(*ours, "check", *RULES, *OURS)
    run(*ours, "format", "--check", *RULES, *OURS)
    file = next((name for name in (".ruff.toml", "ruff.toml") if Path(name).is_file()), "")
    rules = read(file) if file else read("pyproject.toml").get("tool", {}).get("ruff")
    if rules is None:
        return
    hooks = Path(".pre-commit-config.yaml")
    text = hooks.read_text(encoding="utf-8") if hooks.is_file() else ""
    pinned = re.search(r"ruff-pre-commit\s+rev:\s*[\"']?v?(\d[\d.]*)", text)
    if own := groups("ruff"):
        sync(["--quiet", "--inexact", "--no-install-local", *own])
        theirs = ["uv", "run", "--no-sync", "ruff"]
    elif pinned:
        theirs = [*ours[:-1], f"ruff=={pinned[1]}"]
    else:
        # Each release of Ruff has other rules and another format.
        print("::notice::Your code was not checked: no group, extra or hook lists Ruff.")
        return
    others = f"extend-exclude={json.dumps([*rules.get('extend-exclude', []), *OURS])}"
    run(*theirs, "check", "--config", others)
    if "format" in rules or "ruff-format" in text:
        run(*theirs, "format", "--check", "--config", others)


def test(tool: str) -> None:
    """Run pytest, which may find no tests."""
    own = groups("pytest")
    sync(["--quiet", *own])
    ignored = [f"--ignore={name}" for name in OURS]  # --doctest-modules would import them
    command = ["uv", "run", "--no-sync", *([] if own else ["--with", tool]), "pytest", *ignored]
    code = subprocess.run(command, check=False).returncode
    # https://docs.pytest.org/en/stable/reference/exit-codes.html
    if code == 5:
        print("::warning::There are no tests: no function test_* in a file test_*.py or *_test.py.")
    elif code:
        sys.exit(code)


if __name__ == "__main__":
    os.environ.pop("VIRTUAL_ENV", None)  # that of `uv run`, which is not the project's
    actions = {"lint": lint, "test": test}
    if len(sys.argv) != 3 or sys.argv[1] not in actions:
        sys.exit(__doc__)
    actions[sys.argv[1]](sys.argv[2])
