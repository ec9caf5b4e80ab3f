"""What the tests of the workflow share: a world, its parts, and repositories in it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.github import GitHub
from tests.support.quick import simplify
from tests.support.registry import Gate, Registry
from tests.support.rendering import Render, Scaffold
from tests.support.runner import Repository
from tests.support.servers import Request
from tests.workflow.world import ACTIONS, World, use_registry


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
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """GitHub, a registry and a Sigstore."""
    world = World(tmp_path_factory.mktemp("world"))
    yield world
    world.close()


@pytest.fixture(scope="session")
def registry(world: World, docker: Callable[..., str]) -> Registry:
    """The registry that the image is published to."""
    return world.registry


@pytest.fixture(scope="session")
def gate(world: World) -> Gate:
    """The way to the registry, for the workflow."""
    return world.gate


@pytest.fixture(scope="session")
def github(world: World) -> GitHub:
    """GitHub's API."""
    return world.github


@pytest.fixture
def fails(world: World) -> Iterator[Callable[[Callable[[Request], bool]], None]]:
    """Choose which requests fail, whenever they come, during this test."""

    def fails(chosen: Callable[[Request], bool]) -> None:
        world.traffic.fails = chosen

    yield fails
    world.traffic.fails = lambda request: False


@pytest.fixture(scope="session")
def hosted(world: World) -> Callable[..., Repository]:
    """Put a folder on the GitHub of the tests as a repository."""
    return world.host


@pytest.fixture
def small(world: World) -> Callable[..., Repository]:
    """Make a repository of files, the workflow among them."""
    return world.small


@pytest.fixture(scope="session")
def repository(
    world: World, registry: Registry, render: Render, scaffold: Scaffold
) -> Callable[..., Repository]:
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
        use_registry(project, world.gate.address)
        return world.host(project, private=private, enterprise=enterprise)

    return repository
