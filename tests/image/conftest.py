"""Repositories and their images, a folder to freeze, and the images run on it."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.image.freezing import Freeze, freezer
from tests.support.commands import run
from tests.support.docker import local
from tests.support.once import once
from tests.support.rendering import Scaffold


def _project(
    factory: pytest.TempPathFactory, scaffold: Scaffold, name: str, **answers: Any
) -> Path:
    """A repository that no test changes."""
    return once(factory, name, lambda folder: shutil.move(scaffold(**answers), folder))


def _image(factory: pytest.TempPathFactory, project: Path, name: str) -> str:
    """The image of a repository, built as its owner builds it.

    Once, because two builds at a time may end in "already exists": they make the same image.
    """
    image = local(name)
    once(factory, f"{name}-image", lambda _: run("make", "image", f"IMAGE={image}", cwd=project))
    return image


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory, scaffold: Scaffold) -> Path:
    """A repository of the kind app."""
    return _project(tmp_path_factory, scaffold, "app")


@pytest.fixture(scope="session")
def app_image(
    docker: Callable[..., str], tmp_path_factory: pytest.TempPathFactory, app: Path
) -> str:
    """The image of that repository."""
    return _image(tmp_path_factory, app, "app")


@pytest.fixture(scope="session")
def builder(tmp_path_factory: pytest.TempPathFactory, scaffold: Scaffold) -> Path:
    """A repository of the kind builder."""
    answers = {"kind": "builder", "project_name": "Freezer"}
    return _project(tmp_path_factory, scaffold, "builder", **answers)


@pytest.fixture(scope="session")
def builder_image(
    docker: Callable[..., str], tmp_path_factory: pytest.TempPathFactory, builder: Path
) -> str:
    """The image of that repository."""
    return _image(tmp_path_factory, builder, "builder")


@pytest.fixture(scope="session")
def windows_builder(tmp_path_factory: pytest.TempPathFactory, scaffold: Scaffold) -> Path:
    """A repository of the kind builder that freezes for Windows."""
    answers = {"kind": "builder", "target": "windows", "project_name": "Windows Freezer"}
    return _project(tmp_path_factory, scaffold, "windows", **answers)


@pytest.fixture(scope="session")
def windows_builder_image(
    docker: Callable[..., str], tmp_path_factory: pytest.TempPathFactory, windows_builder: Path
) -> str:
    """The image of that repository."""
    return _image(tmp_path_factory, windows_builder, "windows")


@pytest.fixture
def copy(app: Path, tmp_path: Path) -> Path:
    """A copy of the app's repository to change."""
    return Path(shutil.copytree(app, tmp_path / "project"))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder to mount as /src, which belongs to OWNER once something is frozen in it."""
    folder = tmp_path / "source"
    folder.mkdir()
    return folder


@pytest.fixture
def freeze(builder_image: str, source: Path) -> Freeze:
    """Freeze the folder for Linux."""
    return freezer(builder_image, source)


@pytest.fixture
def freeze_for_windows(windows_builder_image: str, source: Path) -> Freeze:
    """Freeze the folder for Windows."""
    return freezer(windows_builder_image, source)
