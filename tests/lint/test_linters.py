"""Every generated file, for every combination of answers, passes the linter of its format."""

import shutil
import subprocess
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.rendering import Render, combinations, workflows
from tools.projects import KINDS, ROOT

EXTRAS: list[dict[str, Any]] = [
    {"license": "none", "author_email": "ada@example.org"},
    {"license": "none", "kind": "builder"},
    {"project_name": "A name much longer than names of projects ought to be: Æsop’s “tool”"},
    {"description": 'Says "it\'s" `fine` <b>or</b> not [at all](x) — 工具 🚀. ' + "word " * 60},
]


def lint(*command: str | Path, cwd: Path, expect: int = 0) -> str:
    """Run a linter and return what it printed; findings fail the test."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    output = done.stdout + done.stderr
    assert done.returncode == expect, f"{command}\n{output}"
    return output


def shell_scripts(project: Path) -> Sequence[Path]:
    """The files of a repository that begin as a shell script does."""
    return [
        file
        for file in project.rglob("*")
        if file.is_file() and file.read_bytes().startswith(b"#!/usr/bin/env bash")
    ]


def yamllint(*files: Path, cwd: Path) -> None:
    """Lint YAML by this repository's rules."""
    lint("yamllint", "--strict", "--config-file", ROOT / ".yamllint.yml", *files, cwd=cwd)


def lint_workflows(*files: Path) -> None:
    """Lint workflows with every linter for them. No finding may be ignored."""
    yamllint(*files, cwd=ROOT)
    lint("zizmor", "--offline", "--no-config", "--persona", "pedantic", *files, cwd=ROOT)
    lint("jactionlint", "--strict-exit", *files, cwd=ROOT)
    shellcheck = shutil.which("shellcheck")
    assert shellcheck, "actionlint skips the scripts without it"
    lint("actionlint", "-shellcheck", shellcheck, *files, cwd=ROOT)
    lint("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *files, cwd=ROOT)
    assert "zizmor: ignore" not in "".join(file.read_text() for file in files)


def lint_renovate(project: Path) -> None:
    """Lint a Renovate configuration by its schema."""
    schema = ("--builtin-schema", "vendor.renovate")
    lint("check-jsonschema", *schema, ".github/renovate.json5", cwd=project)


@pytest.fixture(scope="module")
def projects(render: Render) -> Sequence[Path]:
    """A generated repository for each combination of answers."""
    return [render(**answers) for answers in [*combinations(), *EXTRAS]]


def different(
    projects: Sequence[Path], choose: Callable[[Path], Iterable[Path]]
) -> Sequence[Sequence[Path]]:
    """The files to lint in each repository. One that has the same files as another is left out."""
    found: dict[tuple[tuple[Path, bytes], ...], list[Path]] = {}
    for project in projects:
        files = sorted(choose(project))
        key = tuple((file.relative_to(project), file.read_bytes()) for file in files)
        found.setdefault(key, files)
    return [files for files in found.values() if files]


def each(projects: Sequence[Path], choose: Callable[[Path], Iterable[Path]]) -> Sequence[Path]:
    """The files to lint of all repositories. One that is the same as another is left out."""
    found = {
        (file.relative_to(project), file.read_bytes()): file
        for project in projects
        for file in choose(project)
    }
    assert found
    return list(found.values())


def test_the_workflows_are_clean(projects: Sequence[Path]) -> None:
    lint_workflows(*each(projects, workflows))


def test_the_dockerfiles_are_clean(projects: Sequence[Path]) -> None:
    lint("hadolint", *each(projects, lambda project: [project / "Dockerfile"]), cwd=ROOT)


def test_the_shell_scripts_are_clean(projects: Sequence[Path]) -> None:
    scripts = each(projects, shell_scripts)
    lint("shellcheck", "--enable=quote-safe-variables", *scripts, cwd=ROOT)
    for script in scripts:
        assert script.stat().st_mode & 0o111, f"{script} cannot be executed"
        assert "set -euo pipefail" in script.read_text().splitlines()


def test_the_python_code_is_clean(projects: Sequence[Path]) -> None:
    def choose(project: Path) -> Iterable[Path]:
        return [*project.rglob("*.py"), *project.rglob("ruff.toml"), *project.glob("*.toml")]

    for [file, *_] in different(projects, choose):
        [project] = [project for project in projects if file.is_relative_to(project)]
        lint("ruff", "check", "--no-cache", cwd=project)
        lint("ruff", "format", "--check", "--no-cache", cwd=project)


def test_the_markdown_is_clean(projects: Sequence[Path]) -> None:
    # Long lines: tables and links. Inline HTML stays on: nothing of ours needs it.
    documents = each(projects, lambda project: project.glob("*.md"))
    lint("pymarkdown", "--disable-rules", "MD013", "scan", *documents, cwd=ROOT)


def test_the_pyprojects_follow_the_standards(projects: Sequence[Path]) -> None:
    files = each(projects, lambda project: project.glob("pyproject.toml"))
    lint("validate-pyproject", *files, cwd=ROOT)


def test_the_makefiles_are_understood(projects: Sequence[Path]) -> None:
    for [file] in different(projects, lambda project: [project / "Makefile"]):
        for target in ("lint", "test", "image", "smoke", "sbom"):
            lint("make", "--dry-run", "--always-make", target, cwd=file.parent)


@pytest.mark.parametrize("kind", ["builder", "windows"])
def test_the_renovate_configuration_follows_its_schema(render: Render, kind: str) -> None:
    lint_renovate(render(**KINDS[kind]))  # only the target changes it


def test_the_workflow_is_valid_before_it_is_rendered() -> None:
    """Renovate and editors can then read it in template/."""
    folder = ROOT / "template/.github/workflows"
    rules = "{extends: default, rules: {line-length: disable, document-start: disable, "
    rules += (
        "truthy: disable, comments: disable, comments-indentation: disable, brackets: disable}}"
    )
    files = sorted(folder.iterdir())
    assert files
    lint("yamllint", "--strict", "--config-data", rules, *files, cwd=folder)


def test_this_repository_passes_its_own_linters() -> None:
    lint_workflows(*workflows(ROOT))
    lint_renovate(ROOT)
    yamllint(ROOT / "copier.yml", ROOT / ".yamllint.yml", cwd=ROOT)
    scripts = [
        *ROOT.glob(".ci/*"),
        *shell_scripts(ROOT / "scripts"),
        *shell_scripts(ROOT / "tests"),
    ]
    lint("shellcheck", *scripts, cwd=ROOT)
    documents = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
    lint("pymarkdown", "--disable-rules", "MD013", "scan", *documents, cwd=ROOT)
    lint("ruff", "check", "--no-cache", cwd=ROOT)
    lint("ruff", "format", "--check", "--no-cache", cwd=ROOT)
    lint("mypy", cwd=ROOT)
