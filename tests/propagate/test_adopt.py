"""What it makes of repositories that were not made from the template."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.propagate.organisation import URL, Organisation
from tests.propagate.pull_requests import PullRequests
from tests.support.files import write
from tests.support.git import commit, git
from tests.support.rendering import Scaffold

BRANCH = "copier-adopt"
VERSION = "click.version_option()  # --version\n"
# A project that fits: in the src layout, with everything that the template wants.
FITTING = {
    "pyproject.toml": """\
[project]
name = "star-counter"
version = "1.0"
description = "Counts the stars."
requires-python = ">=3.9,<3.13"
license = "Apache-2.0"
authors = [{ name = "Grace Hopper", email = "grace@example.org" }]
dependencies = ["click"]

[dependency-groups]
dev = ["pytest", "ruff"]

[project.scripts]
star-counter = "star_counter.cli:main"
""",
    "src/star_counter/__init__.py": "",
    "src/star_counter/__main__.py": "from star_counter.cli import main\nmain()\n",
    "src/star_counter/cli.py": VERSION,
    "tests/test_cli.py": "",
    "README.md": "# Stars\n",
    # As GitHub's own .gitignore for Python has it.
    ".gitignore": "dist/\n*.manifest\n*.spec\n",
}
# In the flat layout, with files that the template has too, and without a name that fits.
FLAT = {
    "setup.cfg": "[metadata]\nname = flat\nauthor = Ada\nlicense = Proprietary\n\n"
    "[options]\npackages = find:\n",
    "pyproject.toml": '[build-system]\nrequires = ["setuptools"]\n',
    "other/__init__.py": "",
    "README.rst": "Flat\n====\n\nDraws a map of the town. It is fast.\n",
    "Dockerfile": "FROM python:3\n",
    "Makefile": "deploy:\n\techo deploy\n",
}
POETRY = {
    "pyproject.toml": """\
[tool.poetry]
name = "poet"
description = "Writes \\"verses\\"."
authors = ["Sappho <sappho@example.org>"]
license = "MIT"

