"""A program in a terminal: what somebody types, and what the screen shows."""

import os
import pty
import select
import time
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import pyte
from rich.style import Style
from rich.text import Text

WIDTH = 80
HEIGHT = 44
NAMES = {"brown": "yellow", "default": None}  # what pyte calls colours that rich calls otherwise


class Terminal:
    """A terminal in which one program runs.

    Raises:
        TimeoutError: the screen does not show what was waited for; with what it shows.
    """

    def __init__(self, command: Sequence[str], folder: Path, environment: dict[str, str]) -> None:
        self._screen = pyte.Screen(WIDTH, HEIGHT)
        self._stream = pyte.ByteStream(self._screen)
        size = {"LINES": str(HEIGHT), "COLUMNS": str(WIDTH), "TERM": "xterm-256color"}
        self._process, self._master = pty.fork()
        if self._process == 0:
            os.chdir(folder)
            os.execvpe(command[0], [*command], {**os.environ, **environment, **size})

    def close(self) -> None:
        """Close the terminal, which ends the program."""
        os.close(self._master)
        os.waitpid(self._process, 0)

    def lines(self) -> list[str]:
        """What the screen shows, without the empty lines at its end."""
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip().split("\n")

    def wait(self, text: str, seconds: float = 30) -> None:
        """Wait until the screen shows a text."""
        end = time.monotonic() + seconds
        while text not in "\n".join(self.lines()):
            if time.monotonic() > end:
                raise TimeoutError(f"no {text!r} on the screen:\n" + "\n".join(self.lines()))
            self._read()

    def press(self, keys: str) -> None:
        """Type keys, and wait until the screen is still."""
        os.write(self._master, keys.encode())
        while self._read(0.5):
            pass

    def _read(self, seconds: float = 0.1) -> bool:
        """Show what the program writes; tell whether it wrote anything."""
        if not select.select([self._master], [], [], seconds)[0]:
            return False
        try:
            written = os.read(self._master, 65536)
        except OSError:  # Linux' way to say that the program has ended
            return False
        if b"\x1b[6n" in written:  # the program asks where the cursor is
            place = f"\x1b[{self._screen.cursor.y + 1};{self._screen.cursor.x + 1}R"
            os.write(self._master, place.encode())
        self._stream.feed(written)
        return bool(written)

    def text(self) -> Text:
        """What the screen shows, with its colours."""
        text = Text()
        for row in range(len(self.lines())):
            cells = [self._screen.buffer[row][column] for column in range(WIDTH)]
            for style, run in groupby(cells, _style):
                text.append("".join(cell.data for cell in run), style)
            text.append("\n")
        return text


def _style(cell: pyte.screens.Char) -> Style:
    """How a cell of the screen looks."""
    return Style(
        color=_color(cell.fg),
        bgcolor=_color(cell.bg),
        bold=cell.bold,
        italic=cell.italics,
        reverse=cell.reverse,
    )


def _color(name: str) -> str | None:
    """A colour of pyte's, as rich writes it."""
    name = NAMES.get(name, name) or ""
    return (
        f"#{name}" if len(name) == 6 and not set(name) - set("0123456789abcdef") else name or None
    )
