"""Which answers an existing project gives, by its files and Git, without running any of it."""

import itertools
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import yaml

from scripts.answers import LICENSES, PYTHON, PYTHONS, read_answers
from tests.support.commands import command
from tests.support.files import write
from tests.support.git import git
from tools.projects import ROOT

Repository = Callable[[Mapping[str, str]], Path]


def test_a_folder_alone_gives_its_name_and_who_commits(repository: Repository) -> None:
    assert read_answers(repository({"a.txt": ""})) == {
        "project_name": "my-tool",
        "repository_name": "my-tool",
        "license": "none",
        "author_name": "Ada",
    }


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {
                "pyproject.toml": '[project]\nname = "a-b"\ndescription = """Two\nlines."""\n'
                'license = {text = "MIT License"}\nauthors = [{name = "Grace", email = "g@h.i"}]\n'
                'requires-python = ">=3.8,<3.13"\n',
            },
            {
                "project_name": "a-b",
                "description": "Two lines.",
                "license": "MIT",
                "author_name": "Grace",
                "author_email": "g@h.i",
                "python_version": "3.12",
            },
        ),
        (
            {
                "pyproject.toml": '[tool.poetry]\nname = "poet"\ndescription = "Verses."\n'
                'license = "GPL-3.0-or-later"\nauthors = ["Sappho <s@h.i>"]\n'
                '[tool.poetry.dependencies]\npython = "~3.11"\n',
            },
            {
                "project_name": "poet",
                "description": "Verses.",
                "license": "GPL-3.0-or-later",
                "author_name": "Sappho",
                "author_email": "s@h.i",
                "python_version": "3.11",
            },
        ),
        (
            {
                "setup.cfg": "[metadata]\nname = old\ndescription = attr: old.__doc__\n"
                "author = Alan\nauthor_email = a@h.i\nclassifiers =\n"
                "    License :: OSI Approved :: Apache Software License\n"
                "[options]\npython_requires = >=3.7\n",
                "README.rst": "Old\n===\n\n.. image:: badge\n\nMailing lists:\n * All of it. End\n\nCounts the old\nstars. Slowly.\n",
            },
            {
                "project_name": "old",
                "description": "Counts the old stars.",
                "license": "Apache-2.0",
                "author_name": "Alan",
                "author_email": "a@h.i",
                "python_version": PYTHON,
            },
        ),
    ],
    ids=["project", "poetry", "setup.cfg"],
)
def test_the_metadata_answers(
    repository: Repository, files: Mapping[str, str], expected: Mapping[str, str]
) -> None:
    assert read_answers(repository(files)) == {**expected, "repository_name": "my-tool"}


@pytest.mark.parametrize(
    ("url", "owner", "name"),
    [
        ("https://github.com/Acme-Org/MyTool.git", "Acme-Org", "MyTool"),
        ("git@github.com:Acme-Org/MyTool.git", "Acme-Org", "MyTool"),
        ("ssh://git@git.example.com:22/team/group/tool/", "group", "tool"),
        ("file:///srv/git/mytool.git", None, "mytool"),
        ("/srv/git/mytool", None, "mytool"),
    ],
)
def test_the_url_names_the_owner_and_the_repository(
    repository: Repository, url: str, owner: str | None, name: str
) -> None:
    folder = repository({"a.txt": ""})
    git(folder, "remote", "add", "origin", url)
    answers = read_answers(folder)
    assert (answers.get("github_owner"), answers["repository_name"]) == (owner, name)


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [
        ("MIT", "MIT"),
        ("The MIT License", "MIT"),
        ("Apache 2.0", "Apache-2.0"),
        ("Apache License, Version 2.0", "Apache-2.0"),
        ("BSD 3-Clause License", "BSD-3-Clause"),
        ("GPLv3+", "GPL-3.0-or-later"),
        # These are other licences than the template's.
        ("BSD", "none"),
        ("GPL-3.0-only", "none"),
        ("MIT AND Apache-2.0", "none"),
        ("Proprietary", "none"),
    ],
)
def test_only_a_licence_that_is_known_is_answered(
    repository: Repository, spelling: str, expected: str
) -> None:
    folder = repository({"setup.cfg": f"[metadata]\nlicense = {spelling}\n"})
    assert read_answers(folder)["license"] == expected


