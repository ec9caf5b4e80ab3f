"""What the real Renovate finds, in generated repositories and in this one."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.renovate.bot import (
    Dependency,
    GitHub,
    Renovate,
)
from tests.renovate.expected import (
    pinned_in,
    pins,
    recorded_in,
    versions,
)
from tests.support.git import commit, git
from tests.support.ownership import ANSWERS_FILE, owner
from tests.support.rendering import Render
from tools.projects import KINDS, ROOT


def test_the_configurations_are_valid(renovate: Renovate, render: Render) -> None:
    for folder in (ROOT, *(render(**KINDS[kind]) for kind in KINDS)):
        file = folder / ".github/renovate.json5"
        renovate("config-validator", "--strict", "--no-global", file, cwd=folder)


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_repository_has_exactly_these_dependencies(
    renovate: Renovate,
    render: Render,
    use_github: Callable[[Path], None],
    github: GitHub,
    kind: str,
) -> None:
    project = render(**KINDS[kind])
    use_github(project)
    commit(project)
    expected = versions(project) | {
        Dependency(
            "copier",
            ANSWERS_FILE,
            github.url("template"),
            "v1.0.0",
            "",
            "git-tags",
        )
    }
    if kind == "app":
        expected |= pins(project / "pyproject.toml")
    # The template's other files are kept current by the template.
    found = [
        dependency
        for dependency in renovate.extract(project)
        if owner(dependency.file) != "template" or dependency.file == ANSWERS_FILE
    ]
    assert len(found) == len(set(found))
    assert set(found) == expected


def test_this_repository_has_exactly_these_dependencies(renovate: Renovate, template: Path) -> None:
    places = [".github/workflows", "hooks/runners.jinja", "template"]
    names = git(template, "ls-files", "-z", *places).split("\0")[:-1]
    (runs,) = re.findall("(?m)^RENOVATE := (.+)$", (template / "Makefile").read_text())
    expected = {
        Dependency("regex", "Makefile", "renovate", runs, "", "npm"),
        *pins(template / "pyproject.toml", "pip-compile"),
        *recorded_in((template / "copier.yml").read_text()),
        *(one for name in names for one in pinned_in(template, name)),
    }
    # Where two managers find a runner, one is disabled.
    plain = {
        replace(one, manager="github-actions")
        for one in expected
        if one.datasource == "github-runners"
    }
    assert set(renovate.extract(template)) - plain == expected
