"""Which repositories an update takes, by the template and the version that they were made from."""

import re
from pathlib import Path

import pytest

from tests.propagate.organisation import BRANCH, URL, Organisation, replace
from tests.support.git import git
from tests.support.rendering import Scaffold


@pytest.mark.parametrize(
    "spelling",
    [
        "git@github.com:acme-org/copier-pyinstaller-ghcr.git",
        "ssh://git@github.com/acme-org/copier-pyinstaller-ghcr.git",
    ],
)
def test_the_template_is_recognised_however_its_url_is_spelled(
    tool: Organisation, spelling: str
) -> None:
    tool.change("tool", lambda project: replace(project / ".copier-answers.yml", URL, spelling))
    assert tool.update()["tool"]["status"] == "updated"
    answers = tool.show("tool", f"{BRANCH}:.copier-answers.yml")
    assert f"\n_src_path: {spelling}\n" in answers


def test_a_template_that_has_moved_takes_its_repositories_along(tool: Organisation) -> None:
    was, now = URL, "https://github.com/Fork-Org/template.git"
    result = tool.update("--template", now, "--moved-from", was)["tool"]
    assert result["status"] == "updated"
    answers = tool.show("tool", f"{BRANCH}:.copier-answers.yml")
    assert f"\n_src_path: {now}\n" in answers
    assert "\n_commit: v1.2.0\n" in answers
    assert git(tool.bare("tool"), "rev-parse", f"{BRANCH}^") == git(
        tool.bare("tool"), "rev-parse", "main"
    )
    assert not tool.update("--template", now, "--moved-from", was)["tool"]["pushed"]


def test_a_template_that_has_only_moved_is_followed_too(
    organisation: Organisation, scaffold_version: Scaffold
) -> None:
    organisation.add("tool", scaffold_version("v1.2.0"))
    now = "https://github.com/Fork-Org/template.git"
    result = organisation.update("--template", now, "--moved-from", URL)["tool"]
    assert (result["status"], result["title"]) == ("updated", f"Change the template's URL to {now}")
    git(organisation.bare("tool"), "diff", "--quiet", "main", BRANCH, "--", ":!.copier-answers.yml")
    changed = git(organisation.bare("tool"), "diff", "--unified=0", "main", BRANCH)
    assert re.findall("(?m)^[+-][^+-].*$", changed) == [f"-_src_path: {URL}", f"+_src_path: {now}"]


def test_a_repository_that_is_ahead_is_not_set_back(
    organisation: Organisation, scaffold_version: Scaffold
) -> None:
    organisation.add("tool", scaffold_version("v1.2.0"))
    result = organisation.update("--to", "v1.1.0")["tool"]
    assert (result["status"], result["reason"]) == ("current", "newer than that")


def test_a_version_that_the_template_never_had_is_named(tool: Organisation) -> None:
    def forge(project: Path) -> None:
        replace(project / ".copier-answers.yml", "_commit: v1.0.0", "_commit: v0.0.7")

    tool.change("tool", forge)
    result = tool.update()["tool"]
    assert result["status"] == "failed"
    assert "v0.0.7" in result["reason"]
    assert BRANCH not in tool.refs("tool")
