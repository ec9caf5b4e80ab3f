"""What the tests of the workflow share. README.md in this folder says what runs for real."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.support.actions import Actions
from tests.support.commands import run
from tests.support.git import commit, git
from tests.support.github import GitHub
from tests.support.publishing import TOOLS, node, unique, use_registry
from tests.support.quick import simplify
from tests.support.registry import Gate, Registry
from tests.support.rendering import Render
from tests.support.runner import Repository
from tests.support.servers import Request, Traffic
from tests.support.signing import MODULES, Sigstore
from tests.support.tls import certificate
from tests.support.tokens import Tokens

ACTIONS = Actions(os.environ.get("ACTIONS"))
REGISTRY = os.environ.get("REGISTRY", "localhost:5000")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say which actions were the real ones."""
    if ACTIONS.used:
        terminalreporter.section("actions of the workflow")
        for name, how in sorted(ACTIONS.used.items()):
            terminalreporter.line(f"{name}: {how}")


@pytest.fixture(scope="module", autouse=True)
def one_moment() -> Iterator[None]:
    """Date every commit alike: an image is dated by its commit, and so is a step in BuildKit's cache."""
    with pytest.MonkeyPatch.context() as environment:
        for whose in ("AUTHOR", "COMMITTER"):
            environment.setenv(f"GIT_{whose}_DATE", "2026-01-02T03:04:05+01:00")
        yield


@pytest.fixture(scope="session")
def registry(docker: Callable[..., str]) -> Registry:
    """The registry that the image is published to; without one the test is skipped, with the reason."""
    for tool in ("act", "jq", "skopeo"):
        if not shutil.which(tool):
            pytest.skip(f"no {tool} command on this machine")
    found = Registry(REGISTRY)
    if not found.answers():
        pytest.skip(f"no registry answers at {found.address}: set REGISTRY, or start one")
    return found


@pytest.fixture(scope="session")
def traffic() -> Traffic:
    """Every request of a run to the registry and to GitHub's API."""
    return Traffic()


@pytest.fixture(scope="session")
def gate(traffic: Traffic) -> Iterator[Gate]:
    """The way to the registry, for the workflow."""
    gate = Gate(REGISTRY, Tokens(), traffic)
    yield gate
    gate.close()


@pytest.fixture(scope="session")
def github(
    gate: Gate, traffic: Traffic, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GitHub]:
    """GitHub's API, which knows the jobs' tokens as the gate does."""
    if not shutil.which("openssl"):
        pytest.skip("no openssl command on this machine")
    github = GitHub(gate.tokens, traffic, gate)
    github.secure(certificate(tmp_path_factory.mktemp("certificate")))
    yield github
    github.close()


@pytest.fixture(scope="session")
def sigstore(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sigstore]:
    """A Sigstore; without its packages the test is skipped, with the reason."""
    if not MODULES.is_dir():
        pytest.skip(f"{MODULES} is not there: `make test TIER=workflow` installs it")
    sigstore = Sigstore.start(node(), tmp_path_factory.mktemp("sigstore"))
    yield sigstore
    sigstore.close()


@pytest.fixture
def fails(traffic: Traffic) -> Iterator[Callable[[Callable[[Request], bool]], None]]:
    """Choose which requests fail, whenever they come, during this test."""

    def fails(chosen: Callable[[Request], bool]) -> None:
        traffic.fails = chosen

    yield fails
    traffic.fails = lambda request: False


@pytest.fixture(scope="session")
def hosted(
    gate: Gate, github: GitHub, sigstore: Sigstore, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Repository]:
    """Put a folder on the GitHub of the tests as a repository."""
    names = unique("Acme-Org/MyTool")
    if not shutil.which("act"):
        pytest.skip("no act command on this machine")

    def hosted(project: Path, private: bool = False, enterprise: bool = False) -> Repository:
        one = Repository(
            name=next(names),
            folder=project,
            gate=gate,
            github=github,
            actions=ACTIONS,
            tools=[TOOLS, node(), Path(sys.executable).parent],
            scratch=tmp_path_factory.mktemp("runs"),
            private=private,
            sigstore=sigstore,
        )
        one.hosted.enterprise = enterprise
        git(project, "remote", "add", "origin", f"https://github.com/{one.name}.git")
        return one

    return hosted


@pytest.fixture
def small(hosted: Callable[..., Repository], tmp_path: Path) -> Callable[..., Repository]:
    """Make a repository of files, the workflow among them."""

    numbers = count()

    def small(files: Mapping[str, str], **options: bool) -> Repository:
        folder = tmp_path / f"repository-{next(numbers)}"
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        commit(folder)
        return hosted(folder, **options)

    return small


@pytest.fixture(scope="session")
def repository(
    registry: Registry,
    hosted: Callable[..., Repository],
    render: Render,
    scaffold: Render,
    gate: Gate,
) -> Iterator[Callable[..., Repository]]:
    """Make a repository on the GitHub of the tests, with the template's answers."""

    def repository(
        private: bool = False, enterprise: bool = False, quick: bool = False, **answers: Any
    ) -> Repository:
        answers = {"platforms": ["linux/amd64"], **answers}
        if answers.get("kind", "app") == "app":  # the other systems' runners are not here
            mine = [platform.replace("/", "-") for platform in answers["platforms"]]
            answers.setdefault("downloads", mine)
        project = render(**answers) if quick else scaffold(**answers)
        if quick:
            simplify(project)
        use_registry(project, gate.address)
        return hosted(project, private=private, enterprise=enterprise)

    yield repository
    # The verify job pulls by digest: such an image has no tag.
    images = run("docker", "images", "--digests", "--format", "{{.Repository}}@{{.Digest}}").split()
    ours = [name for name in images if name.startswith(f"{gate.address}/")]
    subprocess.run(["docker", "image", "rm", "--force", *ours], capture_output=True, check=False)
