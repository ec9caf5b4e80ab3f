"""audit.yml: which vulnerabilities are known of what was released, and the issue that says so."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from uv import find_uv_bin

from tests.support.git import commit, git
from tests.support.issues import BOT, open_issue
from tests.support.runner import Repository
from tests.support.runs import Run
from tests.workflow.advisories import Advisories, advisory
from tests.workflow.payloads import pull_request

FOUND = (
    "Vulnerabilities are known in uv.lock of {}. "
    'How to add an exception: .github/RELEASES.md, "Known vulnerabilities".'
)
TITLE = "Known vulnerabilities in the newest version"
NAME = "GHSA-aaaa-bbbb-cccc"
OTHER = "GHSA-dddd-eeee-ffff"


@pytest.fixture
def service() -> Iterator[Advisories]:
    """A service that knows one advisory."""
    service = Advisories()
    service.known = [advisory("parser", "2.0", NAME)]
    yield service
    service.close()


@pytest.fixture
def one(render: Any, hosted: Any, service: Advisories, tmp_path: Path) -> Repository:
    """A repository whose version v1.0.0 has a package with a known vulnerability."""
    project = render()
    service.lock(project, parser="1.0")
    # tests/scripts/test_uv.py runs the script that this replaces.
    install = project / ".github/scripts/uv"
    install.write_text(f'echo "{tmp_path}" >>"$GITHUB_PATH"\n')
    commit(project)
    one: Repository = hosted(project)
    one.file = ".github/workflows/audit.yml"
    git(one.folder, "tag", "v1.0.0")
    # uv asks https://api.osv.dev, unless it is told of another service.
    script = tmp_path / "uv"
    script.write_text(
        f'#!/bin/sh\n[ "$1" = audit ] && set -- "$@" --no-cache --service-url http://{service.address}\n'
        f'exec "{find_uv_bin()}" "$@"\n'
    )
    script.chmod(0o755)
    return one


def audit(one: Repository, **options: Any) -> Run:
    """Audit the newest version, as weekly.yml lets it be done."""
    return one.run("workflow_dispatch", **options)


def issue(one: Repository) -> dict[str, Any]:
    """The only issue, which the workflow has opened."""
    [issue] = one.hosted.issues
    assert issue["title"] == TITLE
    assert issue["user"] == {"login": BOT}
    return issue


def test_an_advisory_opens_one_issue_and_the_next_one_changes_it(
    one: Repository, service: Advisories
) -> None:
    run = audit(one)
    assert run.jobs == {"audit": "success", "report": "success"}, run.text
    assert issue(one)["body"].startswith(f"{FOUND.format('v1.0.0')}\n\n    ")
    assert f"\n    - {NAME}: It fails.\n" in issue(one)["body"]
    assert issue(one)["body"] in run.summary

    before = dict(issue(one))
    assert audit(one).passed
    assert issue(one) == before, "nothing new, so nobody is told again"

    service.known.append(advisory("parser", "3.0", OTHER))
    assert audit(one).passed
    assert {name for name in (NAME, OTHER) if name in issue(one)["body"]} == {NAME, OTHER}
    assert issue(one)["comments"] == ["The list has changed."]


def test_the_issue_is_closed_when_the_fix_is_released_and_not_before(
    one: Repository, service: Advisories
) -> None:
    audit(one)
    service.lock(one.folder, parser="2.0")
    one.commit("Take the fixed package")
    assert audit(one).passed
    assert issue(one)["state"] == "open"
    git(one.folder, "tag", "v1.0.1")
    run = audit(one)
    assert run.passed, run.text
    assert issue(one)["state"] == "closed"
    assert "No vulnerability is known in uv.lock of v1.0.1." in run.summary
    service.known.append(advisory("parser", "3.0", OTHER))
    audit(one)
    assert [found["state"] for found in one.hosted.issues] == ["closed", "open"]


@pytest.mark.parametrize(
    ("days", "state"), [(0, ["closed"]), (-1, ["open"])], ids=["today", "yesterday"]
)
def test_an_exception_on_the_default_branch_is_valid_until_its_day(
    one: Repository, days: int, state: list[str]
) -> None:
    audit(one)
    until = (datetime.now(UTC) + timedelta(days=days)).date()
    with (one.folder / "pyproject.toml").open("a") as file:
        file.write(
            f'\n[tool.uv.audit]\nignore = [\n  "{NAME}", # until {until}: it parses our own files\n]\n'
        )
    one.commit("Answer")
    run = audit(one)
    assert run.passed, run.text
    assert [found["state"] for found in one.hosted.issues] == state


def test_a_service_that_does_not_answer_closes_no_issue(
    one: Repository, service: Advisories
) -> None:
    audit(one)
    before = dict(issue(one))
    service.status = 500
    run = audit(one)
    assert run.jobs == {"audit": "failure"}, run.text
    assert issue(one) == before
    said = "The audit of uv.lock of v1.0.0 failed, so its result is unknown."
    assert said in run.summary
    assert [text.startswith(said) for text, _ in run.annotations("error")] == [True]


def test_an_advisory_is_only_text(one: Repository, service: Advisories) -> None:
    """Anybody can publish an advisory, and an index says why a package is archived."""
    evil = "x\n::error::pwned\nEND\nfound=false\r# Title\r\n\n</details> @octocat \x1b[31m\u2028z"
    service.known = [advisory("parser", "2.0", NAME, summary=evil)]
    service.reason = evil
    run = audit(one)
    assert run.passed, run.text
    first, empty, *rest = issue(one)["body"].split("\n")
    assert (first, empty) == (FOUND.format("v1.0.0"), "")
    assert rest[-1].startswith("    ")
    assert {line[:4] for line in rest} == {"    "}
    assert all(" " <= sign <= "~" for line in rest for sign in line)
    assert "    found=false# Title" in rest
    assert not run.annotations("error")


def test_what_is_not_a_vulnerability_opens_no_issue(one: Repository, service: Advisories) -> None:
    """An archived package, and what is only needed for the development."""
    service.known = [advisory("linter", "2.0", NAME)]
    service.reason = "It is finished."
    run = audit(one)
    assert run.passed, run.text
    assert one.hosted.issues == []
    assert "    - parser is archived: It is finished.\n" in run.summary


def test_only_an_issue_of_the_workflow_is_touched(one: Repository, service: Advisories) -> None:
    for title, author in ((TITLE, "Mallory"), ("Another one", BOT)):
        open_issue(one.hosted, title, "Text", author)
    service.known = []
    assert audit(one).passed
    assert {found["state"] for found in one.hosted.issues} == {"open"}


def test_a_version_from_before_the_lock_is_passed_over(one: Repository) -> None:
    """Without any version, it is the default branch's lock."""
    git(one.folder, "tag", "--delete", "v1.0.0")
    empty = git(one.folder, "commit-tree", "-m", "Old", git(one.folder, "mktree").strip())
    git(one.folder, "tag", "v9.0.0", empty.strip())
    run = audit(one)
    assert run.passed, run.text
    assert issue(one)["body"].startswith(FOUND.format("this commit"))


def test_without_issues_the_run_fails_and_says_what_is_known(one: Repository) -> None:
    one.hosted.has_issues = False
    run = audit(one)
    assert run.jobs == {"audit": "failure"}, run.text
    assert NAME in run.summary


def test_a_repository_variable_turns_it_off(one: Repository) -> None:
    assert audit(one, variables={"AUDIT": "false"}).jobs == {}


@pytest.mark.parametrize(("version", "result"), [("1.0", "failure"), ("2.0", "success")])
def test_a_pull_request_gets_a_check_and_no_issue(
    one: Repository, service: Advisories, version: str, result: str
) -> None:
    service.lock(one.folder, parser=version)
    if version == "2.0":
        one.commit("Take the fixed package")
    fork = pull_request(one, 2, fork="Mallory/MyTool")
    run = one.run("pull_request", "refs/pull/2/merge", action="opened", **fork)
    assert run.jobs == {"audit": result}, run.text
    assert (NAME in run.summary) == (result == "failure")
    assert one.hosted.issues == []
    assert one.workflow["on"]["pull_request"]["paths"] == ["uv.lock"]
