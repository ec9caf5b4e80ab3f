"""The command of the documents adopts a repository by itself, and says why it answers what it does."""

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import yaml
from uv import find_uv_bin

from scripts.adopt import NEEDED
from scripts.answers import explain
from scripts.packages_for_tests import from_tests
from scripts.project_table import dynamic_fields, entry_point_tables, write_project
from tests.adopt.repositories import LAYOUTS
from tests.support.commands import command
from tests.support.documents import section
from tests.support.files import tree
from tests.support.git import commit, git
from tests.support.ownership import answers
from tools.projects import ROOT, redirected

Repository = Callable[[Mapping[str, str]], Path]

SETUP = """\
from setuptools import setup

setup(
    name="my-tool-core",
    version="1.0",
    python_requires=">=3.9",
    description='Says "it\\'s" fine.',
    author="Zoë O'Neil",
    author_email="zoe@example.org",
    classifiers=["License :: OSI Approved :: MIT License"],
    packages=["my_tool"],
    entry_points={"console_scripts": ["my-tool = my_tool:main"]},
)
"""


def documented(name: str) -> list[str]:
    """The command of the documents, with the words of a shell."""
    text = section(ROOT / "docs/adopting.md", "Bring the template into a repository")
    (found,) = re.findall(rf"(?m)^uvx (.* {name})$", text)
    return str(found).split()


@pytest.fixture
def run_documented(template: Path) -> Callable[..., str]:
    """Run a command of the documents, with the template of the working tree in the place of GitHub's."""

    def run_documented(folder: Path, name: str, *options: str) -> str:
        words = documented(name)
        url = re.sub(r"^git\+", "", words[1])
        result = command(
            *(find_uv_bin(), "tool", "run", *words, *options),
            cwd=folder,
            **redirected(url, template),
        )
        assert result.returncode == 0, result.stderr
        return result.stdout

    return run_documented


def test_with_defaults_a_question_that_nothing_answers_is_named_before_anything_is_written(
    repository: Repository,
) -> None:
    folder = repository({"setup.py": SETUP, "my_tool/__init__.py": ""})  # without a remote
    before = tree(folder)
    result = command("python", "-m", "scripts.adopt", "--defaults", folder, cwd=ROOT)
    assert result.returncode == 1
    assert result.stderr.endswith("add --data github_owner=ANSWER\n")
    assert tree(folder) == before


def test_the_questions_without_a_default_are_those_that_need_an_answer() -> None:
    questions = yaml.safe_load((ROOT / "copier.yml").read_text())
    without = [
        name
        for name, question in questions.items()
        if not name.startswith("_") and "default" not in question
    ]
    assert sorted(without) == sorted(NEEDED)


def test_one_command_adopts_a_project_that_has_only_a_setup_py(
    repository: Repository, run_documented: Callable[..., str]
) -> None:
    init = "import importlib.metadata\n\ndef main():\n    print(importlib.metadata.version('my-tool-core'))\n"
    tox = {"tox.ini": "[testenv]\ndeps =\n  pytest\n  iniconfig\n"}
    code = {"setup.py": SETUP, "my_tool/__init__.py": init}
    folder = repository({**code, ".gitignore": "*.spec", **tox})
    git(folder, "remote", "add", "origin", "git@github.com:acme-org/tool-box.git")
    said = run_documented(folder, "adopt", "--defaults", "--data", "python_version=3.11")
    assert "project_name: my-tool  (the command in setup.py)\n" in said
    given = answers(folder)
    assert {
        "project_name": "my-tool",
        "description": 'Says "it\'s" fine.',
        "github_owner": "acme-org",
        "repository_name": "tool-box",
        "author_name": "Zoë O'Neil",
        "author_email": "zoe@example.org",
        "license": "MIT",
        "python_version": "3.11",
    }.items() <= given.items()
    assert git(folder, "diff", "--name-only").splitlines() == [".gitignore", "my-tool.spec"]
    ignored = (folder / ".gitignore").read_text().splitlines()
    assert ignored == ["*.spec", ".freezer/", ".venv/", "build/", "dist/"]

    assert (folder / "uv.lock").is_file()
    written = tomllib.loads((folder / "pyproject.toml").read_text())
    project = written["project"]
    listed = [re.sub(r"\W.*", "", one) for one in written["dependency-groups"]["dev"]]
    assert sorted(listed) == ["iniconfig", "pytest"]
    assert (project["name"], project["requires-python"]) == ("my-tool-core", ">=3.9")
    result = command(find_uv_bin(), "run", "--locked", "my-tool", cwd=folder)
    assert (result.returncode, result.stdout) == (0, "1.0\n"), result.stderr


