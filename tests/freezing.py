"""Programs to freeze, and what runs an image on them."""

import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

Docker = Callable[..., str]
Freeze = Callable[..., subprocess.CompletedProcess[str]]

OWNER = 65531  # of /src; no user of this number exists in the image or here
STRICT = ["--read-only", "--tmpfs=/tmp:exec", "--cap-drop=ALL", "--security-opt=no-new-privileges"]

PYPROJECT = """\
[project]
name = "sample"
version = "1.2.3"
dependencies = [{dependencies}]
[project.scripts]
sample = "sample.cli:main"
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
"""


def write(folder: Path, **files: str) -> None:
    """Write files by their names, in which __ stands for / and _ before the ending for a dot."""
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_py", ".py").replace("_t", ".t")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def files(source: Path) -> set[str]:
    """The names in the mounted folder."""
    return {path.name for path in source.iterdir()}


def freezer(image: str, source: Path) -> Freeze:
    """What runs an image on a folder, which belongs to OWNER."""

    def freeze(
        *arguments: str, options: Sequence[str] = (), mode: str = "rw"
    ) -> subprocess.CompletedProcess[str]:
        for path in [source, *source.rglob("*")]:
            os.chown(path, OWNER, OWNER, follow_symlinks=False)
        command = ["docker", "run", "--rm", f"--volume={source}:/src:{mode}", *options]
        return subprocess.run(
            [*command, image, *arguments], capture_output=True, text=True, check=False
        )

    if os.geteuid() != 0:
        pytest.skip("only root can give a folder to another user")
    return freeze
