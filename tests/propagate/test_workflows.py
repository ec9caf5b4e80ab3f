"""The workflows of this repository, run by act: a release, and what it opens everywhere."""

import json
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.actions import Actions
from tests.support.commands import run
from tests.support.git import commit, git
from tests.support.github import GitHub
from tests.support.organisation import (
    BRANCH,
    URL,
    WORKFLOW,
    Organisation,
    github_has,
    lengthen,
    node,
    replace,
)
from tests.support.registry import Gate
from tests.support.runner import Repository
from tests.support.runs import Run
from tools.projects import ROOT

NAME = "Acme-Org/copier-pyinstaller-ghcr"
VARIABLES = {"PROPAGATE_CLIENT_ID": "Iv1.0"}
SECRETS = {"PROPAGATE_PRIVATE_KEY": "the-key-of-the-app"}
# In place of all tests: those of the golden upgrade, once a release is to be refused.
CI = f"""name: CI
on:
  workflow_call:
permissions: {{}}
jobs:
  test:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@{"0" * 40}
      - run: make --version
"""
GOLDEN = "pytest --color=no tests/update/test_golden.py -k 'survives and app'"

Scaffold = Callable[..., Path]


@pytest.fixture
def upstream(
    releases: Path, organisation: Organisation, tmp_path: Path, scaffold_version: Scaffold
) -> Iterator[Repository]:
    """The template's repository, in an organisation with three made from it."""
    for tool in ("act", "jq", "make"):
        if not shutil.which(tool):
            pytest.skip(f"no {tool} command on this machine")
    folder = tmp_path / "upstream"
    run("git", "clone", "--quiet", releases, folder)
    git(folder, "remote", "set-url", "origin", URL)
    (folder / ".github/workflows/ci.yml").write_text(CI)
    commit(folder, "Prepare for act")

    organisation.add("tool", scaffold_version("v1.1.0"))
    organisation.add("edited", scaffold_version("v1.0.0"))
    organisation.change("edited", lengthen)
    organisation.add("current", scaffold_version("v1.2.0"))

    tools = tmp_path / "tools"
    tools.mkdir()
    shutil.copy2(ROOT / "tests/workflow/gh", tools / "gh")
    github = GitHub()
    gate = Gate("localhost:5000", github.tokens, github.traffic)
    yield Repository(
        name=NAME,
        folder=folder,
        gate=gate,
        github=github,
        actions=Actions(None),
        tools=[tools, Path(sys.executable).parent],
        scratch=tmp_path / "runs",
        gitconfig=f'[url "{organisation.folder.as_uri()}/"]\n'
        "\tinsteadOf = https://github.com/Acme-Org/\n",
    )
    github.close()
    gate.close()


@pytest.fixture
def installed(upstream: Repository) -> None:
    """The same with Copier at hand: one test installs it, the others need not all do so again."""
    (upstream.folder / "Makefile").write_text(f".venv/.done:\n\tln -s {sys.prefix} .venv\n")
    commit(upstream.folder, "Take the tests' environment")


def start(upstream: Repository, file: str, event: str, ref: str, **payload: Any) -> Run:
    """Run a workflow of the template's repository, with the App."""
    upstream.file = f".github/workflows/{file}"
    upstream.records.mkdir(parents=True)
    github_has(
        upstream.records, [node("tool"), node("edited"), node("current"), node("plain", None)]
    )
    return upstream.run(event, ref, VARIABLES, SECRETS, **payload)


def pulls(run: Run, name: str) -> list[dict[str, Any]]:
    """The pull requests of a repository."""
    file = run.folder / f"{name}-pulls.json"
    found: list[dict[str, Any]] = json.loads(file.read_text()) if file.exists() else []
    return found


def test_by_hand_it_opens_a_pull_request_in_every_repository(
    upstream: Repository, organisation: Organisation
) -> None:
    run = start(upstream, "propagate.yml", "workflow_dispatch", "refs/heads/main", inputs={})
    assert run.passed, run.text

    [pull] = pulls(run, "tool")
    assert (pull["title"], pull["isDraft"]) == ("Update the template from v1.1.0 to v1.2.0", False)
    [pull] = pulls(run, "edited")
    assert pull["isDraft"]
    assert f"`{WORKFLOW}`" in pull["body"]
    assert pulls(run, "current") == []
    for name, changed in {"tool": True, "edited": True, "current": False}.items():
        assert (BRANCH in organisation.refs(name)) == changed

    rows = [line for line in run.summary.splitlines() if line.startswith("| ")]
    assert sum(line.startswith("| updated | https://github.com/Acme-Org/tool |") for line in rows)
    # One token that reads all, and one for each repository that writes to it alone.
    tokens = run.read("token")
    assert all(token["owner"] == "Acme-Org" for token in tokens)
    assert sorted(token["repositories"] for token in tokens) == ["", "current", "edited", "tool"]
    for token in tokens:
        granted = {
            key.removeprefix("permission-"): value
            for key, value in token.items()
            if key.startswith("permission-") and value
        }
        writes = {"contents": "write", "pull-requests": "write", "workflows": "write"}
        assert granted == (writes if token["repositories"] else {"contents": "read"})


