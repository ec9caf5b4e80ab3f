"""Pull requests and merge queues: what they may publish."""

import shutil
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.git import commit, git
from tests.support.registry import Registry
from tests.support.runner import Repository
from tests.support.runs import Run
from tests.workflow.expectations import OCI, SMOKE
from tests.workflow.payloads import pull_request

Make = Callable[..., Repository]


def propose(one: Repository, number: int = 2, **options: Any) -> Run:
    """Open a pull request whose base is the commit before this one."""
    actor = options.pop("actor", "Ada-Lovelace")
    payload = pull_request(one, number, **options)
    base = git(one.folder, "rev-parse", "HEAD^").strip()
    payload["pull_request"]["base"]["sha"] = base
    return one.run(
        "pull_request", f"refs/pull/{number}/merge", actor=actor, action="opened", **payload
    )


def test_a_pull_request_publishes_its_number_and_nothing_else(
    repository: Make, registry: Registry
) -> None:
    one = repository(quick=True)
    one.write("tests/smoke", SMOKE, executable=True)
    run = propose(one)
    assert run.jobs == {
        "check": "success",
        "build": "success",
        "preview": "success",
        "passed": "success",
    }, run.text
    assert {artifact.days for artifact in run.artifacts.values()} == {"1"}
    assert set(registry.all_tags(one.image)) == {"pr-2"}  # and no attestation
    assert one.hosted.attestations == []
    assert [line["job"] for line in run.read("smoke")] == ["build"]
    assert f"{OCI}.version=pr-2" in run.builds[0]


def test_what_a_pull_request_changes_does_not_run_where_a_token_may_write(
    repository: Make, registry: Registry
) -> None:
    one = repository(quick=True)
    evil = '#!/usr/bin/env bash\ntouch "$RECORDS/pwned"\nexit 1\n'
    for script in ("join-platforms.py", "publish"):
        one.write(f".github/scripts/{script}", evil, executable=True)
        git(one.folder, "commit", "--quiet", "--amend", "--no-edit")
    git(one.folder, "reset", "--quiet", "--soft", "HEAD~2")
    commit(one.folder, "Change the scripts")
    run = propose(one)
    assert run.between == {"build": "success", "preview": "success"}, run.text
    assert not (run.folder / "pwned").exists()
    assert set(registry.tags(one.image)) == {"pr-2"}


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"fork": "Somebody/MyTool"}, id="a fork's"),
        pytest.param({"author": "dependabot[bot]", "actor": "dependabot[bot]"}, id="Dependabot's"),
    ],
)
def test_a_pull_request_without_rights_is_built_and_tested_only(
    repository: Make, registry: Registry, options: dict[str, Any]
) -> None:
    one = repository(quick=True)
    one.write("tests/smoke", SMOKE, executable=True)
    run = propose(one, **options)
    assert run.between == {"build": "success"}, run.text
    assert [line["job"] for line in run.read("smoke")] == ["build"]
    assert run.artifacts == {}
    assert run.requests == []
    assert registry.all_tags(one.image) == {}


def test_a_merge_queue_is_built_and_published_nowhere(repository: Make, registry: Registry) -> None:
    one = repository(quick=True)
    run = one.run(
        "merge_group", "refs/heads/gh-readonly-queue/main/pr-2-abc", action="checks_requested"
    )
    assert run.between == {"build": "success"}, run.text
    assert run.artifacts == {}
    assert registry.all_tags(one.image) == {}


def test_the_pull_request_that_brings_this_workflow_says_why_it_is_not_published(
    repository: Make, registry: Registry
) -> None:
    one = repository(quick=True)
    there = one.folder / ".github/scripts"
    shutil.move(there, one.folder.parent / "scripts")
    commit(one.folder, "As before the template")
    shutil.move(one.folder.parent / "scripts", there)
    commit(one.folder, "Bring the template")
    run = propose(one)
    assert run.between == {"build": "success", "preview": "success"}, run.text
    [(notice, _)] = run.annotations("notice")
    assert notice.startswith("pr-2 is not published")
    assert registry.all_tags(one.image) == {}


def test_a_closed_pull_request_builds_nothing(repository: Make) -> None:
    """What it published is removed by tidy.yml: see test_maintenance.py."""
    one = repository(quick=True)
    run = one.run("pull_request", "refs/heads/main", action="closed", **pull_request(one, 2))
    assert run.jobs == {}, run.text
