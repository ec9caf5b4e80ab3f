"""Repositories that exist before the template comes."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.adopt.repositories import Adopt, Adopted, copy
from tests.support.files import tree, write
from tests.support.git import commit
from tests.support.rendering import ANSWERS


@pytest.fixture
def repository(tmp_path: Path) -> Callable[[Mapping[str, str]], Path]:
    """Make a Git repository of files."""

    def repository(files: Mapping[str, str]) -> Path:
        folder = tmp_path / "my-tool"
        write(folder, files)
        commit(folder, "Before the template")
        return folder

    return repository


@pytest.fixture(scope="session")
def adopt(template: Path) -> Adopt:
    """Run `copier copy` in a repository, as somebody would who cannot be asked."""

    def adopt(
        folder: Path, *options: str, answers: Mapping[str, str] = ANSWERS, template: Path = template
    ) -> Adopted:
        before = tree(folder)
        result = copy(template, folder, *options, answers=answers)
        assert result.returncode == 0, result.stderr
        _, marker, message = result.stderr.rpartition(f"{folder.name} already contains a program")
        return Adopted(folder, before, tree(folder), marker + message or result.stderr)

    return adopt
