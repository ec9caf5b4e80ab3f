"""Real projects, as they are on PyPI, are adopted: they are unpacked, and none of their code runs."""

import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest

from tests.adopt.repositories import Adopt
from tests.support.files import tree
from tests.support.git import commit, git
from tests.support.ownership import owner, release, update
from tests.support.rendering import ANSWERS

NEW = {"Write .gitignore", "Run `uv lock`", "See that"}


@dataclass(frozen=True)
class Project:
    """A source distribution, and what adopting it is to say."""

    name: str
    file: str
    sha256: str
    spec: str  # what the new spec freezes
    remaining: set[str]  # the beginnings of the lines beside those that every one has


PROJECTS = [
    Project(
        "httpie",
        "httpie-3.2.4.tar.gz",
        "302ad436c3dc14fd0d1b19d4572ef8d62b146bcd94b505f3c2521f701e2e7a2a",
        "httpie/__main__.py",
        {"Write pyproject.toml", "Check httpie.spec"},
    ),
    Project(
        "rich-cli",
        "rich_cli-1.8.1.tar.gz",
        "16992bcbd454974dc53671ba1a12e189148566164aaa7370bdf6648c8b1438c3",
        "src/rich_cli/__main__.py",
        {"Write a test", "Check pyproject.toml", "Check rich-cli.spec"},
    ),
    Project(
        "glances",
        "glances-4.5.8.tar.gz",
        "a1e5ed5a6488964a576d550a420c91af6f2c7c2d8df8e9fbe67c98eb38bacf3b",
        "glances/__main__.py",
        {"Check pyproject.toml", "Check glances.spec"},
    ),
    Project(
        "litecli",
        "litecli-1.9.0.tar.gz",
        "21af2cfa083dd4df1e3ccaa2a2117129b5f17212756f596ea090e296776c27a1",
        "litecli/__main__.py",
        {"Write pyproject.toml", "Write litecli/__main__.py"},
    ),
    Project(
        "streamlink",
        "streamlink-8.6.3.tar.gz",
        "d3602a2629b62d935a7ddc2f31dcea7797b3780654dcccbd5c3dd5b5f7e380c8",
        "src/streamlink/__main__.py",
        {"Check pyproject.toml", "Check streamlink.spec"},
    ),
]


def index() -> str:
    """The package index that pip uses here."""
    command = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return os.environ.get("PIP_INDEX_URL") or done.stdout.strip() or "https://pypi.org/simple"


def download(project: Project) -> bytes:
    """The bytes of a source distribution, by the index's JSON.

    https://packaging.python.org/en/latest/specifications/simple-repository-api/#json-based-simple-api-for-python-package-indexes
    """
    page = f"{index().rstrip('/')}/{project.name}/"
    accept = {"Accept": "application/vnd.pypi.simple.v1+json"}
    with urlopen(Request(page, headers=accept), timeout=30) as answer:
        files = json.load(answer)["files"]
    (url,) = [file["url"] for file in files if file["filename"] == project.file]
    with urlopen(url, timeout=60) as answer:
        return bytes(answer.read())


@pytest.fixture(params=PROJECTS, ids=lambda project: project.name)
def project(request: pytest.FixtureRequest) -> Project:
    """Each of the projects."""
    assert isinstance(request.param, Project)
    return request.param


@pytest.fixture
def unpacked(project: Project, tmp_path: Path, pytestconfig: pytest.Config) -> Path:
    """A Git repository of what a source distribution holds. The download is kept in pytest's cache."""
    assert pytestconfig.cache
    archive = pytestconfig.cache.mkdir("sdists") / project.file
    if not archive.exists():
        try:
            content = download(project)
        except HTTPError:
            raise
        except (URLError, TimeoutError) as error:
            pytest.skip(f"{project.name} is not tried: the package index does not answer ({error})")
        archive.write_bytes(content)
    content = archive.read_bytes()
    assert hashlib.sha256(content).hexdigest() == project.sha256
    with tarfile.open(fileobj=io.BytesIO(content)) as files:
        files.extractall(tmp_path, filter="data")
    folder = (tmp_path / project.file.removesuffix(".tar.gz")).rename(tmp_path / project.name)
    commit(folder, "As it is on PyPI")
    return folder


@pytest.fixture
def remaining() -> Callable[[str], set[str]]:
    """Read what remains to be done out of a message."""

    def remaining(message: str) -> set[str]:
        _, _, rest = message.partition("\nLeft to do by hand:\n")
        lines = rest.partition("\n\n")[0].splitlines()
        return {line.removeprefix("  - ") for line in lines if line.startswith("  - ")}

    return remaining


def test_a_real_project_keeps_its_files_and_hears_what_remains(
    project: Project, unpacked: Path, adopt: Adopt, remaining: Callable[[str], set[str]]
) -> None:
    answers = {**ANSWERS, "project_name": project.name}
    adopted = adopt(unpacked, "--defaults", "--overwrite", answers=answers)
    assert {path for path in adopted.before if adopted.after[path] != adopted.before[path]} == set()
    assert {path for path in adopted.added if owner(path) == "project"} == {f"{project.name}.spec"}
    spec = (unpacked / f"{project.name}.spec").read_text()
    assert re.findall(r'Analysis\(\s*\["(.*)"\]', spec) == [project.spec]
    wanted = NEW | project.remaining
    lines = remaining(adopted.message)
    assert len(lines) == len(wanted)
    assert all(any(line.startswith(begin) for line in lines) for begin in wanted), lines


def test_a_real_project_is_updated_afterwards(
    project: Project, unpacked: Path, adopt: Adopt, clone: Path
) -> None:
    answers = {**ANSWERS, "project_name": project.name}
    adopt(unpacked, "--defaults", "--overwrite", answers=answers, template=clone)
    commit(unpacked, "Adopt the template")
    before = tree(unpacked)
    file = clone / "template/scripts/ruff.toml"
    file.write_text("# changed\n" + file.read_text())
    release(clone, "v2.0.0")
    update(unpacked)
    assert git(unpacked, "ls-files", "--unmerged") == ""
    after = tree(unpacked)
    assert sorted(after) == sorted(before)
    assert {path for path in after if after[path] != before[path]} == {
        ".copier-answers.yml",
        "scripts/ruff.toml",
    }