@pytest.mark.parametrize(
    ("files", "needed"),
    [
        ({"tox.ini": "[testenv]\ndeps =\n  -r{toxinidir}/dev/test.txt\n  py311: x>1 # why\n  {toxinidir}/y\n",
          "dev/test.txt": "pytest>=8 --hash=sha256:00\n-r ../../secret.txt\n-r test.txt\n-e .\n"},
         (["pytest>=8", "x>1"], "tox.ini")),
        ({"tox.ini": "not INI", "requirements.txt": "rich", "requirements-dev.txt": "pytest\n-r requirements.txt"},
         (["pytest", "rich"], "requirements-dev.txt")),
        ({"pyproject.toml": '[tool.hatch.envs.default]\ndependencies = ["pytest", "pytest-cov"]\n'},
         (["pytest", "pytest-cov"], "pyproject.toml or setup.py")),
        ({"setup.cfg": "[options]\ntests_require =\n  pytest[x]\n"}, (["pytest[x]"], "setup.cfg")),
        ({"tests/requirements.txt": "testtools", "dev-requirements.txt": "black"},
         (["testtools", "pytest"], "tests/requirements.txt")),
        ({"requirements-dev.txt": "black"}, ([], "")),
        ({"tox.ini": "[testenv]\ndeps = pytest\nextras =\n  !py39:fast\n  py312: slow, slower\n",
          "setup.cfg": "[metadata]\nname = tool\n"},
         (["pytest", "tool[fast,slow,slower]"], "tox.ini")),
        ({"tox.ini": "[testenv]\ndeps = pytest\nextras = x\n"}, (["pytest"], "tox.ini")),
        ({"pyproject.toml": '[tool.poetry.group.test.dependencies]\npytest = "^8.1"\nx = "*"\n'
          'y = {version = "~7.0.2", extras = ["a"]}\nz = {git = "https://x"}\n'
          '[tool.poetry.group.docs.dependencies]\nsphinx = "1"\n'},
         (["pytest<9,>=8.1", "x", "y[a]~=7.0.2", "z"], "pyproject.toml or setup.py")),
    ],
)  # fmt: skip
def test_what_the_tests_need_is_found_where_projects_list_it(
    files: Mapping[str, str], needed: tuple[list[str], str], repository: Repository
) -> None:
    folder = repository({"setup.py": "", **files})
    (folder.parent / "secret.txt").write_text("secret\n")
    assert from_tests(folder) == needed


def test_changes_that_are_not_committed_are_refused(repository: Repository, tmp_path: Path) -> None:
    folder = repository(LAYOUTS["flat"])
    (folder / "new.py").write_text("")
    (tmp_path / "none").mkdir()
    for place, message in ((folder, "commit or stash first"), (tmp_path / "none", "at the top of")):
        result = command("python", "-m", "scripts.adopt", place, cwd=ROOT)
        assert result.returncode == 1
        assert message in result.stderr
    (folder / "new.py").rename(os.fsdecode(os.fsencode(folder) + b"/caf\xe9"))
    commit(folder, "A name of Latin-1")
    result = command("python", "-m", "scripts.adopt", folder, cwd=ROOT)
    assert "rename caf\ufffd, and commit: its name is not UTF-8\n" in result.stderr
    assert not (folder / ".copier-answers.yml").exists()


@pytest.mark.parametrize(
    ("branch", "answer"), [("release/next", "release/next"), ("main", None), ("a'b", None)]
)
def test_the_default_branch_is_that_of_origin(
    repository: Repository, tmp_path: Path, branch: str, answer: str | None
) -> None:
    folder = repository(LAYOUTS["src"])
    git(folder, "checkout", "--quiet", "-B", branch)
    git(tmp_path, "clone", "--quiet", str(folder), "clone")
    found = explain(tmp_path / "clone").get("default_branch")
    assert (found and found.value) == answer


@pytest.mark.parametrize(
    ("files", "name", "reason"),
    [
        (
            {"pyproject.toml": "[project]\nname = 'todoman'\n[project.scripts]\ntodo = 'a:b'\n"},
            "todo",
            "the command in [project] of pyproject.toml",
        ),
        (
            {"pyproject.toml": "[tool.poetry]\nname = 'a'\n[tool.poetry.scripts]\nb = 'a:b'\n"},
            "b",
            "the command in [tool.poetry] of pyproject.toml",
        ),
        (
            {
                "setup.cfg": "[metadata]\nname = a\n[options.entry_points]\nconsole_scripts =\n  c = a:b\n"
            },
            "c",
            "the command in setup.cfg",
        ),
        ({"setup.py": "setup(name=name(), scripts=['bin/s3'])"}, "s3", "the command in setup.py"),
        ({"requirements.txt": "rich\n"}, "my-tool", "the name of the folder"),
    ],
)
def test_the_project_is_called_like_its_command(
    repository: Repository, files: Mapping[str, str], name: str, reason: str
) -> None:
    assert explain(repository(files))["project_name"] == (name, reason)


