"""The workflows of this repository, run by act: a release, and what it opens everywhere."""

import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.propagate.organisation import (
    BRANCH,
    URL,
    WORKFLOW,
    Organisation,
    lengthen,
    node,
    replace,
)
from tests.propagate.pull_requests import PullRequests
from tests.support.actions import Actions
from tests.support.commands import run
from tests.support.git import commit, git
from tests.support.registry import Gate
from tests.support.rendering import Scaffold
from tests.support.runner import Repository
from tests.support.runs import Run
from tests.support.servers import Request

NAME = "Acme-Org/copier-pyinstaller-ghcr"
VARIABLES = {"PROPAGATE_CLIENT_ID": "Iv1.0"}
SECRETS = {"PROPAGATE_PRIVATE_KEY": "the-key-of-the-app"}
# In place of all tests: the updates from released versions, once a release is to be refused.
CI = f"""name: CI
on:
  workflow_call:
permissions: {{}}
jobs:
  test:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@{"0" * 40}
        with:
          fetch-depth: 0
      - run: make --version
"""
UPDATES = "pytest --color=no tests/update/test_released.py -k 'survives and app'"


@pytest.fixture
def pull_requests(organisation: Organisation) -> Iterator[PullRequests]:
    """GitHub's API for the organisation, as the real gh asks it."""
    pull_requests = PullRequests(organisation.folder)
    pull_requests.pages = [[node("tool"), node("edited"), node("current"), node("plain", None)]]
    yield pull_requests
    pull_requests.close()


@pytest.fixture
def source(request: pytest.FixtureRequest) -> Path:
    """The releases of the small template, or of ours for a test that asks for these."""
    folder: Path = request.getfixturevalue(getattr(request, "param", "releases"))
    return folder


@pytest.fixture
def upstream(
    source: Path,
    organisation: Organisation,
    pull_requests: PullRequests,
    tmp_path: Path,
    scaffold_version: Scaffold,
) -> Iterator[Repository]:
    """The template's repository, in an organisation with three made from it."""
    for tool in ("act", "jq", "make"):
        if not shutil.which(tool):
            pytest.skip(f"no {tool} command on this machine")
    folder = tmp_path / "upstream"
    run("git", "clone", "--quiet", source, folder)
    git(folder, "remote", "set-url", "origin", URL)
    (folder / ".github/workflows/ci.yml").write_text(CI)
    # For a machine whose proxy has a certificate of its own: act hides the variable that names it.
    (folder / "uv.toml").write_text("system-certs = true\n")
    commit(folder, "Prepare for act")

    organisation.add("tool", scaffold_version("v1.1.0"))
    organisation.add("edited", scaffold_version("v1.0.0"))
    organisation.change("edited", lengthen)
    organisation.add("current", scaffold_version("v1.2.0"))

    tools = tmp_path / "tools"
    tools.mkdir()
    pull_requests.install_gh(tools)
    gate = Gate("localhost:5000", pull_requests.tokens, pull_requests.traffic)
    yield Repository(
        name=NAME,
        folder=folder,
        gate=gate,
        github=pull_requests,
        actions=Actions(None),
        tools=[tools, Path(sys.executable).parent],
        scratch=tmp_path / "runs",
        gitconfig=f'[url "{organisation.folder.as_uri()}/"]\n'
        "\tinsteadOf = https://github.com/Acme-Org/\n",
        tests=True,
    )
    gate.close()


@pytest.fixture
def one_repository(pull_requests: PullRequests) -> None:
    """An App that is installed in one of them."""
    pull_requests.pages = [[node("tool")]]


@pytest.fixture
def installed(upstream: Repository) -> None:
    """The same with Copier at hand: one test installs it, the others need not all do so again."""
    (upstream.folder / "Makefile").write_text(f".venv/.done:\n\tln -s {sys.prefix} .venv\n")
    commit(upstream.folder, "Take the tests' environment")


def written_to(request: Request) -> str:
    """What of the template's repository a request of REST changes; nothing for another request."""
    path = request.path.removeprefix(f"/repos/{NAME}/")
    return path if request.writes and path != request.path else ""


def written(github: PullRequests) -> list[str]:
    """What the run has changed in the template's repository."""
    done = [request for request in github.traffic.requests if (request.status or 500) < 300]
    return list(filter(None, map(written_to, done)))


