"""The command line."""

import argparse
import signal
import time
from collections.abc import Sequence
from types import FrameType
from typing import Any, NoReturn


def hello(name: str, every: float | None) -> None:
    """Greet once, or again and again until a signal ends the program."""
    print(f"Hello, {name}!", flush=True)
    while every is not None:
        time.sleep(every)
        print(f"Hello, {name}!", flush=True)


def stop(signum: int, frame: FrameType | None) -> NoReturn:
    """End with the exit code that shells expect of a signal: 130 for Ctrl-C, 143 for SIGTERM.

    Without a handler, a program that is PID 1 in its container ignores SIGTERM
    and `docker stop` has to kill it after ten seconds.
    """
    raise SystemExit(128 + signum)


def seconds(text: str) -> float:
    """Parse a positive number of seconds."""
    if not 0 < (value := float(text)) < float("inf"):
        raise ValueError
    return value


class Version(argparse.Action):
    """Print the version that pyproject.toml holds."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        """Import importlib.metadata only here, because it takes longer than the whole start."""
        from importlib.metadata import version

        print(f"{parser.prog} {version('star-counter')}")
        parser.exit()


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    parser = argparse.ArgumentParser(prog="star-counter")
    parser.add_argument("--version", action=Version, nargs=0, help="show the version and exit")
    commands = parser.add_subparsers(dest="command", required=True)
    greet = commands.add_parser("hello", help="greet somebody")
    greet.add_argument("name", nargs="?", default="World")
    greet.add_argument("--every", type=seconds, metavar="SECONDS", help="greet again and again")
    arguments = parser.parse_args(argv)

    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, stop)
    hello(arguments.name, arguments.every)
    return 0
