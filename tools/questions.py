"""Answer the template's questions in a terminal, and draw what it shows into docs/questions.svg.

usage: python -m tools.questions
"""

import io
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from tools.projects import ROOT
from tools.terminal import WIDTH, Terminal

ENTER = "\r"
CLEAR = "\x15"  # Ctrl-U
# What somebody types, question by question: the beginning of its help, and the keys.
SESSION = [
    ("What is the project called?", CLEAR + "My Tool"),
    ("What does it do", "Counts the stars."),
    ("Which GitHub user", "acme-org"),
    ("What is the repository called?", ""),
    ("What will the image do?", ""),
    ("Which Python", ""),
    ("Which platforms", ""),
    ("Which tags", ""),
    ("For which systems should a release", ""),
    ("Which licence?", ""),
    ("Who is the author", "Ada Lovelace"),
]
LAST = "What is the author's mail address"


def ask(folder: Path) -> Terminal:
    """Run `copier copy` in a terminal, in a folder."""
    command = [sys.executable, "-W", "ignore", "-m", "copier", "copy", "--vcs-ref", "HEAD"]
    # Nobody's settings but the template's.
    environment = {"COPIER_SETTINGS_PATH": str(folder / "none"), "PYTHONPATH": ""}
    return Terminal([*command, str(ROOT), "my-tool"], folder, environment)


def answer(terminal: Terminal) -> None:
    """Answer every question but the last."""
    for question, keys in SESSION:
        terminal.wait(question)
        terminal.press(keys + ENTER)
    terminal.wait(LAST)


def main() -> None:
    """Answer, with a mistake in the last answer, and save."""
    with tempfile.TemporaryDirectory() as folder:
        terminal = ask(Path(folder))
        try:
            answer(terminal)
            terminal.press("ada" + ENTER)
            terminal.wait("one @")
            picture = terminal.text()
        finally:
            terminal.close()
    console = Console(record=True, width=WIDTH, file=io.StringIO())
    console.print(picture)
    target = ROOT / "docs" / "questions.svg"
    target.write_text(console.export_svg(title="copier copy") + "\n")
    print(picture.plain, end="")


if __name__ == "__main__":
    main()
