"""A hundred repositories, updated for real: undisturbed, a second time, and killed in the middle."""

import os
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.git import git
from tests.support.organisation import BRANCH, Organisation, lengthen, widen, within_rights
from tests.support.rendering import Scaffold

OLD = ("v1.0.0", "v1.1.0")


@dataclass
class Hundred:
    """An organisation, what should become of each repository, and what did."""

    before: Organisation
    after: Organisation
    expected: dict[str, str]
    results: dict[str, dict[str, Any]]

    def named(self, *kinds: str) -> list[str]:
        """The repositories whose name begins with one of these kinds."""
        return [name for name in self.expected if name.rpartition("-")[0] in kinds]


def somebody_commits(project: Path) -> None:
    """Do what a person does on the branch of the update."""
    (project / "by-hand.txt").write_text("Resolved.\n")


@pytest.fixture(scope="module")
def hundred(
    releases: Path, scaffold_version: Scaffold, tmp_path_factory: pytest.TempPathFactory
) -> Hundred:
    """A hundred repositories of every sort, before and after one run."""
    folder = tmp_path_factory.mktemp("hundred")
    (folder / "before").mkdir()
    before = Organisation(folder / "before", releases)
    expected = {}

    def add(kind: str, count: int, status: str, *edits: Callable[[Path], None]) -> None:
        for number in range(count):
            name = f"{kind}-{number}"
            version = "v1.2.0" if status == "current" else OLD[number % 2]
            image = {"kind": "builder"} if number % 4 == 3 else {}
            before.add(name, scaffold_version(version, **image))
            for edit in edits:
                before.change(name, edit)
            expected[name] = status

    add("plain", 60, "updated")
    add("edited", 18, "updated", within_rights)
    add("conflict", 4, "conflict", lengthen)
    add("removed", 4, "conflict", widen)
    add("both", 2, "conflict", lengthen, within_rights, widen)
    add("current", 6, "current")
    add("kept", 2, "kept")
    for name in ("kept-0", "kept-1"):
        git(before.bare(name), "branch", BRANCH, "main")
        before.change(name, somebody_commits, BRANCH)
    add("foreign", 2, "refused", lambda project: (project / ".copier-answers.yml").unlink())
    add("empty", 1, "failed")
    git(before.bare("empty-0"), "update-ref", "-d", "refs/heads/main")
    expected["unreachable-0"] = "failed"
    assert len(expected) == 100

    after = before.copy(folder / "after")
    return Hundred(before, after, expected, after.update(names=list(expected)))


def test_every_repository_is_updated_or_named_with_the_reason(hundred: Hundred) -> None:
    results = hundred.results
    assert {name: result["status"] for name, result in results.items()} == hundred.expected
    for result in results.values():
        assert bool(result["reason"]) == (result["status"] in ("kept", "refused", "failed"))
        assert bool(result["conflicts"]) == (result["status"] == "conflict")
    assert results["unreachable-0"]["reason"].startswith("git: fatal: ")
    assert results["foreign-0"]["reason"] == "no _src_path in .copier-answers.yml"


def test_nothing_is_half_pushed(hundred: Hundred) -> None:
    for name in hundred.before.names():
        before, after = hundred.before.refs(name), hundred.after.refs(name)
        if hundred.expected[name] not in ("updated", "conflict"):
            assert after == before
            continue
        # One commit on top of what is published, and nothing else.
        commit = hundred.results[name]["commit"]
        assert after == {**before, BRANCH: commit}
        parents = git(hundred.after.bare(name), "show", "-s", "--format=%P", commit)
        assert parents.split() == [before["main"]]


def test_a_repository_without_edits_becomes_what_a_fresh_copy_gives(
    hundred: Hundred, scaffold_version: Scaffold
) -> None:
    fresh = {
        kind: git(scaffold_version("v1.2.0", **answers), "rev-parse", "HEAD^{tree}")
        for kind, answers in {"app": {}, "builder": {"kind": "builder"}}.items()
    }
    for name in hundred.named("plain"):
        kind = "builder" if int(name.split("-")[1]) % 4 == 3 else "app"
        assert git(hundred.after.bare(name), "rev-parse", f"{BRANCH}^{{tree}}") == fresh[kind]


