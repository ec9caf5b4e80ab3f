"""What was made: the programs, the folder of each, and its size."""

from collections.abc import Callable, Sequence
from pathlib import Path


def made(dist: Path, since: float, is_program: Callable[[Path], bool]) -> Sequence[Path]:
    """The programs in a folder, and in the folders in it, that are new."""
    found = sorted(path for path in [*dist.glob("*"), *dist.glob("*/*")] if path.is_file())
    return [path for path in found if path.stat().st_mtime >= since and is_program(path)]


def size(program: Path, dist: Path) -> str:
    """A program and its size, with its libraries if they are beside it."""
    made = whole(program, dist)
    files = [program] if made == program else [path for path in made.rglob("*") if path.is_file()]
    # A link to a library has the size of a link.
    return f"{made} {sum(file.lstat().st_size for file in files) / 1e6:.1f} MB"


def whole(program: Path, dist: Path) -> Path:
    """What was made: the program alone, or its folder."""
    return program if program.parent == dist else program.parent
