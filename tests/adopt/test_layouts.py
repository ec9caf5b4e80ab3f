"""`copier copy` into a repository that exists keeps what is the project's and brings the rest."""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.adopt.repositories import LAYOUTS, Adopt, Adopted, copy
from tests.support.commands import command
from tests.support.copier_cli import copier_cli
from tests.support.files import tree, write
from tests.support.git import commit, git
from tests.support.ownership import fresh, owner, release, update_cleanly
from tests.support.rendering import ANSWERS, Render
from tools.projects import KINDS, ROOT

Repository = Callable[[Mapping[str, str]], Path]


@pytest.fixture(scope="module", params=LAYOUTS)
def adopted(
    request: pytest.FixtureRequest, adopt: Adopt, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Adopted]:
    """The name of each layout, and a repository of it after a copy that replaces files."""
    folder = tmp_path_factory.mktemp("layout") / "my-tool"
    write(folder, LAYOUTS[request.param])
    commit(folder, "Before the template")
    return request.param, adopt(folder, "--overwrite", "--defaults")


@pytest.fixture(params=["flat", "src", "poetry"])
def project(request: pytest.FixtureRequest, repository: Repository) -> Path:
    """A repository of each of three layouts, which have different files of the template."""
    return repository(LAYOUTS[request.param])


def test_the_projects_files_stay_and_the_templates_arrive(
    adopted: tuple[str, Adopted], render: Render
) -> None:
    ours = {path for path in tree(render()) if owner(path) != "project"}
    _, copied = adopted
    assert copied.changed == ours & set(copied.before)
    begun = {"AGENTS.md", ".gitattributes", ".gitignore"} - set(copied.before)
    if not any(path.endswith(".spec") for path in copied.before):
        begun.add("my-tool.spec")
    assert copied.added == (ours - set(copied.before)) | begun
    for path in set(copied.before) - ours:
        assert copied.after[path] == copied.before[path], path
    for path in copied.changed:
        assert f"\n  {path}\n" in copied.message


SAID = {
    "flat": ["apt.txt", "GNUmakefile", "uv lock", "my-tool --version"],
    "src": ["git add --force my-tool.spec uv.lock"],
    "setup.cfg": ["Write pyproject.toml with a table [project]"],
    "poetry": ["Make sure that my-tool.spec makes dist/my-tool/my-tool", "uvx migrate-to-uv"],
    "no package": ["uvx migrate-to-uv"],
    "no Python": ["Rename your spec (other.spec) to my-tool.spec"],
}


def test_the_last_lines_say_what_remains(adopted: tuple[str, Adopted]) -> None:
    layout, copied = adopted
    for text in SAID[layout]:
        assert text in copied.message
    assert ("pyproject.toml" in copied.message) == (layout not in ("flat", "src"))
    assert "\n\n\n" not in copied.message.strip()


def test_defaults_alone_replace_nothing_and_the_message_says_what_is_missing(
    project: Path, adopt: Adopt, template: Path, render: Render
) -> None:
    first = adopt(project, "--defaults")
    assert first.changed == set()
    kept = {path for path in tree(render()) if owner(path) != "project" and path in first.before}
    assert ("Run this again with --overwrite" in first.message) == bool(kept)
    for path in kept:
        assert f"\n  {path}\n" in first.message

    second = copy(template, project, "--defaults", "--overwrite", answers={})
    assert second.returncode == 0, second.stderr
    ours = fresh(template, project, project.parent / "fresh", "v1.0.0")
    for path in ours:
        if owner(path) != "project":
            assert tree(project)[path] == ours[path], path


def test_an_update_works_as_everywhere(project: Path, adopt: Adopt, clone: Path) -> None:
    adopt(project, "--defaults", "--overwrite", template=clone)
    commit(project, "Adopt the template")
    old = fresh(clone, project, project.parent / "old", "v1.0.0")
    for file in (clone / "template").rglob("*"):
        if file.is_file():
            file.write_text("# changed\n" + file.read_text())
    release(clone, "v2.0.0")
    update_cleanly(project, clone, "v2.0.0", old, project.parent / "new")


@pytest.mark.parametrize("kind", KINDS)
def test_the_message_names_every_file_that_was_replaced_and_no_other(
    kind: str, repository: Repository, adopt: Adopt, render: Render
) -> None:
    everything = {path for chosen in KINDS.values() for path in tree(render(**chosen))}
    everything.remove(".copier-answers.yml")
    adopted = adopt(
        repository({path: "ours\n" for path in everything}),
        *("--defaults", "--overwrite"),
        answers={**ANSWERS, **KINDS[kind]},
    )
    named = set(re.findall(r"(?m)^  ([^ -]\S*)$", adopted.message))
    ours = {path for path in tree(render(**KINDS[kind])) if owner(path) != "project"}
    assert named == adopted.changed == ours - {".copier-answers.yml"}


@pytest.mark.parametrize("kind", ["linux-builder", "windows-builder"])
def test_a_builder_keeps_its_files_and_gets_no_others_of_a_project(
    kind: str, repository: Repository, adopt: Adopt
) -> None:
    files = {"Dockerfile": "FROM scratch\n", "README.md": "# Ours\n", "entrypoint.sh": ""}
    adopted = adopt(
        repository(files), "--defaults", "--overwrite", answers={**ANSWERS, **KINDS[kind]}
    )
    assert adopted.changed == {"Dockerfile"}
    added = {path for path in adopted.added if owner(path) == "project"}
    assert added == {"AGENTS.md", ".gitattributes", ".gitignore"}
    assert "Describe in the README" in adopted.message


