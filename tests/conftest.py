"""Fixtures of several tiers: the template with a tag, projects rendered from it, and their images."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import run
from tests.support.files import copy_files, drop_modes
from tests.support.git import commit, git
from tests.support.once import digest, once
from tests.support.rendering import ANSWERS, Render, Scaffold, copy
from tests.support.session import pytest_terminal_summary, use_memory
from tests.support.shortcuts import ask_for_modes_once, compile_once, look_for_submodules_once
from tools.projects import (
    ROOT,
    lock,
    python_answer,
    read_versions,
    set_versions,
    versions_for,
)

__all__ = ["pytest_terminal_summary"]

# A test may run make in a project. It must not see the flags and the level of `make test`.
for name in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS"):
    os.environ.pop(name, None)
# No test downloads a Python: it takes one of this machine, or an image's.
os.environ["UV_PYTHON_DOWNLOADS"] = "never"
# The linters and tools are beside the Python that runs this.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
use_memory()
compile_once()
ask_for_modes_once()
look_for_submodules_once()


# What neither Copier nor a release needs. An update clones the template five times.
UNUSED = re.compile(r"docs/|examples/|tests/(?!support/|update/)\w+/")
SLOWEST = ("image", "workflow", "adopt", "propagate", "freezer", "update")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tiers whose files take longest, so that no worker ends with one of them alone."""
    place = {tier: number for number, tier in enumerate(SLOWEST)}
    items.sort(key=lambda item: place.get(item.path.parent.name, len(place)))


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template of the working tree, in a clone of its own with the tag v1.0.0.

    Copier records the commit that it copies from. A later update needs that commit. In the clone it
    exists, even if the working tree has changes.
    """

    def make(folder: Path) -> None:
        files = run("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", cwd=ROOT)
        names = (name for name in files.split("\0") if (ROOT / name).is_file())
        copy_files(ROOT, (name for name in names if not UNUSED.match(name)), folder)
        commit(folder, "The working tree")
        git(folder, "tag", "v1.0.0")
        # One pack, as a server sends it.
        git(folder, "repack", "-a", "-d", "--quiet")

    return once(tmp_path_factory, "copier-pyinstaller-ghcr", make)


@pytest.fixture
def clone(template: Path, tmp_path: Path) -> Path:
    """A clone of the template that a test may change and release from."""
    git(tmp_path, "clone", "--quiet", str(template), "clone")
    return tmp_path / "clone"


@pytest.fixture(scope="session")
def versions() -> dict[str, str]:
    """The versions in the file $VERSIONS, for a machine that lacks the template's base images."""
    file = os.environ.get("VERSIONS")
    # What stands in for an old system may have a newer glibc than the limit.
    return {"GLIBC_MAX": "2.31", **read_versions(Path(file))} if file else {}


@pytest.fixture(scope="session")
def render(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Render:
    """Render a project in this process. Copier refuses what needs trust.

    Each test gets a copy of its own, because a copy of the files is ten times as fast as Copier.
    """

    def render(**answers: Any) -> Path:
        data = {**ANSWERS, **answers}

        rendered = once(tmp_path_factory, digest(data), lambda folder: copy(template, folder, data))
        folder = tmp_path_factory.mktemp("project") / "project"
        shutil.copytree(rendered, folder, symlinks=True)
        return folder

    return render


@pytest.fixture(scope="session")
def lock_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], None]:
    """Write the uv.lock of a project; equal projects get the lock that the first one got."""

    def lock_once(project: Path) -> None:
        def make(file: Path) -> None:
            lock(project)
            shutil.copy2(project / "uv.lock", file)

        made = once(tmp_path_factory, digest((project / "pyproject.toml").read_text()), make)
        shutil.copy2(made, project / "uv.lock")

    return lock_once


@pytest.fixture(scope="session")
def scaffold(
    render: Render, versions: dict[str, str], lock_once: Callable[[Path], None]
) -> Scaffold:
    """Render a project that builds on this machine, lock what it depends on, and commit it."""

    def scaffold(**answers: Any) -> Path:
        own = versions_for(answers.get("target", "linux"), versions)
        project = render(**python_answer(own), **answers)
        set_versions(project, own)
        if (project / "pyproject.toml").exists():
            lock_once(project)
        drop_modes(project)
        commit(project, "Start from the template")
        return project

    return scaffold


@pytest.fixture(scope="session")
def docker() -> Callable[..., str]:
    """Run docker. Without an engine the test is skipped, with the reason."""
    if not shutil.which("docker"):
        pytest.skip("no docker command on this machine")
    if subprocess.run(["docker", "info"], capture_output=True, check=False).returncode:
        pytest.skip("no Docker engine answers on this machine")

    def docker(*arguments: str | Path, **options: Any) -> str:
        return run("docker", *arguments, **options)

    return docker
