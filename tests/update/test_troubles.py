"""Each bad situation ends in the message that docs/updating.md lists, and the advice there helps."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.support.commands import command
from tests.support.copier_cli import copier_cli
from tests.support.documents import UPDATING, section, table
from tests.support.files import tree, write
from tests.support.git import commit, git
from tests.support.ownership import ANSWERS_FILE, assert_clean, release
from tests.support.rendering import Render

TROUBLES = table(section(UPDATING, "When an update fails"))


def advice(message: str) -> str:
    """The advice for the message, as docs/updating.md gives it."""
    (row,) = [row for row in TROUBLES if row[0] == f"`{message}`"]
    return row[1]


def advised(message: str, *, number: int = 0) -> str:
    """The command that the advice for a message gives."""
    commands: list[str] = re.findall("`([^`]*)`", advice(message))
    return commands[number].replace("uvx ", "")


@dataclass(frozen=True)
class World:
    """A project, the template that it comes from, and that template's next version."""

    project: Path
    template: Path

    def update(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run copier update in the project."""
        cache = str(self.template.parent / "cache")
        return copier_cli(
            "update", "--defaults", *arguments, cwd=self.project, COPIER_CACHE_DIR=cache
        )

    def refused(self, message: str) -> None:
        """Assert that an update fails with a listed message, and has changed nothing."""
        assert advice(message)
        before = tree(self.project)
        result = self.update()
        assert result.returncode == 1
        assert message in result.stderr
        assert tree(self.project) == before

    def updated(self) -> None:
        """Assert that an update brings the next version."""
        result = self.update()
        assert result.returncode == 0, result.stderr
        assert_clean(self.project)
        assert (self.project / "scripts/freezer/ruff.toml").read_text().startswith("# changed\n")

    def run(self, script: str) -> None:
        """Run a command of the advice in the project."""
        result = command("bash", "-euc", script, cwd=self.project)
        assert result.returncode == 0, result.stderr

    def answer(self, name: str, value: str | Path) -> None:
        """Write a line of the answers file, and commit it."""
        file = self.project / ANSWERS_FILE
        line = yaml.safe_dump({name: str(value)}, width=1000)  # a commit may be all digits
        text, found = re.subn(rf"(?m)^{name}: .*\n", line, file.read_text())
        assert found == 1
        file.write_text(text)
        commit(self.project, f"Set {name}")


@pytest.fixture
def world(template: Path, render: Render, tmp_path: Path) -> World:
    """A project on v1.0.0 of a template that has a v1.1.0."""
    git(tmp_path, "clone", "--quiet", str(template), "template")
    world = World(render(), tmp_path / "template")
    commit(world.project, "Start from the template")
    world.answer("_src_path", world.template)
    file = world.template / "template/scripts/freezer/ruff.toml"
    file.write_text("# changed\n" + file.read_text())
    release(world.template, "v1.1.0")
    return world


def test_every_row_of_the_table_is_tried_here() -> None:
    code = Path(__file__).read_text().replace('"\n        "', "")
    for message, _ in TROUBLES:
        assert f'"{message.strip("`")}' in code, message


def test_a_project_with_changes_is_not_updated(world: World) -> None:
    (world.project / "a new file").write_text("new\n")
    with (world.project / "README.md").open("a") as file:
        file.write("changed\n")
    world.refused("Destination repository is dirty")
    world.run(advised("Destination repository is dirty"))
    world.updated()


def test_a_project_outside_of_git_is_not_updated(world: World) -> None:
    shutil.rmtree(world.project / ".git")
    world.refused("Updating is only supported in git-tracked subprojects.")


def test_an_older_copier_says_which_it_needs(world: World) -> None:
    file = world.template / "copier.yml"
    text, found = re.subn(
        "(?m)^_min_copier_version: .*", "_min_copier_version: 99.0.0", file.read_text()
    )
    assert found == 1
    file.write_text(text)
    release(world.template, "v1.2.0")
    world.refused("This template requires Copier version >=")


def test_a_removed_answers_file_comes_back_from_the_history(world: World) -> None:
    git(world.project, "rm", "--quiet", ANSWERS_FILE)
    commit(world.project, "Tidy up")
    commit(world.project, "Work on")
    world.refused("Template not found")
    world.run(advised("Template not found", number=1))
    commit(world.project, "Bring the answers back")
    world.updated()


def test_a_moved_template_is_followed_by_its_new_address(world: World) -> None:
    world.answer("_src_path", "file:///nowhere/else.git")
    world.refused("git ls-remote --tags --refs --")
    assert "_src_path" in advice("git ls-remote --tags --refs --")
    world.answer("_src_path", world.template)
    world.updated()


def test_a_fork_without_the_tags_gets_them(world: World, tmp_path: Path) -> None:
    fork = f"file://{tmp_path}/fork.git"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch", "main", "fork.git")
    git(world.template, "push", "--quiet", fork, "main")
    world.answer("_src_path", fork)
    world.refused("fatal: invalid reference:")
    git(world.template, "remote", "set-url", "origin", fork)
    result = command(
        "bash", "-euc", advised("fatal: invalid reference:", number=1), cwd=world.template
    )
    assert result.returncode == 0, result.stderr
    world.updated()


def test_who_is_ahead_of_the_newest_release_waits_for_the_next(world: World) -> None:
    file = world.template / "template/scripts/freezer/ruff.toml"
    file.write_text("# ahead\n" + file.read_text())
    commit(world.template, "Not released yet")
    result = world.update("--vcs-ref", "main")
    assert result.returncode == 0, result.stderr
    commit(world.project, "Update")
    world.refused("You are downgrading")
    file.write_text("# changed\n" + file.read_text())
    release(world.template, "v1.2.0")
    world.updated()


def test_a_template_without_releases_is_taken_at_its_newest_commit(world: World) -> None:
    git(world.template, "tag", "--delete", "v1.1.0", "v1.0.0")
    newest = git(world.template, "rev-parse", "--short", "HEAD~1").strip()
    world.answer("_commit", newest)
    result = world.update()
    assert result.returncode == 0, result.stderr
    assert "No git tags found in template; using HEAD as ref" in result.stderr
    assert "`No git tags found in template; using HEAD as ref`" in section(
        UPDATING, "When an update fails"
    )
    assert_clean(world.project)
    commit(world.project, "Update")

    file = world.template / "template/scripts/freezer/ruff.toml"
    file.write_text("# changed\n" + file.read_text())
    release(world.template, "v1.2.0")
    world.updated()


def test_a_name_that_is_not_utf_8_is_found_as_the_documents_say(world: World) -> None:
    text = UPDATING.read_text().partition("`UnicodeDecodeError` means")[2].partition("\n\n")[0]
    restore, find = re.findall("`([^`]*)`", text)
    name = b"caf\xe9.txt"
    Path(os.fsdecode(os.fsencode(world.project) + b"/" + name)).write_text("")
    commit(world.project, "Add a file from an old system")
    result = world.update()
    assert result.returncode == 1
    assert "UnicodeDecodeError" in result.stderr
    world.run(restore)
    assert git(world.project, "status", "--porcelain") == ""
    script = f"{find} | tr -d '\\0' >../found"
    world.run(script)
    assert (world.project.parent / "found").read_bytes() == name
    world.run("git mv caf* cafe.txt && git commit --quiet --message Rename")
    world.updated()


def test_an_update_that_finds_both_sides_changed_leaves_it_for_somebody_to_see(
    world: World, refuse: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    file = world.project / "scripts/freezer/ruff.toml"
    file.write_text("# ours\n" + file.read_text())
    commit(world.project, "Edit what is the template's")
    result = world.update()
    assert result.returncode == 0
    assert "both modified:   scripts/freezer/ruff.toml" in git(world.project, "status")
    commit(world.project, "Do not look")
    message = "Conflict markers are left in the lines above"
    assert advice(message)
    step = refuse(world.project)
    assert (step.returncode, message in step.stdout) == (1, True)
    assert "scripts/freezer/ruff.toml:1:<<<<<<< before updating\n" in step.stdout


# The step of the generated CI, run as GitHub runs it.


@pytest.fixture
def refuse() -> Callable[[Path], subprocess.CompletedProcess[str]]:
    """Run the step of a project's lint-and-test.yml that refuses what a conflict leaves."""

    def refuse(project: Path) -> subprocess.CompletedProcess[str]:
        workflow = yaml.safe_load((project / ".github/workflows/lint-and-test.yml").read_text())
        (step,) = [
            step
            for step in workflow["jobs"]["test"]["steps"]
            if step["name"] == "Check for conflict markers"
        ]
        # https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell
        return command("bash", "-e", "-c", step["run"], cwd=project)

    return refuse


def test_ci_accepts_what_no_conflict_has_left(
    refuse: Callable[..., subprocess.CompletedProcess[str]], render: Render
) -> None:
    project = render()
    texts = {
        "docs/guide.md": "Title\n=======\n\nSubtitle\n-------\n\n> > > > > > > quoted\n",
        "docs/diff.md": "Git writes `<<<<<<<` and `>>>>>>> ` in a line.\n    <<<<<<< indented\n",
        "docs/table.md": "||||||||\n|-------|\n<<<<<<<<\n>>>>>>>>>\n",
        "binary": "\0\n<<<<<<< ours\n",
        "docs/a.rejected.md": "rejected\n",
    }
    write(project, texts)
    commit(project)
    step = refuse(project)
    assert (step.returncode, step.stdout, step.stderr) == (0, "", "")


def test_ci_refuses_every_marker_and_names_its_line(
    refuse: Callable[..., subprocess.CompletedProcess[str]], render: Render
) -> None:
    project = render()
    markers = {
        "src/a file.py": "<<<<<<< before updating",
        "versions.env": "||||||| last update",
        "docs/guide.md": ">>>>>>> after updating",
        "docs/other.md": "<<<<<<<",
    }
    write(project, {name: f"first\n{line}\nours\n" for name, line in markers.items()})
    commit(project)
    step = refuse(project)
    assert step.returncode == 1
    named = [line for line in step.stdout.splitlines() if not line.startswith("::")]
    assert sorted(named) == sorted(f"{name}:2:{line}" for name, line in markers.items())
    assert "::error::Conflict markers are left in the lines above" in step.stdout


def test_ci_refuses_rejected_changes_and_names_the_file(
    refuse: Callable[..., subprocess.CompletedProcess[str]], world: World
) -> None:
    file = world.project / "scripts/freezer/ruff.toml"
    file.write_text("# ours\n" + file.read_text())
    commit(world.project, "Edit what is the template's")
    assert world.update("--conflict", "rej").returncode == 0
    commit(world.project, "Do not look")
    message = "The files above hold changes that were rejected"
    assert "copier update --conflict rej" in advice(message)
    step = refuse(world.project)
    assert step.returncode == 1
    assert "scripts/freezer/ruff.toml.rej\n" in step.stdout
    assert f"::error::{message}" in step.stdout
