"""Every generated file, for every combination of answers, passes the linter of its format."""

import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.rendering import Render, combinations, distinct, workflows
from tools.projects import ROOT

EXTRAS: list[dict[str, Any]] = [
    {"license": "none", "author_email": "ada@example.org"},
    {"license": "none", "kind": "builder"},
    {"project_name": "A name much longer than names of projects ought to be: Æsop’s “tool”"},
    {"description": 'Says "it\'s" `fine` <b>or</b> not [at all](x) — 工具 🚀. ' + "word " * 60},
]


def lint(*command: str | Path, cwd: Path, expect: int = 0) -> str:
    """Run a linter and return what it printed; findings fail the test."""
    result = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    output = result.stdout + result.stderr
    assert result.returncode == expect, f"{command}\n{output}"
    return output


def shell_scripts(files: Iterable[Path]) -> Sequence[Path]:
    """Those of the files that begin as a shell script does."""
    return [
        file
        for file in files
        if file.is_file() and file.read_bytes().startswith(b"#!/usr/bin/env bash")
    ]


def yamllint(*files: Path, cwd: Path) -> None:
    """Lint YAML by this repository's rules."""
    lint("yamllint", "--strict", "--config-file", ROOT / ".yamllint.yml", *files, cwd=cwd)


def lint_workflows(files: Sequence[Path], cwd: Path) -> None:
    """Lint workflows with every linter for them. No finding may be ignored."""
    yamllint(*files, cwd=cwd)
    lint("zizmor", "--offline", "--no-config", "--persona", "pedantic", *files, cwd=cwd)
    lint("jactionlint", "--strict-exit", *files, cwd=cwd)
    shellcheck = shutil.which("shellcheck")
    assert shellcheck, "actionlint skips the scripts without it"
    lint("actionlint", "-shellcheck", shellcheck, *files, cwd=cwd)
    lint("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *files, cwd=cwd)
    assert "zizmor: ignore" not in "".join(file.read_text() for file in files)


def lint_renovate(*files: Path, cwd: Path) -> None:
    """Lint a Renovate configuration by its schema."""
    lint("check-jsonschema", "--builtin-schema", "vendor.renovate", *files, cwd=cwd)


def lint_markdown(*files: Path, cwd: Path) -> None:
    """Lint Markdown. Long lines are tables and links; inline HTML is refused: nothing of ours needs it."""
    lint("pymarkdown", "--disable-rules", "MD013", "scan", *files, cwd=cwd)


@pytest.fixture(scope="module")
def projects(render: Render) -> Sequence[Path]:
    """A generated repository for each combination of answers, which its .copier-answers.yml names."""
    found = [render(**answers) for answers in (*combinations(), *EXTRAS)]
    for project in found:
        (project / ".git").mkdir()  # actionlint looks for a called workflow only in a repository
    return found


def test_the_workflows_are_clean(projects: Sequence[Path], tmp_path: Path) -> None:
    lint_workflows(distinct(projects, ".github/workflows/*"), tmp_path)


def test_a_called_workflow_is_looked_at_too(projects: Sequence[Path]) -> None:
    file = projects[0] / ".github/workflows/docker-image.yml"
    text = file.read_text()
    call = "    uses: $/.github/workflows/publish-image.yml\n"
    assert call in text
    file.write_text(text.replace(call, f"{call}    with:\n      nonsense: x\n"))
    said = lint("actionlint", file, cwd=projects[0], expect=1)
    file.write_text(text)
    assert 'input "nonsense" is not defined' in said


def test_the_dockerfiles_are_clean(projects: Sequence[Path], tmp_path: Path) -> None:
    lint("hadolint", *distinct(projects, "Dockerfile"), cwd=tmp_path)


def test_the_shell_scripts_are_clean(projects: Sequence[Path], tmp_path: Path) -> None:
    scripts = shell_scripts(distinct(projects, ".github/**/*", "scripts/**/*", "image/**/*", "*"))
    assert scripts
    lint("shellcheck", "--enable=quote-safe-variables", *scripts, cwd=tmp_path)
    for script in scripts:
        assert script.stat().st_mode & 0o111, f"{script} cannot be executed"
        assert "set -euo pipefail" in script.read_text().splitlines()


def test_the_python_code_is_clean(projects: Sequence[Path], tmp_path: Path) -> None:
    # Each file by the rules of its own project.
    lint("ruff", "check", "--no-cache", *projects, cwd=tmp_path)
    lint("ruff", "format", "--check", "--no-cache", *projects, cwd=tmp_path)


def test_the_markdown_is_clean(projects: Sequence[Path], tmp_path: Path) -> None:
    lint_markdown(*distinct(projects, "*.md", ".github/*.md"), cwd=tmp_path)


def test_each_pyproject_follows_the_standards(projects: Sequence[Path], tmp_path: Path) -> None:
    lint("validate-pyproject", *distinct(projects, "pyproject.toml"), cwd=tmp_path)


def test_the_makefiles_are_understood(projects: Sequence[Path]) -> None:
    for file in distinct(projects, "Makefile"):
        for target in ("lint", "test", "image", "smoke", "sbom"):
            lint("make", "--dry-run", "--always-make", target, cwd=file.parent)


def test_the_renovate_configurations_follow_their_schema(
    projects: Sequence[Path], tmp_path: Path
) -> None:
    lint_renovate(*distinct(projects, ".github/renovate.json5"), cwd=tmp_path)


def test_the_readmes_lines_for_compose_and_kubernetes_are_understood(
    render: Render, tmp_path: Path
) -> None:
    readme = (render() / "README.md").read_text()
    compose, containers = re.findall(r"(?ms)^```yaml\n(.*?)^```", readme)
    file = tmp_path / "compose.yaml"
    file.write_text(compose)
    lint("check-jsonschema", "--builtin-schema", "vendor.compose-spec", file, cwd=tmp_path)
    # https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Container
    (container,) = yaml.safe_load(containers)
    assert set(container) == {"name", "image", "ports", "readinessProbe", "securityContext"}
    (service,) = yaml.safe_load(compose)["services"].values()
    assert container["image"] == service["image"]


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
    lint_workflows(workflows(ROOT), ROOT)
    lint_renovate(ROOT / ".github/renovate.json5", cwd=ROOT)
    yamllint(ROOT / "copier.yml", ROOT / ".yamllint.yml", cwd=ROOT)
    own = [file for folder in (".ci", "scripts", "tests") for file in (ROOT / folder).rglob("*")]
    lint("shellcheck", *shell_scripts(own), cwd=ROOT)
    lint_markdown(*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), cwd=ROOT)
    lint("ruff", "check", "--no-cache", cwd=ROOT)
    lint("ruff", "format", "--check", "--no-cache", cwd=ROOT)
    lint("mypy", cwd=ROOT)
