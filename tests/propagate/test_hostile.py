"""What a repository that means harm cannot do: reach a file of the operator, or choose the template."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.propagate.organisation import BRANCH, URL, WORKFLOW, Organisation, replace
from tests.support.files import write
from tests.support.git import commit, git

ANSWERS_FILE = ".copier-answers.yml"
NOW = "https://github.com/Fork-Org/template.git"
LINK = f"{ANSWERS_FILE} is a symbolic link: it must be a file"


@pytest.fixture
def decoy(tmp_path: Path) -> Path:
    """A folder of the operator: nothing in it may be changed, nothing of it may be pushed."""
    write(tmp_path / "decoy", {"profile": "theirs\n", "folder/setup.cfg": "[metadata]\nname = x\n"})
    return tmp_path / "decoy"


def link(target: str | Path, path: str) -> Callable[[Path], None]:
    """Put a symbolic link in the place of a file or a folder of a project."""

    def link(project: Path) -> None:
        place = project / path
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
        place.unlink(missing_ok=True)
        place.symlink_to(target)

    return link


def state(folder: Path) -> dict[str, str]:
    """The files in a folder."""
    return {str(file): file.read_text() for file in folder.rglob("*") if file.is_file()}


def test_an_answers_file_that_is_a_link_is_refused(tool: Organisation, decoy: Path) -> None:
    """The text of the link reads as YAML, and a line of it leads to the operator's file."""
    before = state(decoy)
    up = "../" * 30
    text = f"_src_path: {URL}\n_commit: v1.0.0\nx: /{up}{decoy}/profile"
    for target in (decoy / "profile", f"{decoy}/profile\n_src_path: {URL}", text):
        tool.change("tool", link(target, ANSWERS_FILE))
        for options in ((), ("--template", NOW, "--moved-from", URL)):
            for do in ("update", "adopt"):
                result = tool.update(*options, do=do)["tool"]
                assert (result["status"], result["reason"]) == ("failed", LINK)
    assert state(decoy) == before
    assert tool.refs("tool").keys() == {"main"}


# Copier leaves a folder open when it fails.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("path", ["scripts", ".github", WORKFLOW])
def test_a_link_in_the_place_of_the_templates_files_is_not_followed(
    tool: Organisation, decoy: Path, path: str
) -> None:
    before = state(decoy)
    for target in (decoy / "folder", decoy / "profile", decoy / "new"):
        tool.change("tool", link(target, path))
        result = tool.update()["tool"]
        if path == WORKFLOW:
            assert (result["status"], result["conflicts"]) == ("conflict", [path]), result["reason"]
            assert "+    timeout-minutes: 25\n" in result["body"]
            entry = git(tool.bare("tool"), "ls-tree", BRANCH, path)
            assert entry == git(tool.bare("tool"), "ls-tree", "main", path)
        else:
            reason = f"{path} must be a folder: the template has one of this name"
            assert (result["status"], result["reason"]) == ("failed", reason)
            assert BRANCH not in tool.refs("tool")
        assert state(decoy) == before


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_adoption_neither_reads_nor_writes_through_a_link(
    adopters: Organisation, decoy: Path, tmp_path: Path
) -> None:
    secret = "Says what only the operator knows."
    files = {
        "setup.cfg": f"[metadata]\nname = x\ndescription = {secret}\n",
        "pyproject.toml": f'[project]\nname = "x"\ndescription = "{secret}"\n',
        "README.md": f"{secret}\n",
        "poet.spec": f"# {secret}\n",
        "src/x/__init__.py": f'"""{secret}"""\n',
        "tests/test_x.py": "",
        "scripts/build": "",
        "Makefile": "",
    }
    write(decoy, files)
    before = state(decoy)
    paths = {path.partition("/")[0] for path in files}
    for path in paths:
        project = tmp_path / "projects" / path
        write(project, {"poet/__main__.py": "", "README.rst": "Draws maps.\n"})
        link(decoy / path, path)(project)
        commit(project)
        adopters.add(f"of-{path}", project)
    adopters.url = "https://github.com/Acme-Org"
    results = adopters.adopt()
    assert state(decoy) == before
    assert secret not in str(results)
    for path in paths:
        result = results[f"of-{path}"]
        assert result["status"] == (
            "failed"
            if path in ("pyproject.toml", "setup.cfg", "scripts", "Makefile")
            else "adopted"
        ), result["reason"]
        for branch in adopters.refs(f"of-{path}"):
            assert secret not in git(adopters.bare(f"of-{path}"), "archive", branch)


