"""Real projects, as they are on PyPI, are adopted by the command of the documents and build at once.

Three of them are tried always. With ADOPT=all, all of them are, and their tests and programs too.
"""

import hashlib
import io
import json
import os
import platform
import subprocess
import sys
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest
from uv import find_uv_bin

from tests.support.commands import command, run
from tests.support.docker import local
from tests.support.files import tree
from tests.support.git import commit, git
from tests.support.ownership import owner
from tools.projects import ROOT, set_versions

# An edit by hand: the file, what stands there, and what comes in its place.
Edit = tuple[str, str, str]


@dataclass(frozen=True)
class Project:
    """A source distribution, and what adopting it takes and gives."""

    distribution: str
    version: str
    sha256: str
    command: str
    edits: tuple[Edit, ...] = ()
    lint: int = 0  # what `make lint` exits with, because the project's own rules find something
    tests: str = ""  # why its own tests fail here
    grouped: bool = False  # whether the packages for its tests become a group
    makefile: bool = False  # whether it has one, in whose place the template's comes
    always: bool = False

    @property
    def file(self) -> str:
        """The name of the archive."""
        return f"{self.distribution.replace('-', '_')}-{self.version}.tar.gz"


PROJECTS = [
    Project(
        "tldr",
        "3.4.4",
        "8355f2ca96991c61a2daa166050af5d3bdf93507817fcde5de36259c3908eca1",
        "tldr",
    ),
    Project(
        "vulture",
        "2.16",
        "f8d9f6e2af03011664a3c6c240c9765b3f392917d3135fddca6d6a68d359f717",
        "vulture",
        grouped=True,
    ),
    Project(
        "pipdeptree",
        "3.1.1",  # later ones are built by a backend that a mirror may lack
        "a986376399e52c9ec7515ef69df7a2dbda0bae0be1cec90dcae23a4ba6262c89",
        "pipdeptree",
        tests="sixteen need extras that only its tox installs",
    ),
    Project(
        "todoman",
        "4.7.0",
        "59f26db40eaa049c48a06b052dbfb5db86fb493eef6f65cd61fefc12c12b389d",
        "todo",
        lint=2,
        always=True,
    ),
    Project(
        "datasette",
        "0.65.5",
        "8d16ab1bf9a2753089cd3cb079045885d440f11267973e89e08e7fecf555264a",
        "datasette",
        tests="its sdist lacks modules of its tests",
    ),
    Project(
        "codespell",
        "2.4.3",
        "cbe085e331227b37bb86ef8bddd08dc768c704ee9a07ca869852c093fa2793e2",
        "codespell",
        lint=2,
        tests="one fails as root, and the others take many minutes",
        makefile=True,
    ),
    Project(
        "instaloader",
        "4.16",
        "85c2abedc0a3933cfa7c054661a2fba4bb8a03547e746f571fa503bea1aed331",
        "instaloader",
    ),
    Project(
        "howdoi",
        "2.0.20",
        "51cd40c53e0c0f8f8da88f480eb7423183be2350ab4f0a4d9d4763ca6ac3e2a9",
        "howdoi",
        tests="eight ask search engines",
    ),
    Project(
        "s3cmd",
        "2.4.0",
        "6b567521be1c151323f2059c8feec85ded96b6f184ff80535837fea33798b40b",
        "s3cmd",
        always=True,
    ),
    Project(
        "gitlint-core",
        "0.19.1",
        "7bf977b03ff581624a9e03f65ebb8502cc12dfaa3e92d23e8b2b54bbdaa29992",
        "gitlint",
        always=True,
    ),
]
CHOSEN = [one for one in PROJECTS if one.always or os.environ.get("ADOPT") == "all"]


def index() -> str:
    """The package index that pip uses here."""
    command = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return os.environ.get("PIP_INDEX_URL") or result.stdout.strip() or "https://pypi.org/simple"


def download(project: Project) -> bytes:
    """The bytes of a source distribution, by the index's JSON.

    https://packaging.python.org/en/latest/specifications/simple-repository-api/#json-based-simple-api-for-python-package-indexes
    """
    page = f"{index().rstrip('/')}/{project.distribution}/"
    accept = {"Accept": "application/vnd.pypi.simple.v1+json"}
    with urlopen(Request(page, headers=accept), timeout=30) as answer:
        files = json.load(answer)["files"]
    (url,) = [file["url"] for file in files if file["filename"] == project.file]
    with urlopen(url, timeout=60) as answer:
        return bytes(answer.read())


@pytest.fixture(scope="module", params=CHOSEN, ids=lambda project: project.distribution)
def project(request: pytest.FixtureRequest) -> Project:
    """Each of the projects."""
    assert isinstance(request.param, Project)
    return request.param


