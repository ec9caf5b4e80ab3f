"""What the real Renovate reads, in a generated repository and in this one."""

from pathlib import Path

from tests.renovate.bot import Renovate
from tests.support.git import commit
from tests.support.rendering import Render
from tools.projects import KINDS, ROOT


def test_the_configurations_are_valid(renovate: Renovate, render: Render) -> None:
    for folder in (ROOT, *(render(**KINDS[kind]) for kind in KINDS)):
        file = folder / ".github/renovate.json5"
        renovate("config-validator", "--strict", "--no-global", file, cwd=folder)


def test_the_manager_that_knows_the_lock_reads_pyproject_toml(
    renovate: Renovate, render: Render, template: Path
) -> None:
    """Poetry's opens the same pull requests, but leaves the lock of another tool as it is."""
    project = render()
    commit(project)
    for folder, manager in ((project, "pep621"), (template, "pip-compile")):
        assert renovate.managers(folder, "pyproject.toml") == [manager]
