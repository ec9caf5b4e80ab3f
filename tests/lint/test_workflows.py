"""What linters do not check in workflows: pins, inputs, permissions, and GitHub's expressions."""

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.rendering import Render, combinations, workflows
from tools.projects import KINDS, ROOT

HERE = Path(__file__).parent
INPUTS: dict[str, list[str]] = yaml.safe_load((HERE / "actions.yml").read_text())
TEMPLATES = ROOT / "template/.github/workflows"
EXPRESSION = re.compile(r"\$\{\{.*?\}\}")


@pytest.fixture(scope="module")
def rendered(render: Render) -> Sequence[Path]:
    """The workflows of every combination of answers."""
    projects = [render(**answers) for answers in combinations()]
    return [file for project in projects for file in workflows(project)]


def steps(file: Path) -> Iterator[dict[str, Any]]:
    """Every step of a workflow."""
    for job in yaml.safe_load(file.read_text())["jobs"].values():
        yield from job.get("steps", [])  # a job that calls another workflow has none


def test_every_action_is_pinned_by_commit_with_its_version_beside_it(
    rendered: Sequence[Path],
) -> None:
    for file in [*rendered, *workflows(ROOT)]:
        lines = re.findall(r"(?m)^ *(?:- )?uses: (.*)$", file.read_text())
        assert lines
        for line in lines:
            if line.startswith("$/"):  # a workflow of the same commit
                continue
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), (file, line)


def test_every_input_is_one_that_the_action_has(rendered: Sequence[Path]) -> None:
    for file in [*rendered, *workflows(ROOT)]:
        for step in steps(file):
            if "uses" in step:
                action = step["uses"].split("@")[0]
                assert set(step.get("with", {})) <= set(INPUTS[action]), (file, step)


def test_our_stand_ins_have_no_input_that_the_action_lacks() -> None:
    for file in sorted((ROOT / "tests/workflow/actions").glob("*/action.yml")):
        [action] = [name for name in INPUTS if name.split("/")[1] == file.parent.name]
        assert set(yaml.safe_load(file.read_text()).get("inputs", {})) <= set(INPUTS[action])


def test_the_table_of_inputs_is_that_of_the_real_actions() -> None:
    folder = os.environ.get("ACTIONS")
    if not folder:
        pytest.skip("ACTIONS names no folder of real actions: see tests/workflow/README.md")
    pins = {
        tuple(use.split("@"))
        for file in TEMPLATES.iterdir()
        for use in re.findall(r"uses: (\S+)", file.read_text())
    }
    compared = []
    for action, commit in sorted(pins):
        git: list[str | Path] = ["git", "-C", Path(folder, action), "show", f"{commit}:action.yml"]
        done = subprocess.run(git, capture_output=True, check=False)
        if done.returncode == 0:
            assert sorted(yaml.safe_load(done.stdout)["inputs"]) == INPUTS[action], action
            compared.append(action)
    assert compared


def test_no_expression_of_github_was_eaten_or_made_by_jinja(rendered: Sequence[Path]) -> None:
    for template in TEMPLATES.iterdir():
        name = template.name.removesuffix(".jinja")
        found = [set(EXPRESSION.findall(f.read_text())) for f in rendered if f.name == name]
        assert set().union(*found) == set(EXPRESSION.findall(template.read_text()))


def test_no_expression_stands_inside_a_script(rendered: Sequence[Path]) -> None:
    """A shell would run its value: https://docs.github.com/en/actions/concepts/security/script-injections"""
    for file in [*rendered, *workflows(ROOT)]:
        for step in steps(file):
            assert "${{" not in step.get("run", ""), (file, step)


def test_only_the_jobs_that_publish_may_write(rendered: Sequence[Path]) -> None:
    for file in rendered:
        workflow = yaml.safe_load(file.read_text())
        assert workflow["permissions"] == {}
        for name, job in workflow["jobs"].items():
            writes = {key for key, value in job["permissions"].items() if value == "write"}
            assert writes == {
                "publish": {"packages", "attestations", "id-token"},
                "release": {"contents", "attestations", "id-token"},
            }.get(name, set())
            # A job that may write runs no code of the project.
            scripts = " ".join(step.get("run", "") for step in job["steps"])
            assert not (writes and re.search(r"\bmake\b|scripts/smoke|docker run", scripts))


def test_the_workflow_can_be_read_from_top_to_bottom(rendered: Sequence[Path]) -> None:
    for file in rendered:
        assert len(file.read_text().splitlines()) <= 251  # 249 for an app with the defaults


def test_a_builder_for_windows_is_published_as_one_for_linux_is(render: Render) -> None:
    """Only the platforms differ: Wine runs on amd64."""
    linux, windows = (
        yaml.safe_load((render(**KINDS[kind]) / ".github/workflows/docker-image.yml").read_text())
        for kind in ("builder", "windows")
    )
    assert windows["jobs"]["build"]["strategy"]["matrix"].pop("arch") == ["amd64"]
    assert linux["jobs"]["build"]["strategy"]["matrix"].pop("arch") == ["amd64", "arm64"]
    assert windows["jobs"]["verify"]["env"].pop("PLATFORMS") == "linux/amd64"
    assert linux["jobs"]["verify"]["env"].pop("PLATFORMS") == "linux/amd64 linux/arm64"
    assert windows == linux
