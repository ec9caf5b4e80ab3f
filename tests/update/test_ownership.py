"""One owner per line: hooks/owners.jinja and docs/updating.md are what an update does, and every way to extend works."""

import re
from pathlib import Path

import pytest
import yaml

from tests.support.commands import command, run
from tests.support.copier_cli import copier_cli
from tests.support.documents import UPDATING, section, table
from tests.support.files import tree
from tests.support.git import commit
from tests.support.ownership import (
    ANSWERS_FILE,
    answers,
    assert_clean,
    assert_same,
    expected,
    fresh,
    owner,
    ownership,
    patterns,
    release,
    update,
)
from tests.support.rendering import ANSWERS, Render
from tests.update.project_edits import ADDED
from tools.projects import KINDS, ROOT

# What a new file at the top needs.
NOBODYS = (
    "no pattern of the lists: add it to one, and to a row of docs/updating.md, One owner per line. "
    "If the project owns it, also add it to _skip_if_exists in copier.yml"
)


@pytest.fixture
def app(clone: Path, render: Render) -> Path:
    """A repository of the kind app that updates from that clone."""
    return start(render(), clone)


def start(project: Path, clone: Path) -> Path:
    """Commit a project whose template is a clone."""
    file = project / ANSWERS_FILE
    file.write_text(re.sub("(?m)^_src_path: .*$", f"_src_path: {clone}", file.read_text()))
    commit(project)
    return project


def change(project: Path, *data: str) -> None:
    """Change answers as docs/updating.md says."""
    arguments = [argument for item in data for argument in ("--data", item)]
    result = copier_cli("update", "--defaults", *arguments, cwd=project)
    assert result.returncode == 0, result.stderr
    assert_clean(project)


def test_every_generated_file_has_one_owner_and_the_documents_say_which(render: Render) -> None:
    # Other answers only leave out some of these files.
    files = {path for chosen in KINDS.values() for path in tree(render(**chosen))}
    rows = {
        pattern: row[1]
        for row in table(section(UPDATING, "One owner per line"))
        for pattern in re.findall("`([^`]+)`", row[0])
    }
    used = {pattern for path in files for pattern in patterns(path)}
    project = {
        f"/{pattern.rstrip('/')}" for pattern, one in ownership().items() if one == "project"
    }
    skipped = yaml.safe_load((ROOT / "copier.yml").read_text())["_skip_if_exists"]
    kept = {pattern for pattern in skipped if pattern.startswith("/")}
    wrong = [
        *(
            f"copier.yml, _skip_if_exists: {'add' if pattern in project else 'remove'} {pattern}"
            for pattern in sorted(project ^ kept)
        ),
        *(
            f"hooks/owners.jinja: {path} fits {patterns(path) or NOBODYS}"
            for path in sorted(files)
            if len(patterns(path)) != 1
        ),
        *(f"hooks/owners.jinja: no file fits {pattern}" for pattern in ownership().keys() - used),
        *(
            f"docs/updating.md, One owner per line: the row of `{pattern}` is "
            f"{rows.get(pattern)}, hooks/owners.jinja says {ownership().get(pattern)}"
            for pattern in sorted(rows.keys() | ownership().keys())
            if rows.get(pattern) != ownership().get(pattern)
        ),
    ]
    assert not wrong, "\n".join(wrong)
    assert set(ownership().values()) == {"template", "project", "both"}


@pytest.mark.parametrize("kind", KINDS)
def test_agents_md_names_every_file_that_is_the_templates(render: Render, kind: str) -> None:
    project = render(**KINDS[kind])
    text = (project / "AGENTS.md").read_text()
    (never,) = re.findall(r"(?s)\n- Never edit these files.*?: (.*?)\n- ", text)
    (below,) = re.findall(r"(?s)\n- (In `[^`]+`, write only below .*?)\n- ", text)
    used = {pattern for path in tree(project) for pattern in patterns(path)}
    for names, owned in ((never, "template"), (below, "both")):
        assert set(re.findall("`([^`]+)`", names)) == {
            pattern for pattern in used if ownership()[pattern] == owned
        }


def test_an_update_changes_what_is_the_templates_and_nothing_else(clone: Path, app: Path) -> None:
    for file in (clone / "template").rglob("*"):
        if file.is_file():
            file.write_text("# changed\n" + file.read_text())
    before = tree(app)
    release(clone, "v2.0.0")
    update(app)
    after = tree(app)
    changed = {path for path in before if after[path] != before[path]}
    assert changed == {path for path in before if owner(path) != "project"}
    assert sorted(after) == sorted(before)