def test_entry_points_that_are_one_text_become_tables(repository: Repository) -> None:
    setup = "setup(name='a', entry_points='[console_scripts]\\nmy-tool=a.b:c\\n[my.plugins]\\nD=e')"
    folder = repository({"setup.py": setup})
    assert tomllib.loads(entry_point_tables(folder))["project"] == {
        "scripts": {"my-tool": "a.b:c"},
        "gui-scripts": {},
        "entry-points": {"my.plugins": {"D": "e"}},
    }
    assert dynamic_fields(folder) == ["version"]


POETRY = """\
[build-system]
requires = ["poetry-core"]
build-backend = "poetry.core.masonry.api"

[tool.poetry]
name = "my-tool-core"
version = "1.0"
description = "It says its version."
authors = ["Ada <ada@example.org>"]
homepage = "https://example.org"
packages = [{ include = "my_tool" }]

[tool.poetry.dependencies]
python = "^3.9"
iniconfig = { version = "^2.0", optional = true }

[tool.poetry.extras]
ini = ["iniconfig"]

[tool.poetry.scripts]
my-tool = "my_tool:main"
"""
POETRY_0 = POETRY.replace("poetry.core.", "poetry.").replace('"poetry-core"', '"poetry>=0.12"')
SETUP_CFG = """\
[metadata]
name = my-tool-core
version = 1.0
[options]
packages = my_tool
python_requires = >=3.9
[options.extras_require]
ini = iniconfig
[options.entry_points]
console_scripts =
  my-tool = my_tool:main
"""
OLD = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'


@pytest.mark.parametrize(
    ("files", "python"),
    [
        ({"pyproject.toml": POETRY}, ">=3.9,<4"),
        ({"pyproject.toml": POETRY_0}, ">=3.9,<4"),
        ({"pyproject.toml": OLD + "[tool.black]\n", "setup.cfg": SETUP_CFG}, ">=3.9"),
        ({"pyproject.toml": "[tool.black]\n", "setup.cfg": SETUP_CFG}, ">=3.9"),
    ],
)
def test_a_pyproject_without_a_table_project_gets_one_and_installs(
    files: Mapping[str, str], python: str, repository: Repository
) -> None:
    init = "import importlib.metadata\n\ndef main():\n    print(importlib.metadata.version('my-tool-core'))\n"
    folder = repository({**files, "my_tool/__init__.py": init})
    write_project(folder, "my-tool-core")
    text = (folder / "pyproject.toml").read_text()
    kept = files["pyproject.toml"].replace(POETRY_0, POETRY)
    assert text.startswith(kept.rstrip())
    assert tomllib.loads(text)["project"]["requires-python"] == python
    result = command(find_uv_bin(), "run", "--extra=ini", "my-tool", cwd=folder)
    assert (result.returncode, result.stdout) == (0, "1.0\n"), result.stderr
    assert "extra == 'ini'" in (folder / "uv.lock").read_text()


@pytest.mark.parametrize(
    "text",
    [
        "[project]\n",
        '[build-system]\nbuild-backend = "flit_core.buildapi"\n[tool.flit.metadata]\n',
        '[tool.poetry]\npackage-mode = false\nversion = "1.0"\n',
    ],
)
def test_another_pyproject_is_left_as_it_is(text: str, repository: Repository) -> None:
    folder = repository({"pyproject.toml": text, "setup.cfg": "[flake8]\n"})
    write_project(folder, "my-tool")
    assert (folder / "pyproject.toml").read_text() == text


def test_a_pyproject_that_is_a_link_is_not_written_through(repository: Repository) -> None:
    folder = repository({"setup.cfg": SETUP_CFG})
    outside = folder.parent / "outside.toml"
    outside.write_text("ours\n")
    (folder / "pyproject.toml").symlink_to(outside)
    write_project(folder, "my-tool-core")
    assert outside.read_text() == "ours\n"


def test_the_new_pyproject_names_what_setup_py_and_setup_cfg_have(repository: Repository) -> None:
    cfg = "[options]\ninstall_requires = rich\n[options.extras_require]\na = b\n"
    folder = repository({"setup.py": "setup(python_requires='>=3.8')", "setup.cfg": cfg})
    assert dynamic_fields(folder) == [
        "dependencies",
        "optional-dependencies",
        "version",
    ]
