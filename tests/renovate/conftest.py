"""What the tests of the Renovate configurations share: the real Renovate, and what it runs on."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.renovate.bot import GitHub, Renovate, replace_checksums
from tests.support.git import commit, git
from tools.projects import ROOT


@pytest.fixture(scope="session")
def renovate(tmp_path_factory: pytest.TempPathFactory) -> Renovate:
    """Renovate; without `TIER=renovate` the test is skipped, with the reason."""
    if os.environ.get("TIER") != "renovate":
        pytest.skip("Renovate is large: make test TIER=renovate installs and runs it")
    return Renovate(ROOT / "build/renovate", tmp_path_factory.mktemp("home"))


@pytest.fixture
def github(
    renovate: Renovate, tmp_path: Path, template: Path, upx_version: str
) -> Iterator[GitHub]:
    """An organisation with this template, whose release v1.1.0 changes a line, in a repository."""
    github = GitHub(tmp_path, renovate, upx_version)
    newer = tmp_path / "template"
    git(tmp_path, "clone", "--quiet", str(template), str(newer))
    file = newer / "template/scripts/freezer/ruff.toml"
    text = file.read_text()
    assert "line-length = 120" in text
    file.write_text(text.replace("line-length = 120", "line-length = 99"))
    commit(newer, "Narrow the code")
    git(newer, "tag", "v1.1.0")
    github.push(newer, "template")
    yield github
    github.standin.close()


def recorded(tool: str) -> str:
    """The version of a tool that the template has now."""
    match = re.search(
        rf'^{tool}_version:\n.*\n.*\n  default: "(.+)"$',
        (ROOT / "copier.yml").read_text(),
        re.MULTILINE,
    )
    assert match
    return match[1]


@pytest.fixture(scope="session")
def upx_version() -> str:
    """The version of UPX that the template has now."""
    return recorded("upx")


@pytest.fixture
def use_github(github: GitHub, upx_version: str) -> Callable[[Path], None]:
    """Make a project one that was made from the template on the stand-in, with its UPX."""

    def use_github(project: Path) -> None:
        answers = project / ".copier-answers.yml"
        text = re.sub(
            r"(?m)^_src_path: .*", f"_src_path: {github.url('template')}", answers.read_text()
        )
        answers.write_text(text)
        versions = project / "versions.env"
        versions.write_text(replace_checksums(versions.read_text(), upx_version))

    return use_github
