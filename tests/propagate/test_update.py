"""What the script does to one repository, and what it says."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import run
from tests.support.git import git
from tests.support.organisation import (
    BRANCH,
    URL,
    WORKFLOW,
    Organisation,
    lengthen,
    replace,
    widen,
    within_rights,
)

Scaffold = Callable[..., Path]


def merge(organisation: Organisation, name: str) -> None:
    """Merge the branch of the update, as its pull request does."""
    git(organisation.bare(name), "update-ref", "refs/heads/main", f"refs/heads/{BRANCH}")


@pytest.fixture
def tool(organisation: Organisation, scaffold_version: Scaffold) -> Organisation:
    """An organisation with one repository, `tool`, of the version v1.0.0."""
    organisation.add("tool", scaffold_version("v1.0.0"))
    return organisation


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


def test_a_file_that_the_template_removes_is_kept_if_it_was_edited(tool: Organisation) -> None:
    tool.change("tool", widen)
    result = tool.update()["tool"]
    assert result["conflicts"] == ["ruff.toml"]
    assert "- `ruff.toml`: the template no longer has this file.\n" in result["body"]
    assert tool.show("tool", f"{BRANCH}:ruff.toml").endswith("# Ours.\n")


def test_a_file_that_both_have_added_is_the_projects(tool: Organisation) -> None:
    def own(project: Path) -> None:
        (project / ".github/CODEOWNERS").write_text("* @acme-org/ours\n")

    tool.change("tool", own)
    result = tool.update()["tool"]
    assert result["conflicts"] == [".github/CODEOWNERS"]
    assert "\n+* @acme-org/maintainers\n" in result["body"]
    assert tool.show("tool", f"{BRANCH}:.github/CODEOWNERS") == "* @acme-org/ours\n"


def test_a_branch_with_a_name_that_begins_alike_is_left_alone(tool: Organisation) -> None:
    git(tool.bare("tool"), "branch", f"{BRANCH}-of-ours", "main")
    before = tool.refs("tool")
    result = tool.update()["tool"]
    assert tool.refs("tool") == {**before, BRANCH: result["commit"]}


def test_a_repository_of_another_template_is_refused_by_name(tool: Organisation) -> None:
    other = "https://github.com/Acme-Org/another.git"
    tool.change("tool", lambda project: replace(project / ".copier-answers.yml", URL, other))
    before = tool.refs("tool")
    result = tool.update()["tool"]
    assert (result["status"], result["reason"]) == ("refused", f"made from {other}")
    assert tool.refs("tool") == before


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
    assert (result["status"], result["title"]) == ("updated", f"Follow the template to {now}")
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


def test_a_push_that_is_refused_is_named_and_leaves_no_branch(tool: Organisation) -> None:
    hook = tool.bare("tool") / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'workflows: read-only' >&2\nexit 1\n")
    hook.chmod(0o755)
    result = tool.update()["tool"]
    assert result["status"] == "failed"
    assert result["reason"].startswith("git: ! [remote rejected]")
    assert BRANCH not in tool.refs("tool")


def test_who_pushes_in_the_meantime_is_not_overwritten(tool: Organisation, tmp_path: Path) -> None:
    """The branch moves between the fetch and the push, which reach the repository by an ssh of ours."""
    tool.update("--to", "v1.1.0")
    ssh, config = tmp_path / "ssh", tmp_path / "gitconfig"
    ssh.write_text(
        "#!/bin/sh\n"
        "for command; do :; done\n"
        'case "$command" in git-receive-pack*)\n'
        f"  git -C {tool.bare('tool')} update-ref refs/heads/{BRANCH} main\n"
        "esac\n"
        'eval "$command"\n'
    )
    ssh.chmod(0o755)
    config.write_text(f'[url "ssh://here{tool.folder}/"]\n\tinsteadOf = {tool.folder.as_uri()}/\n')
    result = tool.update(GIT_SSH_COMMAND=str(ssh), GIT_CONFIG_GLOBAL=str(config))["tool"]
    assert result["status"] == "failed"
    assert result["reason"].endswith("(stale info)")
    assert tool.refs("tool")[BRANCH] == tool.refs("tool")["main"]


def test_the_identity_and_the_hooks_of_the_machine_play_no_part(
    tool: Organisation, tmp_path: Path
) -> None:
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("pre-commit", "commit-msg", "pre-push"):
        (hooks / name).write_text("#!/bin/sh\nexit 1\n")
        (hooks / name).chmod(0o755)
    config = tmp_path / "gitconfig"
    config.write_text(
        "[commit]\n\tgpgSign = true\n[user]\n\tuseConfigOnly = true\n"
        f"[core]\n\thooksPath = {hooks}\n"
    )
    result = tool.update(GIT_CONFIG_GLOBAL=str(config), GIT_CONFIG_SYSTEM="/dev/null")["tool"]
    assert result["status"] == "updated", result["reason"]
    who = git(tool.bare("tool"), "show", "--no-patch", "--format=%an <%ae> %cn <%ce>", BRANCH)
    assert who == "Copier <copier@copier> Copier <copier@copier>\n"


def test_one_repository_does_not_stop_the_others(
    tool: Organisation, scaffold_version: Scaffold
) -> None:
    tool.add("other", scaffold_version("v1.1.0"))
    results = tool.update("--jobs", "1", names=["missing", "tool", "other"])
    assert [result["status"] for result in results.values()] == ["failed", "updated", "updated"]


@pytest.mark.parametrize("path", ["scripts", "versions.env"])
def test_a_link_out_of_the_repository_is_not_followed(
    tool: Organisation, tmp_path: Path, path: str
) -> None:
    """What a repository commits never makes the template write elsewhere on this machine."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "versions.env").write_text("not theirs\n")

    def link(project: Path) -> None:
        if path == "scripts":
            shutil.rmtree(project / path)
            (project / path).symlink_to(outside)
        else:
            (project / path).unlink()
            (project / path).symlink_to(outside / path)

    tool.change("tool", link)
    tool.update()
    assert [file.name for file in outside.iterdir()] == ["versions.env"]
    assert (outside / "versions.env").read_text() == "not theirs\n"


