"""The pull request of an update, opened by the real gh, which PullRequests's API of our own answers."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.propagate.organisation import (
    BRANCH,
    WORKFLOW,
    Organisation,
    lengthen,
    replace,
    within_rights,
)
from tests.propagate.pull_requests import PullRequests


@pytest.fixture
def pulls(tool: Organisation, github: PullRequests) -> Sequence[dict[str, Any]]:
    """The pull requests of the repository `tool`, as GitHub has them at any time."""
    tool.url = "https://github.com/Acme-Org"
    return github.pulls.setdefault("tool", [])


def text(pull: dict[str, Any]) -> tuple[str, str]:
    """The title and the text of a pull request."""
    return pull["title"], pull["body"].replace("\r\n", "\n")


def test_a_pull_request_is_opened_once_and_updated(
    tool: Organisation, github: PullRequests, pulls: Sequence[dict[str, Any]]
) -> None:
    result = tool.update("--pull-requests", "--to", "v1.1.0")["tool"]
    assert result["status"] == "updated", result["reason"]
    [pull] = pulls
    assert result["pull_request"] == pull["url"], result["reason"]
    assert text(pull) == (result["title"], result["body"])
    assert (pull["isDraft"], github.took()) == (False, ["createPullRequest"])

    assert tool.update("--pull-requests", "--to", "v1.1.0")["tool"]["pull_request"] == pull["url"]
    assert github.took() == []

    result = tool.update("--pull-requests")["tool"]
    assert result["status"] == "updated", result["reason"]
    [pull] = pulls
    assert text(pull) == (result["title"], result["body"])
    assert github.took() == ["updatePullRequest"]


def test_a_pull_request_is_a_draft_for_as_long_as_there_are_conflicts(
    tool: Organisation, github: PullRequests, pulls: Sequence[dict[str, Any]]
) -> None:
    tool.change("tool", lengthen)
    tool.update("--pull-requests")
    [pull] = pulls
    assert pull["isDraft"]
    assert pull["title"].endswith(" (conflicts remain)")
    assert "**Not applied**" in pull["body"]
    assert f"- `{WORKFLOW}`: the template changes it as follows:\r\n" in pull["body"]
    assert github.took() == ["createPullRequest"]

    # The project gives the line up, and later takes it back.
    tool.change("tool", lambda project: replace(project / WORKFLOW, ": 60\n", ": 15\n"))
    result = tool.update("--pull-requests")["tool"]
    assert result["status"] == "updated", result["reason"]
    [pull] = pulls
    assert not pull["isDraft"]
    assert "**Not applied**" not in pull["body"]
    assert github.took() == ["updatePullRequest", "markPullRequestReadyForReview"]

    tool.change("tool", lengthen)
    result = tool.update("--pull-requests")["tool"]
    assert result["status"] == "conflict", result["reason"]
    assert pulls[0]["isDraft"]
    assert github.took() == ["updatePullRequest", "convertPullRequestToDraft"]


def test_where_the_plan_has_no_drafts_the_title_says_that_conflicts_remain(
    tool: Organisation, github: PullRequests, pulls: Sequence[dict[str, Any]]
) -> None:
    github.drafts = False
    tool.change("tool", lengthen)
    result = tool.update("--pull-requests")["tool"]
    [pull] = pulls
    assert (result["status"], result["pull_request"]) == ("conflict", pull["url"])
    assert result["reason"] == "this repository has no draft pull requests"
    assert not pull["isDraft"]
    assert pull["title"].endswith(" (conflicts remain)")
    assert "**Not applied**" in pull["body"]

    # Nor can an open pull request become a draft later.
    github.took()
    result = tool.update("--pull-requests")["tool"]
    assert (result["status"], result["pull_request"]) == ("conflict", pull["url"])
    assert github.took() == []


def test_a_pull_request_of_a_fork_is_not_ours(
    tool: Organisation, github: PullRequests, pulls: Sequence[dict[str, Any]]
) -> None:
    """gh lists it with ours, because the fork has a branch of the same name."""
    stranger = github.open("tool", BRANCH, title="Mine", isCrossRepository=True)
    before = dict(stranger)
    result = tool.update("--pull-requests")["tool"]
    assert [pull["number"] for pull in pulls] == [1, 2]
    assert result["pull_request"] == pulls[1]["url"]
    assert stranger == before
    # Nor does it count as closed by somebody who does not want ours.
    github.pulls["tool"] = [{**stranger, "state": "CLOSED", "headRefOid": result["commit"]}]
    result = tool.update("--pull-requests")["tool"]
    assert result["reason"] == ""
    assert [pull["state"] for pull in github.pulls["tool"]] == ["CLOSED", "OPEN"]


def test_a_run_that_ended_before_the_pull_request_is_caught_up(
    tool: Organisation, pulls: Sequence[dict[str, Any]]
) -> None:
    tool.change("tool", lengthen)
    pushed = tool.update()["tool"]
    result = tool.update("--pull-requests")["tool"]
    assert not result["pushed"]
    [pull] = pulls
    assert text(pull) == (pushed["title"], pushed["body"])
    assert pull["isDraft"]


def test_a_pull_request_that_somebody_has_closed_stays_closed(
    tool: Organisation, github: PullRequests, pulls: Sequence[dict[str, Any]]
) -> None:
    tool.update("--pull-requests")
    github.shut("tool")
    result = tool.update("--pull-requests")["tool"]
    assert result["reason"] == f"somebody has closed {pulls[0]['url']}"
    assert len(pulls) == 1
    # The next version asks again.
    tool.change("tool", within_rights)
    tool.update("--pull-requests")
    assert [pull["state"] for pull in pulls] == ["CLOSED", "OPEN"]


def test_a_pull_request_that_github_refuses_is_named(
    tool: Organisation, pulls: Sequence[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GH_TOKEN", "an-old-token")
    result = tool.update("--pull-requests")["tool"]
    assert result["status"] == "failed"
    assert result["reason"].startswith("gh: HTTP 401: Bad credentials")
    assert not pulls