@pytest.mark.parametrize(
    "files",
    [
        {"README.md": "# Ours\n", "LICENSE": "Ours.\n", ".gitignore": "ours\n"},
        {".github/CODEOWNERS": "* @ada\n", "docs/index.md": "# Ours\n", "SECURITY.md": "Ours.\n"},
        {".venv/pyvenv.cfg": "", "venv/bin/activate": "ours\n"},
    ],
)
def test_a_new_repository_keeps_what_it_began_with_and_gets_the_sample(
    files: Mapping[str, str], repository: Repository, adopt: Adopt, render: Render
) -> None:
    adopted = adopt(repository(files), "--defaults", "--overwrite")
    assert {path: adopted.after[path] for path in adopted.before} == adopted.before
    assert adopted.added == set(tree(render())) - set(files)
    assert "my-tool is ready" in adopted.message
    assert "git init" not in adopted.message


def test_the_folders_name_is_the_projects_unless_somebody_says_another(
    repository: Repository, adopt: Adopt
) -> None:
    answers = {name: value for name, value in ANSWERS.items() if name != "project_name"}
    adopted = adopt(repository(LAYOUTS["flat"]), "--defaults", answers=answers)
    assert b"project_name: my-tool\n" in adopted.after[".copier-answers.yml"][1]


def test_a_folder_with_a_special_name_is_read_too(template: Path, tmp_path: Path) -> None:
    folder = tmp_path / "my [tool]*"
    folder.mkdir()
    (folder / "tool.py").write_text("")
    assert copy(template, folder, "--defaults", answers=ANSWERS).returncode == 0
    assert not (folder / "src").exists()
    assert (folder / "my-tool.spec").exists()


def test_without_defaults_and_without_a_terminal_nothing_is_written(
    repository: Repository, template: Path
) -> None:
    folder = repository(LAYOUTS["flat"])
    before = tree(folder)
    result = command("copier", "copy", template, ".", cwd=folder)
    assert result.returncode == 1
    assert "Interactive session required" in result.stderr
    assert tree(folder) == before


@pytest.mark.parametrize("by_command", [False, True], ids=["copier", "adopt"])
def test_the_answers_of_another_template_stay_and_ours_get_a_file_of_their_own(
    by_command: bool, repository: Repository, template: Path
) -> None:
    theirs = "_src_path: gh:acme/library\nproject_name: theirs\n"
    folder = repository({**LAYOUTS["src"], ".copier-answers.yml": theirs})
    if by_command:
        data = [f"--data={name}={value}" for name, value in ANSWERS.items()]
        result = command("python", "-m", "scripts.adopt", "--defaults", *data, folder, cwd=ROOT)
        assert result.returncode == 0, result.stderr
    else:
        refused = copy(template, folder, "--defaults", "--overwrite", answers=ANSWERS)
        assert refused.returncode == 1
        assert "Add the option -a .copier-answers.pyinstaller.yml" in refused.stderr
        options = ("--defaults", "--overwrite", "-a", ".copier-answers.pyinstaller.yml")
        assert copy(template, folder, *options, answers=ANSWERS).returncode == 0
    assert (folder / ".copier-answers.yml").read_text() == theirs
    assert "my-tool" in (folder / ".copier-answers.pyinstaller.yml").read_text().lower()


@pytest.mark.parametrize(
    ("place", "advised", "not_advised"),
    [
        ("a worktree", "git push", "git init"),
        ("a folder of a repository", "workflows from the top of a repository only", "git init"),
        ("a new folder", "gh repo create", "git push\n"),
    ],
)
def test_the_last_lines_know_where_the_folder_is(
    place: str, advised: str, not_advised: str, template: Path, tmp_path: Path
) -> None:
    outer = tmp_path / "outer"
    write(outer, {"a.txt": ""})
    commit(outer)
    git(outer, "worktree", "add", "--quiet", "../worktree", "-b", "other")
    (tmp_path / "worktree/a.txt").unlink()
    folders = {"a worktree": "worktree", "a folder of a repository": "outer/services/my-tool"}
    folder = tmp_path / folders.get(place, "new")
    data = [f"--data={name}={value}" for name, value in ANSWERS.items()]
    result = copier_cli("copy", "--defaults", *data, template, folder, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert advised in result.stderr
    assert not_advised not in result.stderr


def test_a_copy_into_many_files_takes_no_longer(repository: Repository, template: Path) -> None:
    folder = repository(LAYOUTS["src"])
    seconds = []
    for many in (False, True):
        if many:
            for number in range(60_000):
                file = folder / f"data/{number // 1000}/{number}.json"
                file.parent.mkdir(parents=True, exist_ok=True)
                file.touch()
        before = sum(os.times()[:4])
        result = copy(template, folder, "--defaults", "--overwrite", answers=ANSWERS)
        seconds.append(sum(os.times()[:4]) - before)
        assert result.returncode == 0, result.stderr
    assert seconds[1] < 1.5 * seconds[0] + 0.5, seconds