# What it says before it begins.


def refuse(template: Path, *arguments: str) -> str:
    """Run the script, which must refuse, and return what it says."""
    done = subprocess.run(
        [sys.executable, "-m", "scripts.propagate", *arguments],
        cwd=template,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr


def test_a_version_without_a_tag_is_named(releases: Path) -> None:
    said = refuse(releases, "update", "--to", "v9.9.9", "somewhere")
    expected = "v9.9.9: no such tag in this clone, which has v1.0.0, v1.1.0, v1.2.0\n"
    assert said == f"propagate: {expected}"


def test_a_shallow_clone_of_the_template_is_told_how_to_mend_it(
    releases: Path, tmp_path: Path
) -> None:
    run("git", "clone", "--quiet", "--depth", "1", releases.as_uri(), tmp_path / "shallow")
    said = refuse(tmp_path / "shallow", "update", "somewhere")
    assert said == "propagate: this clone lacks older versions: git fetch --unshallow --tags\n"


# Pull requests, with a gh that keeps them in a file.


def pulls(gh: Path) -> list[dict[str, Any]]:
    """The pull requests of the repository `tool`."""
    file = gh / "tool-pulls.json"
    found: list[dict[str, Any]] = json.loads(file.read_text()) if file.exists() else []
    return found


def changes(gh: Path) -> list[str]:
    """What was asked of gh that changes something, since the last time."""
    file = gh / "gh.jsonl"
    calls = [json.loads(line) for line in file.read_text().splitlines()]
    file.unlink()
    return [call[1] for call in calls if call[1] != "list"]


def test_a_pull_request_is_opened_once_and_refreshed(tool: Organisation, gh: Path) -> None:
    result = tool.update("--pull-requests", "--to", "v1.1.0")["tool"]
    [pull] = pulls(gh)
    assert result["pull_request"] == pull["url"]
    assert (pull["title"], pull["body"]) == (result["title"], result["body"])
    assert (pull["isDraft"], changes(gh)) == (False, ["create"])

    assert tool.update("--pull-requests", "--to", "v1.1.0")["tool"]["pull_request"] == pull["url"]
    assert changes(gh) == []

    result = tool.update("--pull-requests")["tool"]
    [pull] = pulls(gh)
    assert (pull["title"], pull["body"]) == (result["title"], result["body"])
    assert changes(gh) == ["edit"]


def test_a_pull_request_is_a_draft_for_as_long_as_there_are_conflicts(
    tool: Organisation, gh: Path
) -> None:
    tool.change("tool", lengthen)
    tool.update("--pull-requests")
    [pull] = pulls(gh)
    assert pull["isDraft"]
    assert "**Not taken**" in pull["body"]
    assert f"- `{WORKFLOW}`: the template changes it so:\n" in pull["body"]
    assert changes(gh) == ["create"]

    # The project gives the line up, and later takes it back.
    tool.change("tool", lambda project: replace(project / WORKFLOW, ": 60\n", ": 15\n"))
    tool.update("--pull-requests")
    [pull] = pulls(gh)
    assert not pull["isDraft"]
    assert "**Not taken**" not in pull["body"]
    assert changes(gh) == ["edit", "ready"]

    tool.change("tool", lengthen)
    tool.update("--pull-requests")
    assert pulls(gh)[0]["isDraft"]


def test_a_run_that_ended_before_the_pull_request_is_caught_up(
    tool: Organisation, gh: Path
) -> None:
    tool.change("tool", lengthen)
    pushed = tool.update()["tool"]
    result = tool.update("--pull-requests")["tool"]
    assert not result["pushed"]
    [pull] = pulls(gh)
    assert (pull["title"], pull["body"]) == (pushed["title"], pushed["body"])
    assert pull["isDraft"]


def test_a_pull_request_that_somebody_has_closed_stays_closed(tool: Organisation, gh: Path) -> None:
    tool.update("--pull-requests")
    file = gh / "tool-pulls.json"
    file.write_text(json.dumps([{**pulls(gh)[0], "state": "CLOSED"}]))
    result = tool.update("--pull-requests")["tool"]
    assert result["reason"] == f"somebody has closed {pulls(gh)[0]['url']}"
    assert len(pulls(gh)) == 1
    # The next version asks again.
    tool.change("tool", within_rights)
    tool.update("--pull-requests")
    assert [pull["state"] for pull in pulls(gh)] == ["CLOSED", "OPEN"]


def test_a_pull_request_that_github_refuses_is_named(
    tool: Organisation, gh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GH_TOKEN")
    result = tool.update("--pull-requests")["tool"]
    assert result["status"] == "failed"
    assert result["reason"] == "gh: gh: set the GH_TOKEN environment variable"
