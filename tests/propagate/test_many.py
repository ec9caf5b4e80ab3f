"""Many repositories, updated for real: undisturbed, a second time, and killed in the middle.

REPOSITORIES=100 make test TIER=propagate/test_many.py updates a hundred, which takes ten minutes.
"""

import os
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.propagate.organisation import BRANCH, Organisation, lengthen, widen, within_rights
from tests.support.git import git
from tests.support.rendering import Scaffold

OLD = ("v1.0.0", "v1.1.0")
REPOSITORIES = int(os.environ.get("REPOSITORIES", "16"))


@dataclass
class Many:
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
def many(
    releases: Path, scaffold_version: Scaffold, tmp_path_factory: pytest.TempPathFactory
) -> Many:
    """Repositories of every sort, before and after one run."""
    folder = tmp_path_factory.mktemp("many")
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

    # A few of each sort in a hundred, and at least one.
    def share(of_a_hundred: int) -> int:
        return max(1, of_a_hundred * REPOSITORIES // 100)

    add("edited", share(18), "updated", within_rights)
    add("conflict", share(4), "conflict", lengthen)
    add("removed", share(4), "conflict", widen)
    add("both", share(2), "conflict", lengthen, within_rights, widen)
    add("current", share(6), "current")
    add("kept", share(2), "kept")
    for name in [name for name in expected if expected[name] == "kept"]:
        git(before.bare(name), "branch", BRANCH, "main")
        before.change(name, somebody_commits, BRANCH)
    add("foreign", share(2), "refused", lambda project: (project / ".copier-answers.yml").unlink())
    add("empty", 1, "failed")
    git(before.bare("empty-0"), "update-ref", "-d", "refs/heads/main")
    expected["unreachable-0"] = "failed"
    add("plain", REPOSITORIES - len(expected), "updated")

    after = before.copy(folder / "after")
    return Many(before, after, expected, after.run(names=list(expected)))


def test_every_repository_is_updated_or_named_with_the_reason(many: Many) -> None:
    results = many.results
    assert {name: result["status"] for name, result in results.items()} == many.expected
    for result in results.values():
        assert bool(result["reason"]) == (result["status"] in ("kept", "refused", "failed"))
        assert bool(result["conflicts"]) == (result["status"] == "conflict")
    assert results["unreachable-0"]["reason"].startswith("git: fatal: ")
    assert results["foreign-0"]["reason"] == "no _src_path in .copier-answers.yml"


def test_nothing_is_half_pushed(many: Many) -> None:
    for name in many.before.names():
        before, after = many.before.refs(name), many.after.refs(name)
        if many.expected[name] not in ("updated", "conflict"):
            assert after == before
            continue
        # One commit on top of what is published, and nothing else.
        commit = many.results[name]["commit"]
        assert after == {**before, BRANCH: commit}
        parents = git(many.after.bare(name), "show", "-s", "--format=%P", commit)
        assert parents.split() == [before["main"]]


def test_a_repository_without_edits_becomes_what_a_fresh_copy_gives(
    many: Many, scaffold_version: Scaffold
) -> None:
    fresh = {
        kind: git(scaffold_version("v1.2.0", **answers), "rev-parse", "HEAD^{tree}")
        for kind, answers in {"app": {}, "builder": {"kind": "builder"}}.items()
    }
    for name in many.named("plain"):
        kind = "builder" if int(name.split("-")[1]) % 4 == 3 else "app"
        assert git(many.after.bare(name), "rev-parse", f"{BRANCH}^{{tree}}") == fresh[kind]


def test_edits_within_their_rights_survive(many: Many) -> None:
    for name in many.named("edited", "both"):
        show = many.after.show
        assert "PYINSTALLER_VERSION=7.0.0\n" in show(name, f"{BRANCH}:versions.env")
        assert show(name, f"{BRANCH}:README.md") == "# Ours\n"
        for path in ("own.py", ".github/workflows/own.yml"):
            assert show(name, f"{BRANCH}:{path}") == show(name, f"main:{path}")
        listed = git(many.after.bare(name), "ls-tree", "-r", "--name-only", BRANCH)
        assert not any(path.startswith("tests/") for path in listed.splitlines())


def test_a_conflict_is_named_and_leaves_the_file_as_the_repository_has_it(many: Many) -> None:
    paths = {
        "conflict": [".github/workflows/lint-and-test.yml"],
        "removed": ["scripts/freezer/ruff.toml"],
    }
    paths["both"] = paths["conflict"] + paths["removed"]
    for kind, expected in paths.items():
        for name in many.named(kind):
            result = many.results[name]
            assert result["conflicts"] == expected
            for path in expected:
                assert f"`{path}`" in result["body"]
                ours = many.after.show(name, f"main:{path}")
                assert many.after.show(name, f"{BRANCH}:{path}") == ours
            if kind != "removed":
                assert "\n+    timeout-minutes: 25\n" in result["body"]
            # What is not in conflict has arrived.
            owners = many.after.show(name, f"{BRANCH}:.github/CODEOWNERS")
            assert owners == "* @acme-org/maintainers\n"


def test_no_conflict_marker_is_pushed(many: Many) -> None:
    for name in many.before.names():
        if BRANCH in many.after.refs(name):
            search = ["git", "grep", "-E", "^(<{7}|>{7})( |$)", BRANCH]
            found = subprocess.run(
                search, cwd=many.after.bare(name), capture_output=True, check=False
            )
            assert found.returncode == 1, found.stdout
            listed = git(many.after.bare(name), "ls-tree", "-r", "--name-only", BRANCH)
            assert ".rej" not in listed


def refs(organisation: Organisation) -> dict[str, dict[str, str]]:
    """The branches of every repository."""
    return {name: organisation.refs(name) for name in organisation.names()}


def test_a_second_run_changes_nothing(many: Many) -> None:
    before = refs(many.after)
    results = many.after.run(names=list(many.expected))
    assert refs(many.after) == before
    # And says the same.
    for name, result in results.items():
        assert not result["pushed"]
        assert {**result, "pushed": many.results[name]["pushed"]} == many.results[name]


def test_a_run_that_is_killed_can_be_started_again(many: Many, tmp_path: Path) -> None:
    killed = many.before.copy(tmp_path / "killed")
    names = sorted(many.expected, key=lambda name: name.rpartition("-")[2])[:33]  # of every sort
    command = killed.command(names=names)
    pushed = []
    for line_to_die_after in (1, len(names) // 2):
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
        now, before, end = refs(killed), refs(many.before), refs(many.after)
        assert all(now[name] in (before[name], end[name]) for name in now)
        pushed.append(sum(now[name] != before[name] for name in now))
    results = killed.run(names=names)
    end = refs(many.after)
    assert all(killed.refs(name) == end[name] for name in names if name in end)
    assert {name: result["status"] for name, result in results.items()} == {
        name: many.expected[name] for name in names
    }
    done = sum(result["status"] in ("updated", "conflict") for result in results.values())
    assert 0 < pushed[0] < pushed[-1] < done
