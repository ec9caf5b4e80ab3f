"""What the tests of the workflow share. README.md in this folder says what runs for real."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import run
from tests.support.git import git
from tests.support.rendering import Render
from tests.workflow.harness import (
    HERE,
    Actions,
    Gate,
    GitHub,
    Registry,
    Repository,
    node,
    unique,
    use_registry,
)

ACTIONS = Actions(os.environ.get("ACTIONS"))


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
    found = Registry(os.environ.get("REGISTRY", "localhost:5000"))
    if not found.answers():
        pytest.skip(f"no registry answers at {found.address}: set REGISTRY, or start one")
    return found


@pytest.fixture(scope="session")
def gate(registry: Registry) -> Iterator[Gate]:
    """The way to that registry, for the workflow."""
    gate = Gate(registry.address)
    yield gate
    gate.close()


@pytest.fixture
def fails(gate: Gate) -> Iterator[Callable[[Any], None]]:
    """Choose which requests to the registry fail during this test."""
    none = gate.fails

    def fails(chosen: Any) -> None:
        gate.fails = chosen

    yield fails
    gate.fails = none


@pytest.fixture(scope="session")
def repository(
    scaffold: Render, gate: Gate, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Repository]]:
    """Make a repository on the GitHub of the tests, with the template's answers."""
    tools = tmp_path_factory.mktemp("tools")
    shutil.copy2(HERE / "gh", tools / "gh")
    github = GitHub()
    names = unique("Acme-Org/MyTool")

    def repository(private: bool = False, **answers: Any) -> Repository:
        project = scaffold(**{"platforms": ["linux/amd64"], **answers})
        one = Repository(
            name=next(names),
            folder=project,
            gate=gate,
            github=github,
            actions=ACTIONS,
            tools=[tools, node(), Path(sys.executable).parent],
            scratch=tmp_path_factory.mktemp("runs"),
            private=private,
        )
        git(project, "remote", "add", "origin", f"https://github.com/{one.name}.git")
        use_registry(project, gate.address)
        return one

    yield repository
    github.close()
    # The verify job pulls by digest: such an image has no tag.
    images = run("docker", "images", "--digests", "--format", "{{.Repository}}@{{.Digest}}").split()
    ours = [name for name in images if name.startswith(f"{gate.address}/")]
    subprocess.run(["docker", "image", "rm", "--force", *ours], capture_output=True, check=False)
