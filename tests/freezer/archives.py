"""scripts/freezer/archive.py, and archives to extract by it."""

import io
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

from tests.support.commands import load
from tools.projects import ROOT

SCRIPT = ROOT / "template/[[only_app]]/scripts/freezer/archive.py"
module = load(SCRIPT)
Spoil = Callable[[tarfile.TarFile], None]


def archive(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the module."""
    return subprocess.run(
        [sys.executable, SCRIPT, *arguments], capture_output=True, text=True, check=False
    )


def inside(folder: Path) -> list[str]:
    """The files and links in a folder, of which none leads out of it."""
    there = [path for path in folder.rglob("*") if path.is_symlink() or path.is_file()]
    assert all(Path(os.path.realpath(path)).is_relative_to(folder) for path in there)
    return sorted(path.relative_to(folder).as_posix() for path in there)


def add(name: str, content: bytes = b"evil", kind: bytes = tarfile.REGTYPE, to: str = "") -> Spoil:
    """Add a member to an archive."""

    def spoil(tar: tarfile.TarFile) -> None:
        member = tarfile.TarInfo(name)
        member.type, member.linkname = kind, to
        member.size = len(content) if kind == tarfile.REGTYPE else 0
        tar.addfile(member, io.BytesIO(content))

    return spoil