def test_a_link_of_the_project_stays_a_link(tool: Organisation) -> None:
    tool.change("tool", link("AGENTS.md", "CLAUDE.md"))
    assert tool.update()["tool"]["status"] == "updated"
    entry = git(tool.bare("tool"), "ls-tree", BRANCH, "CLAUDE.md")
    assert entry.startswith("120000 ")
    assert tool.show("tool", f"{BRANCH}:CLAUDE.md") == "AGENTS.md"


def test_a_repository_cannot_choose_another_template(tool: Organisation, tmp_path: Path) -> None:
    """Copier takes the last of two keys, and renders any repository or folder that the operator reads."""
    evil = tmp_path / "evil"
    write(evil, {"copier.yml": "a: 1\n", "stolen.txt": "of the operator\n"})
    commit(evil)
    git(evil, "tag", "v1.2.0")
    tool.change(
        "tool",
        lambda project: replace(
            project / ANSWERS_FILE,
            f"_src_path: {URL}\n",
            f"_src_path: {URL}\n? _src_path\n: {evil}\n",
        ),
    )
    result = tool.update()["tool"]
    assert result["status"] == "failed"
    assert result["reason"].endswith(": a duplicate key")
    assert tool.refs("tool").keys() == {"main"}


@pytest.mark.parametrize(
    "source",
    [
        "http://github.com/Acme-Org/copier-pyinstaller-ghcr.git",
        "git://github.com/Acme-Org/copier-pyinstaller-ghcr.git",
        "https://ada:secret@github.com/Acme-Org/copier-pyinstaller-ghcr",
        "gh:Acme-Org/copier-pyinstaller-ghcr",
    ],
)
def test_only_our_own_url_is_used_and_recorded(tool: Organisation, source: str) -> None:
    tool.change("tool", lambda project: replace(project / ANSWERS_FILE, URL, source))
    # Nothing is fetched from elsewhere: no server answers here.
    result = tool.update()["tool"]
    assert result["status"] == "updated", result["reason"]
    answers = tool.show("tool", f"{BRANCH}:{ANSWERS_FILE}")
    assert f"\n_src_path: {URL}\n" in answers
    assert "secret" not in str(result)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("https://ada:secret@git.example/other.git", "made from https://git.example/other.git"),
        ("git+ssh://ada:secret@git.example/other", "made from https://git.example/other"),
        ("file:///srv/git/other.git", "made from another template"),
        ("/srv/git/other", "made from another template"),
        ("github.com/Acme-Org/copier-pyinstaller-ghcr", "made from another template"),
        ("ext::sh -c touch% x", "made from another template"),
        ("::set-output name=a::b", "made from another template"),
        ("https://git.example/##[add-mask]x", "made from another template"),
        ("https://git.example/a b", "made from another template"),
        ("https://git.example/\u001b[2J", "made from another template"),
    ],
)
def test_another_source_is_refused_and_shown_only_where_that_is_safe(
    tool: Organisation, source: str, reason: str
) -> None:
    quoted = source.replace("\u001b", "\\e")
    tool.change("tool", lambda project: replace(project / ANSWERS_FILE, URL, f'"{quoted}"'))
    for do in ("update", "adopt"):
        result = tool.update(do=do)["tool"]
        assert (result["status"], result["reason"]) == ("refused", reason)
        assert tool.refs("tool").keys() == {"main"}


def test_attributes_of_the_repository_and_filters_of_the_user_play_no_part(
    tool: Organisation, tmp_path: Path
) -> None:
    """Neither changes what is committed, nor runs a command."""
    config, ran = tmp_path / "gitconfig", tmp_path / "ran"
    config.write_text(
        f'[filter "x"]\n\tsmudge = touch {ran}\n\tclean = touch {ran}\n\trequired = true\n'
        f'[diff]\n\texternal = touch {ran}\n[diff "x"]\n\ttextconv = touch {ran}\n'
        f"[core]\n\tautocrlf = true\n\tfsmonitor = touch {ran}\n"
    )
    tool.change("tool", lambda project: (project / "crlf.txt").write_bytes(b"One\r\nTwo\r\n"))
    attributes = (
        "* text=auto eol=crlf filter=x diff=x ident\n",
        "* working-tree-encoding=UTF-16\n",
    )
    for text in attributes:
        tool.add_file("tool", ".gitattributes", text)
        result = tool.update(GIT_CONFIG_GLOBAL=str(config))["tool"]
        assert result["status"] == "updated", result["reason"]
        changed = git(tool.bare("tool"), "diff", "--name-only", "--no-renames", "main", BRANCH)
        expected = f"{ANSWERS_FILE} .github/CODEOWNERS {WORKFLOW} scripts/freezer/.ruff.toml scripts/freezer/ruff.toml"
        assert changed.split() == sorted(expected.split())
        assert "\r" not in tool.show("tool", f"{BRANCH}:.github/workflows/lint-and-test.yml")
    assert not ran.exists()