def test_an_update_does_not_bring_back_what_the_project_deleted(clone: Path, app: Path) -> None:
    own = [path for path in tree(app) if owner(path) == "project"] + [".github/RELEASES.md"]
    for path in own:
        (app / path).unlink()
    commit(app)
    for file in (clone / "template").rglob("*"):
        if file.is_file():
            file.write_text("# changed\n" + file.read_text())
    release(clone, "v2.0.0")
    update(app)
    assert not set(own) & set(tree(app))


# Each documented way to extend the template's files works. The histories try that an update leaves each
# of them alone. tests/image builds with an apt.txt and runs a tests/smoke.


def test_the_histories_add_every_file_that_the_table_offers_to_extend_ours() -> None:
    offered = {
        name
        for _, owner, way in table(section(UPDATING, "One owner per line"))
        if owner == "template"
        for name in re.findall("`([^` ]+)`", way)
        if re.fullmatch(r"[\w./-]*\w", name)
    }
    assert {"apt.txt", "GNUmakefile"} < offered
    assert offered - set(ownership()) <= set(ADDED)


def test_a_gnumakefile_adds_targets_and_steps_to_ours(app: Path) -> None:
    (app / "GNUmakefile").write_text("include Makefile\n\ntest: own\n\nown:\n\t@echo own\n")
    planned = run("make", "--dry-run", "--always-make", "test", cwd=app)
    assert planned.index("echo own") < planned.rindex("pytest")
    assert run("make", "own", cwd=app) == "own\n"


def test_a_key_of_the_project_is_a_build_argument(app: Path) -> None:
    with (app / "versions.env").open("a") as file:
        file.write("UPX_URL=https://mirror.example/upx\n")
    planned = run("bash", ".github/scripts/ids", "echo", cwd=app)
    assert "--build-arg UPX_URL=https://mirror.example/upx" in planned
    outputs = run("bash", ".github/scripts/ids", cwd=app, env={"GITHUB_REPOSITORY": "a/b"})
    assert "UPX_URL=https://mirror.example/upx" in outputs.splitlines()


def test_dockerignore_ends_with_the_line_that_the_projects_own_go_below(app: Path) -> None:
    """In .dockerignore the last line that matches decides, so the project's lines win."""
    for name in ("versions.env", ".dockerignore"):
        *_, blank, last = (app / name).read_text().splitlines()
        assert (blank, last[:10]) == ("", "# Your own")


# Answers that change after the first copy.


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(["platforms=[linux/amd64]"], id="a platform less"),
        pytest.param(["tag_scheme=semver", "downloads=[]"], id="tags and no downloads"),
    ],
)
def test_an_answer_changes_what_is_the_templates_and_back(
    clone: Path, app: Path, tmp_path: Path, data: list[str]
) -> None:
    before = tree(app)
    change(app, *data)
    wanted = {**answers(app), **yaml.safe_load("\n".join(data).replace("=", ": "))}
    assert answers(app) == wanted
    new = fresh(clone, app, tmp_path / "fresh", "v1.0.0")
    assert_same(tree(app), expected(before, before, new))
    assert (
        tree(app)[".github/workflows/docker-image.yml"]
        != before[".github/workflows/docker-image.yml"]
    )
    commit(app)
    change(
        app,
        "platforms=[linux/amd64, linux/arm64]",
        "tag_scheme=ref",
        "downloads=[linux-amd64, linux-arm64, windows-amd64, darwin-arm64]",
    )
    assert_same(tree(app), before)


def test_another_python_is_chosen_in_versions_env(app: Path) -> None:
    before = tree(app)
    change(app, "python_version=3.12")
    assert answers(app)["python_version"] == "3.12"
    assert {path for path in before if tree(app)[path] != before[path]} == {ANSWERS_FILE}


def test_the_documented_commands_rename_a_project(clone: Path, app: Path, tmp_path: Path) -> None:
    script = re.findall(r"(?s)```sh\n(.*?)```", section(UPDATING, "Change an answer"))[-1]
    assert script.count("uvx ") == 1
    result = command("bash", "-euc", script.replace("uvx ", ""), cwd=app)
    assert result.returncode == 0, result.stderr
    assert_clean(app)
    copy = fresh(clone, app, tmp_path / "fresh", "v1.0.0")
    assert_same(tree(app), copy)
    assert answers(app)["project_name"] == "New Tool" != ANSWERS["project_name"]


def test_the_documented_command_changes_answers(app: Path) -> None:
    script = re.findall(r"(?s)```sh\n(.*?)```", section(UPDATING, "Change an answer"))[0]
    result = command("bash", "-euc", script.replace("uvx ", ""), cwd=app)
    assert result.returncode == 0, result.stderr
    changed = answers(app)
    assert (changed["tag_scheme"], changed["platforms"]) == ("semver", ["linux/amd64"])
