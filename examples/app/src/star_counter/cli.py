"""The command line."""

import argparse
from collections.abc import Sequence
from typing import Any


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
    arguments = parser.parse_args(argv)

    print(f"Hello, {arguments.name}!")
    return 0