def test_edits_within_their_rights_survive(hundred: Hundred) -> None:
    for name in hundred.named("edited", "both"):
        show = hundred.after.show
        assert "PYINSTALLER_VERSION=7.0.0\n" in show(name, f"{BRANCH}:versions.env")
        assert show(name, f"{BRANCH}:README.md") == "# Ours\n"
        for path in ("own.py", ".github/workflows/own.yml"):
            assert show(name, f"{BRANCH}:{path}") == show(name, f"main:{path}")
        listed = git(hundred.after.bare(name), "ls-tree", "-r", "--name-only", BRANCH)
        assert not any(path.startswith("tests/") for path in listed.splitlines())


def test_a_conflict_is_named_and_leaves_the_file_as_the_repository_has_it(hundred: Hundred) -> None:
    paths = {"conflict": [".github/workflows/ci.yml"], "removed": ["ruff.toml"]}
    paths["both"] = paths["conflict"] + paths["removed"]
    for kind, expected in paths.items():
        for name in hundred.named(kind):
            result = hundred.results[name]
            assert result["conflicts"] == expected
            for path in expected:
                assert f"`{path}`" in result["body"]
                ours = hundred.after.show(name, f"main:{path}")
                assert hundred.after.show(name, f"{BRANCH}:{path}") == ours
            if kind != "removed":
                assert "\n+    timeout-minutes: 25\n" in result["body"]
            # What is not in conflict has arrived.
            owners = hundred.after.show(name, f"{BRANCH}:.github/CODEOWNERS")
            assert owners == "* @acme-org/maintainers\n"


def test_no_conflict_marker_is_pushed(hundred: Hundred) -> None:
    for name in hundred.before.names():
        if BRANCH in hundred.after.refs(name):
            search = ["git", "grep", "-E", "^(<{7}|>{7})( |$)", BRANCH]
            found = subprocess.run(
                search, cwd=hundred.after.bare(name), capture_output=True, check=False
            )
            assert found.returncode == 1, found.stdout
            listed = git(hundred.after.bare(name), "ls-tree", "-r", "--name-only", BRANCH)
            assert ".rej" not in listed


def refs(organisation: Organisation) -> dict[str, dict[str, str]]:
    """The branches of every repository."""
    return {name: organisation.refs(name) for name in organisation.names()}


def test_a_second_run_changes_nothing(hundred: Hundred) -> None:
    before = refs(hundred.after)
    results = hundred.after.update(names=list(hundred.expected))
    assert refs(hundred.after) == before
    # And says the same.
    for name, result in results.items():
        assert not result["pushed"]
        assert {**result, "pushed": hundred.results[name]["pushed"]} == hundred.results[name]


def test_a_run_that_is_killed_can_be_started_again(hundred: Hundred, tmp_path: Path) -> None:
    killed = hundred.before.copy(tmp_path / "killed")
    names = list(hundred.expected)[::3]  # a third, with some of every sort but one
    command = killed.command(names=names)
    pushed = []
    for line_to_die_after in (1, 8, 16):
        with subprocess.Popen(
            command,
            cwd=killed.template,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process:
            assert process.stdout
            for number, _ in enumerate(process.stdout, 1):
                if number == line_to_die_after:
                    os.killpg(process.pid, signal.SIGKILL)
        assert process.returncode == -signal.SIGKILL
        # Nothing is there that an undisturbed run would not have pushed.
        now, before, end = refs(killed), refs(hundred.before), refs(hundred.after)
        assert all(now[name] in (before[name], end[name]) for name in now)
        pushed.append(sum(now[name] != before[name] for name in now))
    results = killed.update(names=names)
    end = refs(hundred.after)
    assert all(killed.refs(name) == end[name] for name in names if name in end)
    assert {name: result["status"] for name, result in results.items()} == {
        name: hundred.expected[name] for name in names
    }
    done = sum(result["status"] in ("updated", "conflict") for result in results.values())
    assert 0 < pushed[0] < pushed[-1] < done