def start(
    upstream: Repository, file: str, variables: Mapping[str, str] = VARIABLES, **inputs: str
) -> Run:
    """Run a workflow of the template's repository by hand, with the App if the variables name it."""
    upstream.file = f".github/workflows/{file}"
    return upstream.run("workflow_dispatch", "refs/heads/main", variables, SECRETS, inputs=inputs)


@pytest.mark.usefixtures("installed")
def test_by_hand_it_opens_a_pull_request_in_every_repository(
    upstream: Repository, organisation: Organisation, pull_requests: PullRequests
) -> None:
    run = start(upstream, "propagate.yml")
    assert run.passed, run.text

    [pull] = pull_requests.pulls["tool"]
    assert (pull["title"], pull["isDraft"]) == ("Update the template from v1.1.0 to v1.2.0", False)
    [pull] = pull_requests.pulls["edited"]
    assert pull["isDraft"]
    assert f"`{WORKFLOW}`" in pull["body"]
    assert "current" not in pull_requests.pulls
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


def test_by_hand_it_takes_names_and_a_version(
    upstream: Repository, organisation: Organisation, pull_requests: PullRequests
) -> None:
    """Copier is installed as on GitHub."""
    run = start(upstream, "propagate.yml", repositories="edited", version="v1.1.0")
    assert run.passed, run.text
    [pull] = pull_requests.pulls["edited"]
    assert pull["title"] == "Update the template from v1.0.0 to v1.1.0 (conflicts remain)"
    assert BRANCH not in organisation.refs("tool")


@pytest.mark.usefixtures("installed")
def test_one_repository_that_fails_leaves_the_others_their_pull_request(
    upstream: Repository, organisation: Organisation, pull_requests: PullRequests
) -> None:
    shutil.rmtree(organisation.bare("edited"))
    run = start(upstream, "propagate.yml")
    assert not run.passed
    assert len(pull_requests.pulls["tool"]) == 1
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


@pytest.mark.usefixtures("installed", "one_repository")
def test_a_release_is_made_with_its_text_and_propagated(
    upstream: Repository, organisation: Organisation, pull_requests: PullRequests
) -> None:
    changelog(upstream)
    run = start(upstream, "release.yml", version="v1.3.0")
    assert run.passed, run.text
    head = git(upstream.folder, "rev-parse", "HEAD")
    assert git(upstream.folder, "rev-parse", "v1.3.0") == head
    [made] = upstream.hosted.releases
    assert (made["tag_name"], made["name"], made["body"]) == ("v1.3.0", "v1.3.0", "- New.")
    assert written(pull_requests) == ["git/refs", "releases"]
    [pull] = pull_requests.pulls["tool"]
    assert pull["title"] == "Update the template from v1.1.0 to v1.3.0"


def test_a_release_that_failed_half_way_can_be_run_again(
    upstream: Repository, pull_requests: PullRequests
) -> None:
    """Without the App: what is propagated twice changes nothing (test_many.py)."""

    def released() -> Run:
        return start(upstream, "release.yml", {}, version="v1.3.0")

    changelog(upstream)
    pull_requests.traffic.fails = lambda request: written_to(request) == "releases"
    run = released()
    assert run.jobs == {"check": "success", "test / test": "success", "release": "failure"}
    assert written(pull_requests) == ["git/refs"]
    pull_requests.traffic.fails = lambda request: False
    run = released()
    assert run.passed, run.text
    assert written(pull_requests) == ["releases"]
    # And once more changes nothing.
    run = released()
    assert run.passed, run.text
    assert written(pull_requests) == []


@pytest.mark.parametrize("source", ["our_releases"], indirect=True)
def test_a_release_with_an_update_that_conflicts_is_refused(
    upstream: Repository, organisation: Organisation, pull_requests: PullRequests
) -> None:
    """It is one of the tests that must be green."""
    changelog(upstream)
    replace(upstream.folder / ".github/workflows/ci.yml", "make --version", UPDATES)
    versions = upstream.folder / "template/versions.env.jinja"
    replace(versions, "depName=pyinstaller\n", "depName=PyInstaller\n")
    commit(upstream.folder, "Change a released line")
    run = start(upstream, "release.yml", version="v1.3.0")
    assert run.jobs == {"check": "success", "test / test": "failure"}
    assert written(pull_requests) == pull_requests.took() == []
    assert organisation.refs("tool").keys() == {"main"}
    [failed] = re.findall("FAILED .*", run.text)
    assert "test_the_owners_work_survives" in failed
    assert "versions.env" in failed
