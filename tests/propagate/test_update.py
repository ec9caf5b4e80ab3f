"""What an update makes of one repository, and what its text says."""

from pathlib import Path

from tests.propagate.organisation import (
    BRANCH,
    WORKFLOW,
    Organisation,
    lengthen,
    replace,
    widen,
    within_rights,
)
from tests.support.git import git


def merge(organisation: Organisation, name: str) -> None:
    """Merge the branch of the update, as its pull request does."""
    git(organisation.bare(name), "update-ref", "refs/heads/main", f"refs/heads/{BRANCH}")


def test_the_text_is_the_changelog_between_the_two_versions(tool: Organisation) -> None:
    result = tool.update("--to", "v1.1.0")["tool"]
    assert result["title"] == "Update the template from v1.0.0 to v1.1.0"
    assert result["body"] == "## 1.1.0\n\n### Added\n\n- A list of those who review."
    merge(tool, "tool")
    result = tool.update()["tool"]
    assert result["title"] == "Update the template from v1.1.0 to v1.2.0"
    assert result["body"] == "## 1.2.0\n\n### Changed\n\n- The settings of ruff are hidden."
    merge(tool, "tool")
    assert tool.update()["tool"]["status"] == "current"


def test_the_branch_of_an_older_version_is_replaced(tool: Organisation) -> None:
    first = tool.update("--to", "v1.1.0")["tool"]
    second = tool.update()["tool"]
    assert second["pushed"]
    assert tool.refs("tool")[BRANCH] == second["commit"] != first["commit"]


def test_the_branch_follows_the_default_branch(tool: Organisation) -> None:
    tool.update()
    tool.change("tool", within_rights)
    result = tool.update()["tool"]
    assert result["pushed"]
    refs = tool.refs("tool")
    parent = git(tool.bare("tool"), "rev-parse", f"{BRANCH}^").strip()
    assert (refs[BRANCH], parent) == (result["commit"], refs["main"])


def test_a_conflict_that_is_resolved_on_the_branch_stays_resolved(tool: Organisation) -> None:
    tool.change("tool", lengthen)
    assert tool.update()["tool"]["status"] == "conflict"
    tool.change("tool", lambda project: replace(project / WORKFLOW, ": 60\n", ": 25\n"), BRANCH)
    before = tool.refs("tool")
    result = tool.update()["tool"]
    assert result["status"] == "kept"
    assert result["reason"] == f"somebody has committed to {BRANCH}: merge it or delete it"
    assert tool.refs("tool") == before


def test_what_is_in_conflict_is_shown_as_the_template_has_it(tool: Organisation) -> None:
    def own(project: Path) -> None:
        (project / ".github/CODEOWNERS").write_text("* @acme-org/ours\n")
        widen(project)

    tool.change("tool", own)
    result = tool.update()["tool"]
    assert result["conflicts"] == [".github/CODEOWNERS", "scripts/freezer/ruff.toml"]
    assert "\n+* @acme-org/maintainers\n" in result["body"]
    assert (
        "- `scripts/freezer/ruff.toml`: the template no longer has this file.\n" in result["body"]
    )
    assert tool.show("tool", f"{BRANCH}:.github/CODEOWNERS") == "* @acme-org/ours\n"


def test_a_branch_with_a_name_that_begins_alike_is_left_alone(tool: Organisation) -> None:
    git(tool.bare("tool"), "branch", f"{BRANCH}-of-ours", "main")
    before = tool.refs("tool")
    result = tool.update()["tool"]
    assert tool.refs("tool") == {**before, BRANCH: result["commit"]}


def test_a_new_file_arrives_that_the_project_ignores(tool: Organisation) -> None:
    tool.change("tool", lambda project: (project / ".gitignore").write_text("CODEOWNERS\n"))
    assert tool.update()["tool"]["status"] == "updated"
    assert tool.show("tool", f"{BRANCH}:.github/CODEOWNERS") == "* @acme-org/maintainers\n"
