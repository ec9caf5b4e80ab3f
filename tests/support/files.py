"""Files that a test writes, and all files of a folder."""

import os
import shutil
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path

# The path of a file in a project, to what it holds: its kind and mode, and its bytes.
Tree = Mapping[str, tuple[str, bytes]]


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write files into a folder, by their paths in it: {"src/sample/__init__.py": ""}."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def copy_files(source: Path, names: Iterable[str], folder: Path) -> None:
    """Copy files into a folder, by their paths in another one."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source / name, folder / name)


def tree(project: Path) -> Tree:
    """Every file of a project but those of Git."""
    files: dict[str, tuple[str, bytes]] = {}
    for folder, folders, names in os.walk(project):
        if ".git" in folders:
            folders.remove(".git")
        for path in (Path(folder, name) for name in names):
            name, mode = path.relative_to(project).as_posix(), path.lstat().st_mode
            if stat.S_ISLNK(mode):
                files[name] = ("link", bytes(path.readlink()))
            else:
                files[name] = ("program" if mode & 0o100 else "file", path.read_bytes())
    return files


def drop_modes(project: Path) -> None:
    """Leave no script executable, as Git for Windows commits them: nothing needs it."""
    for script in (*project.glob(".github/scripts/*"), *project.glob("scripts/**/*")):
        if script.is_file():
            script.chmod(0o644)
