"""The builder, for both targets, freezes a command with its data and modules, and what the lock lists."""

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.support.commands import run
from tests.support.files import write
from tests.support.freezing import PYPROJECT, Docker, Freeze, sample
from tests.support.freezing import start as start_on_linux
from tests.support.windows import start as start_on_windows

OLD = "1.15.0"  # the oldest version that fits: nothing but a lock brings it
EXTRA = """\
[project.optional-dependencies]
more = ["idna>=3.10"]
[tool.setuptools]
packages = ["sample"]
package-data.sample = ["data.txt"]
[dependency-groups]
some = ["packaging>=25.0"]
"""

Built = tuple[Freeze, Callable[[], str]]


@pytest.fixture(params=["linux", "windows"])
def built(request: pytest.FixtureRequest, docker: Docker, source: Path) -> Built:
    """For each target: what freezes the folder, and what starts the program that was made."""
    if request.param == "linux":
        freeze: Freeze = request.getfixturevalue("freeze")
        return quickly(freeze), lambda: start_on_linux(docker, source, "sample/sample")
    freeze = request.getfixturevalue("freeze_for_windows")
    image = request.getfixturevalue("windows_builder_image")
    program = ["wine", "dist/sample/sample.exe"]
    return quickly(freeze), lambda: start_on_windows(image, source, *program)[0]


def quickly(freeze: Freeze) -> Freeze:
    """Leave out what says nothing about locks: to pack, and to start a program that the test starts."""

    def quick(
        *arguments: str, options: Sequence[str] = (), mode: str = "rw"
    ) -> subprocess.CompletedProcess[str]:
        return freeze(
            "--no-verify", *arguments, options=["--env=UPX_PACK=off", *options], mode=mode
        )

    return quick


@pytest.fixture
def project(source: Path) -> Path:
    """A project in the folder that needs six, and prints what it can import and read."""
    code = """\
import sys
from importlib import import_module
from importlib.metadata import version
from importlib.resources import files
def main():
    if "--help" in sys.argv and hasattr(sys, "frozen"):
        sys.exit("started in spite of --no-verify")
    import six
    plugin = import_module("sample." + "plu" + "gin")
    found = [six.__version__, version("sample"), files("sample").joinpath("data.txt").read_text()]
    found.append(plugin.NAME)
    for name in ("idna", "packaging"):
        try:
            found.append(import_module(name).__name__)
        except ImportError:
            pass
    print(*found)
"""
    sample("package", source)
    write(source, {"sample/cli.py": code})
    write(source, {"pyproject.toml": PYPROJECT.format(dependencies=f"'six>={OLD}'") + EXTRA})
    return source


def lock(project: Path) -> None:
    """Lock the oldest versions."""
    run("uv", "lock", "--quiet", "--resolution=lowest-direct", cwd=project)


def said(done: subprocess.CompletedProcess[str]) -> str:
    """What a run said of the dependencies."""
    assert done.returncode == 0, done.stderr
    [line] = [line for line in done.stdout.splitlines() if "dependencies" in line]
    return line


def test_the_lock_of_uv_fixes_the_versions_and_has_extras_and_groups(
    built: Built, project: Path
) -> None:
    freeze, start = built
    lock(project)
    options = ["--env=EXTRAS=more", "--env=GROUPS=some"]
    hidden = ["--hidden-import=idna", "--hidden-import=packaging"]
    assert said(freeze(*hidden, options=options)) == "The dependencies are those of uv.lock."
    assert start() == f"{OLD} 1.2.3 data plugin idna packaging\n"
