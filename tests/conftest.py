"""What the tests share: the template as a tagged clone, projects rendered from it, their images."""

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import copier
import pytest

from demo import python_answer, read_versions, set_versions, versions_for
from golden import KINDS

ROOT = Path(__file__).parent.parent

# What somebody types at the questions without a default.
ANSWERS = {
    "project_name": "My Tool",
    "description": "Greets people.",
    "github_owner": "Acme-Org",
    "author_name": "Ada Lovelace",
}

Render = Callable[..., Path]

# `make test` is one make, and a project's Makefile under test another: flags and level stay here.
for name in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS"):
    os.environ.pop(name, None)


def run(*command: str | Path, cwd: Path | None = None, **options: Any) -> str:
    """Run a command and return what it prints; its failure fails the test with both outputs."""
    done: subprocess.CompletedProcess[str] = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, **options
    )
    if done.returncode:
        pytest.fail(f"{command} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def git(cwd: Path, *arguments: str) -> str:
    """Run git in a folder, as an author who exists on no machine."""
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    return run("git", *identity, "-c", "commit.gpgsign=false", *arguments, cwd=cwd)


def commit(cwd: Path, message: str = "Change") -> str:
    """Commit everything in a folder, making it a repository first if it is none, and return the commit."""
    if not (cwd / ".git").exists():
        git(cwd, "init", "--quiet", "--initial-branch", "main")
    git(cwd, "add", "--all")
    git(cwd, "commit", "--quiet", "--allow-empty", "--message", message)
    return git(cwd, "rev-parse", "HEAD").strip()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template as it is in the working tree, in a clone of its own with the tag v1.0.0.

    Copier records the commit that it copied from. A clone makes that commit exist even when
    the working tree is dirty, and a later update can start from it.
    """
    clone = tmp_path_factory.mktemp("template") / "copier-pyinstaller-ghcr"
    files = run("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", cwd=ROOT)
    for name in filter(None, files.split("\0")):
        if (ROOT / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, clone / name)
    commit(clone, "The working tree")
    git(clone, "tag", "v1.0.0")
    # One file to clone from, as a server gives it: an update clones it five times.
    git(clone, "repack", "-a", "-d", "--quiet")
    return clone


@pytest.fixture(scope="session")
def versions() -> dict[str, str]:
    """The versions that the file $VERSIONS names, for a machine without the template's own."""
    file = os.environ.get("VERSIONS")
    return read_versions(Path(file)) if file else {}


@pytest.fixture(scope="session")
def render(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Render:
    """Render a project in-process, with Copier's unsafe features refused."""

    def render(**answers: Any) -> Path:
        folder = tmp_path_factory.mktemp("project") / "project"
        copier.run_copy(
            str(template),
            folder,
            data={**ANSWERS, **answers},
            defaults=True,
            quiet=True,
            unsafe=False,
            vcs_ref="v1.0.0",
        )
        return folder

    return render


@pytest.fixture(scope="session")
def scaffold(render: Render, versions: dict[str, str]) -> Render:
    """Render a project that builds on this machine, and commit it."""

    def scaffold(**answers: Any) -> Path:
        own = versions_for(answers.get("target", "linux"), versions)
        project = render(**python_answer(own), **answers)
        set_versions(project, own)
        commit(project, "Start from the template")
        return project

    return scaffold


@pytest.fixture(scope="session")
def docker() -> Callable[..., str]:
    """Run docker; the test is skipped, with the reason, where no engine answers."""
    if not shutil.which("docker"):
        pytest.skip("no docker command on this machine")
    if subprocess.run(["docker", "info"], capture_output=True, check=False).returncode:
        pytest.skip("no Docker engine answers on this machine")

    def docker(*arguments: str | Path, **options: Any) -> str:
        return run("docker", *arguments, **options)

    return docker


@pytest.fixture(scope="session")
def app(scaffold: Render) -> Path:
    """A repository of the kind app."""
    return scaffold()


@pytest.fixture(scope="session")
def app_image(docker: Callable[..., str], app: Path) -> str:
    """The image of that repository, built as its owner builds it."""
    run("make", "image", "IMAGE=test-app", cwd=app)
    return "test-app"


@pytest.fixture(scope="session")
def builder(scaffold: Render) -> Path:
    """A repository of the kind builder."""
    return scaffold(kind="builder", project_name="Freezer")


@pytest.fixture(scope="session")
def builder_image(docker: Callable[..., str], builder: Path) -> str:
    """The image of that repository, built as its owner builds it."""
    run("make", "image", "IMAGE=test-builder", cwd=builder)
    return "test-builder"


@pytest.fixture(scope="session")
def windows_builder(scaffold: Render) -> Path:
    """A repository of the kind builder that freezes for Windows."""
    return scaffold(kind="builder", target="windows", project_name="Windows Freezer")


@pytest.fixture(scope="session")
def windows_builder_image(docker: Callable[..., str], windows_builder: Path) -> str:
    """The image of that repository, built as its owner builds it."""
    run("make", "image", "IMAGE=test-windows", cwd=windows_builder)
    return "test-windows"


def workflows(project: Path) -> Sequence[Path]:
    """The workflows of a repository, which has at least one."""
    found = sorted((project / ".github/workflows").glob("*.yml"))
    assert found
    return found


def combinations() -> Sequence[dict[str, Any]]:
    """Every combination of the answers that change the workflow."""
    platforms = [["linux/amd64"], ["linux/arm64"], ["linux/amd64", "linux/arm64"]]
    kinds: list[dict[str, Any]] = [
        {"kind": "app", "release_binaries": True},
        {"kind": "app", "release_binaries": False},
        {"kind": "builder"},
    ]
    return [{**KINDS["windows"], "tag_scheme": scheme} for scheme in ("ref", "semver")] + [
        {**kind, "platforms": chosen, "tag_scheme": scheme}
        for kind in kinds
        for chosen in platforms
        for scheme in ("ref", "semver")
    ]
