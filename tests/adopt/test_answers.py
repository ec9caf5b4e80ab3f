"""The command in the documents reads answers from what is there."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.adopt.repositories import LAYOUTS
from tests.support.commands import command
from tests.support.documents import section
from tests.support.git import git
from tests.support.ownership import answers
from tools.projects import ROOT

PYPROJECT = """\
[project]
name = "my-tool"
description = "Says \\"it's\\" fine."
authors = [{ name = "Zoë O'Neil", email = "zoe@example.org" }]
"""


@pytest.fixture
def commands() -> list[str]:
    """The commands of the documents, a line each."""
    (block,) = re.findall(
        r"(?s)```sh\n(.*?)```", section(ROOT / "docs/adopting.md", "Answer from what is there")
    )
    return str(block).splitlines()


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/acme-org/tool-box.git",
        "https://github.com/acme-org/tool-box",
        "git@github.com:acme-org/tool-box.git",
        "ssh://git@github.com/acme-org/tool-box.git",
    ],
)
def test_the_documents_commands_answer_from_what_is_there(
    repository: Callable[[Mapping[str, str]], Path],
    template: Path,
    commands: list[str],
    url: str,
) -> None:
    folder = repository({**LAYOUTS["flat"], "pyproject.toml": PYPROJECT})
    git(folder, "remote", "add", "origin", url)
    read, adopt = commands
    assert command("bash", "-euc", read, cwd=folder).returncode == 0
    wanted = {
        "project_name": "my-tool",
        "description": 'Says "it\'s" fine.',
        "github_owner": "acme-org",
        "repository_name": "tool-box",
        "author_name": "Zoë O'Neil",
    }
    assert json.loads((folder.parent / "answers.json").read_text()) == wanted

    address = re.findall(r"https://\S+", adopt)[0]
    done = command(
        "bash", "-euc", adopt.replace("uvx ", "").replace(address, str(template)), cwd=folder
    )
    assert done.returncode == 0, done.stderr
    assert wanted.items() <= answers(folder).items()


def test_a_project_that_says_less_gets_what_can_stand_in_for_it(
    repository: Callable[[Mapping[str, str]], Path], commands: list[str]
) -> None:
    folder = repository({"pyproject.toml": '[project]\nname = "tool"\n'})
    git(folder, "remote", "add", "origin", "https://github.com/acme-org/tool-box.git")
    assert command("bash", "-euc", commands[0], cwd=folder).returncode == 0
    found = json.loads((folder.parent / "answers.json").read_text())
    assert (found["description"], found["author_name"]) == ("tool-box", "acme-org")