@pytest.mark.usefixtures("installed")
def test_by_hand_it_takes_names_and_a_version(
    upstream: Repository, organisation: Organisation
) -> None:
    inputs = {"repositories": "edited", "version": "v1.1.0"}
    run = start(upstream, "propagate.yml", "workflow_dispatch", "refs/heads/main", inputs=inputs)
    assert run.passed, run.text
    [pull] = pulls(run, "edited")
    assert pull["title"] == "Update the template from v1.0.0 to v1.1.0"
    assert BRANCH not in organisation.refs("tool")


@pytest.mark.usefixtures("installed")
def test_one_repository_that_fails_leaves_the_others_their_pull_request(
    upstream: Repository, organisation: Organisation
) -> None:
    shutil.rmtree(organisation.bare("edited"))
    run = start(upstream, "propagate.yml", "workflow_dispatch", "refs/heads/main", inputs={})
    assert not run.passed
    assert len(pulls(run, "tool")) == 1
    assert "| failed | https://github.com/Acme-Org/edited |" in run.summary


def test_without_the_app_it_says_so(upstream: Repository) -> None:
    upstream.file = ".github/workflows/propagate.yml"
    # act loses what a step prints in its last milliseconds.
    replace(upstream.folder / upstream.file, " exit 1\n", " sleep 1; exit 1\n")
    run = upstream.run("workflow_dispatch", inputs={})
    assert run.jobs == {"find": "failure"}
    [(said, _)] = run.annotations("error")
    assert said.startswith("The variable PROPAGATE_CLIENT_ID is not set")


def changelog(upstream: Repository) -> None:
    """Prepare the release of v1.3.0."""
    file = upstream.folder / "CHANGELOG.md"
    entry = "## [Unreleased]\n\n## [1.3.0] - 2026-12-01\n\n- New.\n"
    file.write_text(file.read_text().replace("## [Unreleased]\n", entry))
    commit(upstream.folder, "Release v1.3.0")


@pytest.mark.usefixtures("installed")
def test_a_release_is_made_with_its_text_and_propagated(
    upstream: Repository, organisation: Organisation
) -> None:
    changelog(upstream)
    git(upstream.folder, "tag", "v1.3.0")  # which GitHub makes for the release
    inputs = {"version": "v1.3.0"}
    run = start(upstream, "release.yml", "workflow_dispatch", "refs/heads/main", inputs=inputs)
    assert run.passed, run.text
    [made] = [call for call in run.read("gh") if call[:2] == ["release", "create"]]
    head = git(upstream.folder, "rev-parse", "HEAD").strip()
    assert made[2:5] == ["v1.3.0", "--target", head]
    assert made[5:] == ["--title", "v1.3.0", "--notes", "- New."]
    [pull] = pulls(run, "tool")
    assert pull["title"] == "Update the template from v1.1.0 to v1.3.0"


def refused(upstream: Repository, organisation: Organisation) -> Run:
    """Ask for the release of v1.3.0, which must change nothing."""
    inputs = {"version": "v1.3.0"}
    run = start(upstream, "release.yml", "workflow_dispatch", "refs/heads/main", inputs=inputs)
    assert not run.passed
    assert run.read("gh") == []
    assert organisation.refs("tool").keys() == {"main"}
    return run


def test_a_release_without_an_entry_is_refused(
    upstream: Repository, organisation: Organisation
) -> None:
    assert refused(upstream, organisation).jobs == {"check": "failure"}


def test_a_release_whose_golden_upgrade_conflicts_is_refused(
    upstream: Repository, organisation: Organisation
) -> None:
    """It is one of the tests that must be green."""
    changelog(upstream)
    replace(upstream.folder / ".github/workflows/ci.yml", "make --version", GOLDEN)
    versions = upstream.folder / "template/versions.env.jinja"
    replace(versions, "depName=pyinstaller\n", "depName=PyInstaller\n")
    commit(upstream.folder, "Change a released line")
    run = refused(upstream, organisation)
    assert run.jobs == {"check": "success", "test / test": "failure"}
    [failed] = re.findall("FAILED .*", run.text)
    assert "test_the_owners_work_survives" in failed
    assert "versions.env" in failed