def test_the_choices_are_those_of_the_template() -> None:
    questions = yaml.safe_load((ROOT / "copier.yml").read_text())
    pythons = questions["python_version"]["choices"]
    assert list(PYTHONS) == pythons, "scripts/answers.py: PYTHONS are the choices of copier.yml"
    text = f"{pythons[-1]} to {pythons[0]}"
    assert text in (ROOT / "README.md").read_text(), f"README.md: `python_version` is {text}"
    unknown = LICENSES.keys() - {*questions["license"]["choices"]}
    assert not unknown, (
        f"scripts/answers.py: LICENSES has what copier.yml does not offer: {unknown}"
    )


def test_what_is_printed_is_yaml_with_reasons(repository: Repository) -> None:
    pyproject = "[project]\ndescription = 'Says \"hi\": {a} #1 ☃'\n"
    folder = repository(
        {"pyproject.toml": pyproject, "LICENSE": "Permission is hereby granted, free of charge"}
    )
    printed = command("python", "-m", "scripts.answers", folder, cwd=ROOT)
    assert printed.returncode == 0, printed.stderr
    assert yaml.safe_load(printed.stdout) == read_answers(folder)
    assert 'license: "MIT"  # the licence\'s text\n' in printed.stdout


def test_a_file_that_cannot_be_read_is_named(repository: Repository, tmp_path: Path) -> None:
    folder = repository({"pyproject.toml": "[project]\nname = \n"})
    said = command("python", "-m", "scripts.answers", folder, cwd=ROOT)
    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr.startswith(f"answers: {folder}/pyproject.toml: ")
    assert "line 2" in said.stderr
    missing = command("python", "-m", "scripts.answers", tmp_path / "missing", cwd=ROOT)
    assert missing.stderr == f"answers: {tmp_path / 'missing'}: no such folder\n"


def test_a_link_out_of_the_project_is_not_followed(repository: Repository, tmp_path: Path) -> None:
    """What another file of this machine says must not get into a commit."""
    write(tmp_path / "outside", {"README.md": "The password is 1234.\n", "setup.cfg": "no INI\n"})
    folder = repository({"a.txt": ""})
    for name in ("README.md", "setup.cfg"):
        (folder / name).symlink_to(tmp_path / "outside" / name)
    assert "description" not in read_answers(folder)


VALUES = ("1", "1.5", "true", "2024-01-01", "[1]", '["x"]', "{a = 1}", "[{name = 1, email = 1}]")
KEYS = ("name", "description", "license", "requires-python", "authors", "classifiers", "scripts")
CALLS = ("1", "None", "[1]", "(1,)", "{1: 2}", "{'console_scripts': [1]}", "b'x'", "'%'")
ARGUMENTS = ("name", "author", "license", "classifiers", "entry_points", "scripts")


def test_a_value_of_another_type_answers_nothing(tmp_path: Path) -> None:
    for section in ("project", "tool.poetry"):
        for key, value in itertools.product((*KEYS, "maintainers", "dependencies"), VALUES):
            write(tmp_path, {"pyproject.toml": f"[{section}]\n{key} = {value}\n"})
            assert isinstance(read_answers(tmp_path), dict)
    for key, value in itertools.product(ARGUMENTS, CALLS):
        write(tmp_path, {"pyproject.toml": "", "setup.py": f"setup({key}={value})\n"})
        assert isinstance(read_answers(tmp_path), dict)


LINES, SPACES, DIGITS = "\n" * 50_000, " " * 50_000, "1" * 50_000
LARGE = {
    "README.md": ["Word " * 16_000, "A b\n" * 20_000, "A " + " " * 80_000],
    "LICENSE": [
        "Redistribution and use in source and binary forms " * 1600,
        f"Apache License{SPACES}",
    ],
    "setup.cfg": [f"[options.entry_points]\nconsole_scripts =\n  a{LINES}  b\n"],
    "setup.py": [f"setup(entry_points={f'[console_scripts]{LINES}b'!r})\n"],
    "pyproject.toml": [
        *(f'[project]\n{key} = "x{SPACES}y"\n' for key in KEYS),
        f'[project]\nrequires-python = "{">=3," * 20_000}"\n',
        f'[project]\nrequires-python = ">={DIGITS}"\n',
        f'[project]\nauthors = [{{email = "{DIGITS}@"}}]\n',
        f'[tool.poetry.dependencies]\npython = "^{DIGITS}"\n',
    ],
}


def test_no_text_makes_it_slow(tmp_path: Path) -> None:
    """Text that makes a pattern quadratic takes half a minute, each."""
    start = time.process_time()
    for file, texts in LARGE.items():
        for text in texts:
            (tmp_path / file).write_text(text)
            read_answers(tmp_path)
        (tmp_path / file).unlink()
    assert time.process_time() - start < 5
