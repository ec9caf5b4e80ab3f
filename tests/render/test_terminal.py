"""The questions in a terminal of 80 columns, as somebody meets them for the first time."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.ownership import answers
from tools.questions import CLEAR, ENTER, LAST, SESSION, answer, ask
from tools.terminal import Terminal


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """The first question."""
    terminal = ask(tmp_path)
    yield terminal
    terminal.close()


def test_a_newcomer_sees_each_default_and_ends_with_what_to_type_next(
    terminal: Terminal, tmp_path: Path
) -> None:
    terminal.wait(SESSION[0][0])
    assert terminal.lines()[-1] == "   my-tool"  # the folder's name
    answer(terminal)
    terminal.press(ENTER)
    terminal.wait("git push origin v0.1.0")
    assert answers(tmp_path / "my-tool")["project_name"] == "My Tool"


# A terminal of 80 columns shows so much of each error.
WRONG = {
    "What is the project called?": [("class", "Add a word: `class` is"), ("工具", "Use a letter")],
    "What does it do": [("", "Write a few words")],
    "Which GitHub user": [("https://github.com/acme", "Write a name like acme-org")],
    "What is the repository called?": [("a..b", "Join words by one"), ("a/b", "Use a-z, 0-9")],
    "Which platforms": [(" \x1b[B ", "Choose at least one")],
    "Who is the author": [("", "Write a name")],
}


def test_an_error_is_at_the_question_and_says_first_what_to_type(terminal: Terminal) -> None:
    for question, keys in SESSION:
        terminal.wait(question)
        for wrong, fix in WRONG.get(question, []):
            terminal.press((wrong if "\x1b" in wrong else CLEAR + wrong) + ENTER)
            assert terminal.lines()[-1].startswith("Validation error"), terminal.lines()
            assert fix in terminal.lines()[-1]
        right = {"What is the repository called?": "my-tool", "Which platforms": "a"}
        terminal.press(CLEAR + right.get(question, keys) + ENTER)
    terminal.wait(LAST)
    terminal.press("ada" + ENTER)
    assert "Write one @ and no spaces" in terminal.lines()[-1]
