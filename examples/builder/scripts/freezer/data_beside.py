"""The data beside a script that its code names: PyInstaller adds modules alone.

A program without its data starts, and fails later. So it is added at once.
"""

import ast
import os
import re
import warnings
from collections.abc import Iterator, Sequence
from glob import escape
from pathlib import Path

from freezer.remedies import Places, files_beside, package_beside

# What earlier builds leave, and what others bring.
LEFT_OUT = ("build", "dist", "node_modules", "test", "tests")
LONGEST = 200  # characters of a name
# Code that reads what is beside a module: by its path, or as resources of a package.
READS = re.compile(r"__file__|\bpkgutil\b|\bimportlib[._]resources\b")
# https://flask.palletsprojects.com/en/stable/api/#flask.Flask: these are beside the module.
FLASK = re.compile(r"\b(?:Flask|Quart|Blueprint)\(\s*[\w'\", ]*__name__")
LISTS = re.compile(r"\b(?:r?glob|iterdir|listdir|scandir|walk)\(")


def data_beside(script: Path, source: Path) -> Sequence[str]:
    """The options that add what the code of a script, and of the modules beside it, names.

    That is code that asks for its own folder, for resources of a package, or for Flask. Where it
    changes sys.path, a folder is one of modules.
    """
    beside = script.resolve().parent
    places = Places(source=source.resolve(), beside=beside)
    if not beside.is_relative_to(places.source):
        return []
    options: dict[str, None] = {}
    for file in modules(beside):
        code = file.read_text(encoding="utf-8", errors="replace")
        found = {
            path for text in texts(code) for folder in (beside, file.parent) if (path := inside(folder / text, beside))
        }
        for path in sorted(found):
            options |= dict.fromkeys(added(path, places, code))
    return list(options)


def modules(folder: Path) -> Iterator[Path]:
    """The modules in a folder, without those of environments and builds."""
    for path in sorted(folder.iterdir()):
        if path.suffix in (".py", ".pyw") and path.is_file() and os.access(path, os.R_OK):
            yield path
        elif is_searched(path):
            yield from modules(path)


def is_searched(path: Path) -> bool:
    """Whether a path is a folder that a project has written itself."""
    if path.name.startswith(".") or path.name in LEFT_OUT or path.is_symlink():
        return False
    return path.is_dir() and os.access(path, os.R_OK | os.X_OK) and not (path / "pyvenv.cfg").exists()


def texts(code: str) -> set[str]:
    """The texts in the code of a module that reads what is beside it."""
    named = {"templates", "static"} if FLASK.search(code) else set()
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(code) if READS.search(code) else ast.Module([], [])
    except (SyntaxError, ValueError):
        return named
    found = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    named |= {text for text in found if isinstance(text, str) and len(text) < LONGEST}
    return {text for text in named if Path(text).name not in ("", "..")}


def inside(path: Path, folder: Path) -> Path | None:
    """A data file or a folder that is there, and below another folder."""
    try:
        real = path.resolve(strict=True)
    except (OSError, ValueError):
        return None
    return real if folder in real.parents and (is_searched(real) or is_data(real)) else None


def is_data(path: Path) -> bool:
    """Whether a file is data: no module, and not hidden, as a .env with secrets is."""
    is_other = path.suffix.startswith(".py") or path.name.startswith(".")
    return path.is_file() and not is_other and os.access(path, os.R_OK)


def added(path: Path, places: Places, code: str) -> Iterator[str]:
    """The options that add a file or a folder. A folder with modules may be a package, or hold plugins."""
    name = path.relative_to(places.source)
    if path.is_file():
        yield from files_beside(path, places)
    elif "sys.path" in code:
        yield f"--paths={name}"
        yield from files_beside(path, places)
    elif any(path.glob("*.py")):
        if LISTS.search(code):
            yield f"--add-data={escape(str(name))}/*.py:{path.relative_to(places.beside or path)}"
        yield from package_beside(path, places)
    else:
        yield from files_beside(path, places)
