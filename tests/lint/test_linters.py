"""Every generated file, for every combination of answers, passes the linter of its format."""

import shutil
import subprocess
from collections.abc import Sequence
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


def lint_workflows(project: Path) -> None:
    """Lint workflows with every linter for them. No finding may be ignored."""
    files = workflows(project)
    yamllint(*files, cwd=project)
    lint("zizmor", "--offline", "--no-config", "--persona", "pedantic", *files, cwd=project)
    lint("jactionlint", "--strict-exit", *files, cwd=project)
    shellcheck = shutil.which("shellcheck")
    assert shellcheck, "actionlint skips the scripts without it"
    lint("actionlint", "-shellcheck", shellcheck, *files, cwd=project)
    lint("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *files, cwd=project)
    assert "zizmor: ignore" not in "".join(file.read_text() for file in files)


def lint_renovate(project: Path) -> None:
    """Lint a Renovate configuration by its schema."""
    schema = ("--builtin-schema", "vendor.renovate")
    lint("check-jsonschema", *schema, ".github/renovate.json5", cwd=project)


@pytest.fixture(scope="module", params=[*combinations(), *EXTRAS], ids=str)
def project(request: pytest.FixtureRequest, render: Render) -> Path:
    """A generated repository, one for each combination of answers."""
    return render(**request.param)


def test_the_workflows_are_clean(project: Path) -> None:
    lint_workflows(project)


def test_the_dockerfile_is_clean(project: Path) -> None:
    lint("hadolint", "Dockerfile", cwd=project)


def test_the_shell_scripts_are_clean(project: Path) -> None:
    scripts = shell_scripts(project)
    assert scripts
    lint("shellcheck", "--enable=quote-safe-variables", *scripts, cwd=project)
    for script in scripts:
        assert script.stat().st_mode & 0o111, f"{script} cannot be executed"
        assert "set -euo pipefail" in script.read_text().splitlines()


def test_the_python_code_is_clean(project: Path) -> None:
    lint("ruff", "check", "--no-cache", cwd=project)
    lint("ruff", "format", "--check", "--no-cache", cwd=project)


def test_the_markdown_is_clean(project: Path) -> None:
    # Long lines: tables and links. Inline HTML stays on: nothing of ours needs it.
    lint("pymarkdown", "--disable-rules", "MD013", "scan", *project.glob("*.md"), cwd=project)


def test_the_pyproject_follows_the_standards(project: Path) -> None:
    for file in project.glob("pyproject.toml"):
        lint("validate-pyproject", file, cwd=project)


def test_the_makefile_is_understood(project: Path) -> None:
    for target in ("lint", "test", "image", "smoke", "sbom"):
        lint("make", "--dry-run", "--always-make", target, cwd=project)


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
    lint_workflows(ROOT)
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
