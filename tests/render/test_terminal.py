"""The questions in a terminal of 80 columns, as somebody meets them for the first time."""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import pexpect
import pytest
import yaml

from tests.support.ownership import answers
from tools.projects import ROOT

QUESTIONS = {
    name: question["help"].split("\n")[0]
    for name, question in yaml.safe_load((ROOT / "copier.yml").read_text()).items()
    if isinstance(question, dict) and "help" in question
}
Terminal: TypeAlias = "pexpect.spawn[str]"  # generic in its stubs only
CLEAR = "\x15"  # Ctrl-U
ENTER = "\r"
DRAW = "\x0c"  # Ctrl-L draws the whole screen again, also what has not changed
# What somebody types who keeps every default.
TYPED = {
    "project_name": CLEAR + "My Tool",
    "description": "Counts the stars.",
    "github_owner": "acme-org",
    "author_name": "Ada Lovelace",
}
# What is refused, with as much of the error as a terminal of 80 columns shows.
REFUSED = {
    "project_name": [("class", "Add a word: `class` is"), ("工具", "Use a letter")],
    "description": [("", "Write a few words")],
    "github_owner": [("https://github.com/acme", "Write a name like acme-org")],
    "repository_name": [("a..b", "Join words by one"), ("a/b", "Use a-z, 0-9")],
    "platforms": [(" \x1b[B ", "Choose at least one")],  # Space unselects, then the down key
    "author_name": [("", "Write a name")],
    "author_email": [("ada", "Write one @ and no spaces")],
}
LAST = "git push origin v0.1.0"


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """A terminal in which `copier copy` asks."""
    terminal = pexpect.spawn(
        sys.executable,
        ["-W", "ignore", "-m", "copier", "copy", "--vcs-ref", "HEAD", str(ROOT), "my-tool"],
        cwd=str(tmp_path),
        dimensions=(44, 80),
        encoding="utf-8",
        timeout=30,
        env={
            **os.environ,
            "COPIER_SETTINGS_PATH": str(tmp_path / "none"),  # nobody's settings but the template's
            "TERM": "xterm",
        },
    )
    yield terminal
    terminal.close()


def wait(terminal: Terminal, *texts: str) -> int:
    """Wait until the terminal shows one of these texts, and return which."""
    # Where a space was before, the cursor skips it.
    shown = [r"(?: |\x1b\[\d*C)+".join(map(re.escape, text.split())) for text in texts]
    while not (found := terminal.expect([re.escape("\x1b[6n"), *shown])):
        terminal.send("\x1b[1;1R")  # the program has asked where the cursor is
    return found - 1


def ask(terminal: Terminal) -> Iterator[str]:
    """The questions one by one, up to the last line. Each must be answered before the next is taken."""
    names = list(QUESTIONS)
    while found := wait(terminal, LAST, *(QUESTIONS[name] for name in names)):
        yield names.pop(found - 1)


def test_a_newcomer_keeps_every_default_and_ends_with_what_to_type_next(
    terminal: Terminal, tmp_path: Path
) -> None:
    asked = []
    for name in ask(terminal):
        asked.append(name)
        if name == "project_name":
            wait(terminal, "my-tool")  # the folder's name
        terminal.send(TYPED.get(name, "") + ENTER)
    assert set(TYPED) <= set(asked)
    assert answers(tmp_path / "my-tool")["project_name"] == "My Tool"


def test_an_error_is_at_the_question_and_says_first_what_to_type(
    terminal: Terminal,
) -> None:
    right = {"repository_name": "my-tool", "platforms": "a", "author_email": "ada@example.org"}
    for name in ask(terminal):
        for wrong, fix in REFUSED.get(name, []):
            terminal.send(wrong + ENTER if name == "platforms" else CLEAR + wrong + ENTER + DRAW)
            wait(terminal, "Validation error")
            wait(terminal, fix)
        terminal.send((CLEAR if name in REFUSED else "") + {**TYPED, **right}.get(name, "") + ENTER)
