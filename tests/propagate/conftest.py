"""What these tests share: the template's releases, projects of each, an organisation, a gh."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.propagate.organisation import URL, Organisation, replace, set_timeout
from tests.propagate.pull_requests import TOKEN, PullRequests
from tests.propagate.small import small
from tests.support.commands import run
from tests.support.git import commit, git
from tests.support.rendering import ANSWERS, Scaffold, copy

CHANGELOG = """# Changelog

## [Unreleased]

## [1.2.0] - 2026-11-03

### Changed

- The settings of ruff are hidden.

## [1.1.0] - 2026-10-02

### Added

- A list of those who review.

## [1.0.0] - 2026-09-01

### Added

- Everything.

[1.0.0]: https://github.com/Acme-Org/copier-pyinstaller-ghcr/releases/v1.0.0
"""


def release_three(clone: Path) -> None:
    """Release v1.0.0, v1.1.0 and v1.2.0 of the template in a clone."""
    folder = clone / "template"
    (clone / "CHANGELOG.md").write_text(CHANGELOG)
    commit(clone, "Release v1.0.0")
    git(clone, "tag", "v1.0.0")

    # A template-owned line, and a new file.
    set_timeout(folder, 20)
    (folder / ".github/CODEOWNERS.jinja").write_text("* @[[ github_owner | lower ]]/reviewers\n")
    commit(clone, "Release v1.1.0")
    git(clone, "tag", "v1.1.0")

    # The line once more, a renamed file, and a question with a default.
    set_timeout(folder, 25)
    git(clone, "mv", "template/scripts/freezer/ruff.toml", "template/scripts/freezer/.ruff.toml")
    with (clone / "copier.yml").open("a") as file:
        file.write("\nreviewers:\n  type: str\n  help: Who reviews?\n  default: maintainers\n")
    owners = folder / ".github/CODEOWNERS.jinja"
    owners.write_text("* @[[ github_owner | lower ]]/[[ reviewers ]]\n")
    commit(clone, "Release v1.2.0")
    git(clone, "tag", "v1.2.0")


@pytest.fixture(scope="session")
def releases(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three releases of a small template."""
    folder = tmp_path_factory.mktemp("releases") / "template"
    small(template, folder)
    git(folder, "remote", "add", "origin", URL)
    release_three(folder)
    return folder


@pytest.fixture(scope="session")
def our_releases(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same of our template."""
    clone = tmp_path_factory.mktemp("releases") / "template"
    run("git", "clone", "--quiet", template, clone)
    git(clone, "tag", "--delete", "v1.0.0")
    git(clone, "remote", "set-url", "origin", URL)
    release_three(clone)
    return clone


@pytest.fixture(scope="session")
def scaffold_version(releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Scaffold:
    """Render a project from a version of the small template, once for each, and commit it."""
    projects: dict[str, Path] = {}

    def scaffold_version(version: str, **answers: str) -> Path:
        key = f"{version} {answers}"
        if key not in projects:
            projects[key] = tmp_path_factory.mktemp("project") / "project"
            copy(releases, projects[key], {**ANSWERS, **answers}, version)
            # As if it had been copied from GitHub.
            replace(projects[key] / ".copier-answers.yml", str(releases), URL)
            commit(projects[key], "Start from the template")
        return projects[key]

    return scaffold_version


@pytest.fixture
def organisation(releases: Path, tmp_path: Path) -> Organisation:
    """An organisation without repositories yet."""
    (tmp_path / "organisation").mkdir()
    return Organisation(tmp_path / "organisation", releases)


@pytest.fixture
def adopters(our_releases: Path, tmp_path: Path) -> Organisation:
    """An organisation that adopts our template."""
    (tmp_path / "adopters").mkdir()
    return Organisation(tmp_path / "adopters", our_releases)


@pytest.fixture
def tool(organisation: Organisation, scaffold_version: Scaffold) -> Organisation:
    """An organisation with one repository, `tool`, of the version v1.0.0."""
    organisation.add("tool", scaffold_version("v1.0.0"))
    return organisation


@pytest.fixture
def github(
    organisation: Organisation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[PullRequests]:
    """PullRequests's API for the organisation, and first on PATH a gh that asks it."""
    github = PullRequests(organisation.folder)
    tools = tmp_path / "tools"
    tools.mkdir()
    github.install_gh(tools)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("GH_TOKEN", TOKEN)
    yield github
    github.close()