[tool.poetry.dependencies]
python = "^3.10"
""",
    "poet/__main__.py": VERSION,
    "poet.spec": 'Analysis(["poet/main.py"])\n',
    "tests/test_poet.py": "",
}
PROJECTS: Mapping[str, Mapping[str, str]] = {"stars": FITTING, "flat": FLAT, "poet": POETRY}


@dataclass
class Adopted:
    """Three repositories that know nothing of the template, before and after one run."""

    before: Organisation
    after: Organisation
    results: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def adopted(our_releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Adopted:
    """The three, which no test changes."""
    folder = tmp_path_factory.mktemp("adopted")
    (folder / "before").mkdir()
    before = Organisation(folder / "before", our_releases, "https://github.com/Acme-Org")
    for name, files in PROJECTS.items():
        write(folder / name, files)
        commit(folder / name, "Begin")
        before.add(name, folder / name)
    # Git keeps line endings of Windows until somebody adds the file again.
    before.add_file("flat", "docs/notes.txt", "One\r\nTwo\r\n")
    before.add_file("flat", "docs/.gitattributes", "* text=auto eol=lf\n")
    after = before.copy(folder / "after")
    return Adopted(before, after, after.adopt())


@pytest.fixture
def existing(adopted: Adopted, tmp_path: Path) -> Organisation:
    """The three before, for a test to change."""
    return adopted.before.copy(tmp_path / "existing")


@pytest.fixture
def merging(adopted: Adopted, tmp_path: Path) -> Organisation:
    """The three after, for a test to change."""
    return adopted.after.copy(tmp_path / "merging")


def answers(organisation: Organisation, name: str) -> dict[str, Any]:
    """The answers that a repository has recorded on the branch."""
    found: dict[str, Any] = yaml.safe_load(organisation.show(name, f"{BRANCH}:.copier-answers.yml"))
    return found


def changed(organisation: Organisation, name: str, kind: str) -> Sequence[str]:
    """The files that the branch has added (A), modified (M) or deleted (D)."""
    options = ("--name-only", "--no-renames", f"--diff-filter={kind}", "main", BRANCH)
    return git(organisation.bare(name), "diff", *options).splitlines()


def boxes(result: dict[str, Any]) -> Sequence[str]:
    """What is left to do by hand, as the text of the pull request lists it."""
    return re.findall(r"(?m)^- \[ \] (.*)$", result["body"])


def test_the_template_arrives_in_one_commit_and_the_projects_files_stay(adopted: Adopted) -> None:
    after = adopted.after
    for name, files in PROJECTS.items():
        result = adopted.results[name]
        assert (result["status"], result["new"]) == ("adopted", "v1.2.0"), result["reason"]
        refs = after.refs(name)
        assert refs == {"main": refs["main"], BRANCH: result["commit"]}
        parent = git(after.bare(name), "rev-parse", f"{BRANCH}^").strip()
        assert parent == refs["main"]
        assert ".copier-answers.yml" in changed(after, name, "A")
        assert set(changed(after, name, "M")) == {"Dockerfile", "Makefile"} & set(files)
        assert changed(after, name, "D") == []
        assert result["title"] == "Adopt the template v1.2.0"


def test_answers_come_from_the_repository(adopted: Adopted) -> None:
    stars = answers(adopted.after, "stars")
    assert (stars["_src_path"], stars["_commit"]) == (URL, "v1.2.0")  # what an update starts from
    assert {key: stars[key] for key in ("project_name", "repository_name", "github_owner")} == {
        "project_name": "star-counter",
        "repository_name": "stars",
        "github_owner": "Acme-Org",
    }
    assert (stars["license"], stars["python_version"]) == ("Apache-2.0", "3.12")
    assert (stars["author_name"], stars["author_email"]) == ("Grace Hopper", "grace@example.org")
    poet = answers(adopted.after, "poet")
    assert (poet["description"], poet["author_name"]) == ('Writes "verses".', "Sappho")


def test_the_text_says_what_was_replaced_and_what_is_left_to_do(adopted: Adopted) -> None:
    """It lists what the last lines of `copier copy` list."""
    stars, flat, poet = (adopted.results[name] for name in PROJECTS)
    assert "star-counter.spec" in changed(adopted.after, "stars", "A")
    assert boxes(stars)[-1] == (
        "Make sure that `star-counter --version` prints something and exits with 0. "
        "The image is tested with it."
    )
    assert "\n  ```sh\n  uv lock\n  git add --force star-counter.spec uv.lock\n" in stars["body"]
    assert "**Replaced**" not in stars["body"]
    assert re.findall(r"(?m)^- `(.*)`$", flat["body"]) == ["Dockerfile", "Makefile"]
    spec = "Make sure that poet.spec makes dist/poet/poet, and with `--onefile` dist/poet-onefile."
    assert spec in boxes(poet)


def test_adopting_again_changes_nothing(adopted: Adopted) -> None:
    refs = {name: adopted.after.refs(name) for name in PROJECTS}
    second = adopted.after.adopt()
    assert {name: adopted.after.refs(name) for name in PROJECTS} == refs
    for name in PROJECTS:
        assert (adopted.results[name]["pushed"], second[name]["pushed"]) == (True, False)
        assert {**second[name], "pushed": True} == adopted.results[name]


def test_answers_of_the_organisation_come_first(existing: Organisation, tmp_path: Path) -> None:
    file = tmp_path / "answers.yml"
    file.write_text("author_name: Acme\nplatforms: [linux/amd64]\ntag_scheme: semver\n")
    existing.adopt("--data-file", file, names=["stars"])
    found = answers(existing, "stars")
    assert (found["author_name"], found["platforms"]) == ("Acme", ["linux/amd64"])
    assert found["tag_scheme"] == "semver"


def test_the_branch_follows_the_default_branch(merging: Organisation) -> None:
    merging.change("poet", lambda project: write(project, {"requirements.txt": "click\n"}))
    result = merging.adopt(names=["poet"])["poet"]
    assert result["pushed"]
    assert "uvx migrate-to-uv" in result["body"]


def test_a_branch_with_commits_of_others_is_left_alone(merging: Organisation) -> None:
    merging.change("flat", lambda project: write(project, {"by-hand.txt": ""}), BRANCH)
    before = merging.refs("flat")
    result = merging.adopt(names=["flat"])["flat"]
    assert result["status"] == "kept"
    assert result["reason"] == f"somebody has committed to {BRANCH}: merge it or delete it"
    assert merging.refs("flat") == before


def test_a_repository_made_from_the_template_is_left_to_update(
    organisation: Organisation, scaffold_version: Scaffold
) -> None:
    """So that the same list can be given again while its pull requests are merged."""
    organisation.add("tool", scaffold_version("v1.0.0"))
    result = organisation.adopt()["tool"]
    assert (result["status"], result["old"]) == ("current", "v1.0.0")
    assert result["reason"] == "made from the template already: use update"
    assert organisation.refs("tool").keys() == {"main"}


def test_an_answer_that_does_not_fit_is_named_and_nothing_is_pushed(
    existing: Organisation,
) -> None:
    broken = {"pyproject.toml": "[project\n"}
    existing.change("stars", lambda project: write(project, broken))
    existing.change(
        "poet",
        lambda project: write(
            project, {"pyproject.toml": FITTING["pyproject.toml"].replace("star-counter", "2048")}
        ),
    )
    results = existing.adopt()
    assert results["stars"]["status"] == results["poet"]["status"] == "failed"
    assert results["stars"]["reason"].startswith("ValueError: pyproject.toml: ")
    assert "line 1" in results["stars"]["reason"]
    assert "2048" in results["poet"]["reason"]
    assert existing.refs("stars").keys() == existing.refs("poet").keys() == {"main"}
    assert results["flat"]["status"] == "adopted"


def test_the_pull_request_is_a_draft_until_somebody_says_that_it_is_ready(
    existing: Organisation, github: PullRequests
) -> None:
    github.folder = existing.folder
    result = existing.adopt("--pull-requests", names=["flat"])["flat"]
    [pull] = github.pulls["flat"]
    assert (pull["isDraft"], pull["title"]) == (True, result["title"]), result["reason"]
    assert pull["headRefName"] == BRANCH
    # Boxes that somebody ticks stay ticked, and a draft that somebody ends stays ended.
    pull["body"] = pull["body"].replace("- [ ]", "- [x]", 1)
    pull["isDraft"] = False
    before = dict(pull)
    github.took()
    existing.adopt("--pull-requests", names=["flat"])
    assert (github.pulls["flat"], github.took()) == ([before], [])
