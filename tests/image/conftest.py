"""What the tests of the images share: a folder to freeze, and the images run on it."""

import shutil
from pathlib import Path

import pytest

from tests.image.freezing import Freeze, freezer


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