@pytest.fixture(scope="module")
def unpacked(
    project: Project, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Path:
    """A Git repository of what a source distribution holds. The download is kept in pytest's cache."""
    assert pytestconfig.cache
    archive = pytestconfig.cache.mkdir("sdists") / project.file
    if not archive.exists():
        try:
            content = download(project)
        except HTTPError:
            raise
        except (URLError, TimeoutError) as error:
            pytest.skip(f"{project.file} is not tried: the package index does not answer ({error})")
        archive.write_bytes(content)
    content = archive.read_bytes()
    assert hashlib.sha256(content).hexdigest() == project.sha256
    folder = tmp_path_factory.mktemp("real")
    with tarfile.open(fileobj=io.BytesIO(content)) as files:
        files.extractall(folder, filter="data")
    made = (folder / project.file.removesuffix(".tar.gz")).rename(folder / project.distribution)
    commit(made, "As it is on PyPI")
    git(made, "tag", f"v{project.version}")
    git(made, "remote", "add", "origin", f"https://github.com/acme-org/{made.name}.git")
    return made


@pytest.fixture(scope="module")
def adopted(project: Project, unpacked: Path, versions: dict[str, str]) -> Path:
    """The repository after the one command, with the edits by hand, for this machine's Python."""
    before = tree(unpacked)
    python = ".".join(versions.get("PYTHON_VERSION", platform.python_version()).split(".")[:2])
    data = ("--data", f"python_version={python}")
    adopt = (sys.executable, "-W", "ignore", "-m", "scripts.adopt", "--defaults", *data, unpacked)
    result = command(*adopt, cwd=ROOT, UV_PYTHON=sys.executable)
    assert result.returncode == 0, result.stderr
    after = tree(unpacked)
    changed = {path for path in before if after[path] != before[path]}
    # A build writes some files that an sdist has, and a repository has not.
    built = {path for path in changed if ".egg-info/" in path or path.endswith("version.py")}
    ours = {"pyproject.toml": project.grouped, "Makefile": project.makefile}
    assert changed - built <= {".gitignore", *(name for name, is_it in ours.items() if is_it)}
    own = {path for path in set(after) - set(before) if owner(path) == "project"}
    assert own <= {
        f"{project.command}.spec",
        "AGENTS.md",
        "pyproject.toml",
        ".gitattributes",
        ".gitignore",
    }

    for name, old, new in project.edits:
        file = unpacked / name
        assert old in file.read_text(), name
        file.write_text(file.read_text().replace(old, new))
    set_versions(unpacked, versions or {"PYTHON_VERSION": platform.python_version()})
    run(find_uv_bin(), "lock", cwd=unpacked, env={"UV_PYTHON": sys.executable})
    commit(unpacked, "Adopt the template")
    git(unpacked, "tag", "--force", f"v{project.version}")
    return unpacked


def make(folder: Path, *targets: str) -> subprocess.CompletedProcess[str]:
    """Run make with the Python that runs the tests."""
    return command("make", *targets, cwd=folder, UV_PYTHON=sys.executable)


def test_lint_finds_only_what_the_projects_own_rules_find(project: Project, adopted: Path) -> None:
    result = make(adopted, "lint")
    assert result.returncode == project.lint, result.stdout + result.stderr
    assert "scripts/" not in result.stdout


def test_its_image_prints_its_version(
    project: Project, adopted: Path, docker: Callable[..., str]
) -> None:
    image = local(f"adopted-{project.command}")
    result = make(adopted, "smoke", f"IMAGE={image}")
    assert result.returncode == 0, result.stdout + result.stderr
    assert project.version in docker("run", "--rm", image, "--version")


@pytest.mark.skipif(os.environ.get("ADOPT") != "all", reason="ADOPT=all runs its tests")
def test_its_own_tests_pass(project: Project, adopted: Path) -> None:
    if project.tests:
        pytest.skip(f"{project.distribution}: {project.tests}")
    result = make(adopted, "test")
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.skipif(os.environ.get("ADOPT") != "all", reason="ADOPT=all builds its programs")
def test_its_programs_to_download_print_its_version(
    project: Project, adopted: Path, docker: Callable[..., str]
) -> None:
    result = make(adopted, "binary")  # starts both in a bare Debian, too
    assert result.returncode == 0, result.stdout + result.stderr
    (program,) = (adopted / "dist").glob(f"{project.command}-linux-*64")
    assert project.version in run(program, "--version")


def test_half_of_the_projects_need_one_edit_at_most() -> None:
    edits = sorted(len(project.edits) for project in PROJECTS)
    assert edits[len(edits) // 2] <= 1
