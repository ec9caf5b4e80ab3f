"""What is left to do by hand after an adoption, by the files of a repository."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from scripts.propagate.remaining import list_remaining
from tests.support.files import write

# Nothing is left to do here.
DONE = {
    "pyproject.toml": '[project]\nname = "My_Tool"\nscripts = {my-tool = "my_tool:main"}\n'
    '[dependency-groups]\ndev = ["pytest", "ruff"]\n',
    "my-tool.spec": 'Analysis(\n    ["my_tool/__main__.py"],\n)\nEXE(name="my-tool-onefile")\n',
    "my_tool/__main__.py": 'parser.add_argument("--version")\n',
    "tests/unit/test_all.py": "def test_all(): ...\n",
    ".gitignore": "dist/\n",
}


def left(folder: Path, kind: str = "app", **files: str) -> list[str]:
    """What is left to do where these files differ, given by their paths; an empty one is missing."""
    write(folder, {path: text for path, text in {**DONE, **files}.items() if text})
    return list_remaining(folder, kind, "my-tool", "my_tool", added=[])


def test_nothing_is_left_where_all_fits(tmp_path: Path) -> None:
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    ("files", "begins"),
    [
        ({".gitignore": ""}, ["Write .gitignore"]),
        ({"pyproject.toml": ""}, ["Write pyproject.toml."]),
        ({"pyproject.toml": "[tool.poetry]\n"}, ["Add `[project]` to pyproject.toml."]),
        (
            {"pyproject.toml": '[project]\nname = "other"\nscripts = {other = "a:b"}\n'},
            [
                "Name the project `my-tool` in pyproject.toml, which says `other`",
                "Add the command `my-tool` to `[project.scripts]` in pyproject.toml, which has `other`.",
                "Add pytest and ruff to the dependencies for development",
            ],
        ),
        ({"my-tool.spec": ""}, ["Write `my-tool.spec`"]),
        ({"my-tool.spec": "", "a.spec": "#\n"}, ["Rename `a.spec` to `my-tool.spec`"]),
        (
            {"my_tool/__main__.py": "", "cli.py": "--version"},
            ["Write `my_tool/__main__.py`, which calls your program."],
        ),
        (
            {"my-tool.spec": 'collect_data_files("my_tool")', "my_tool/__main__.py": ""},
            [
                "Name your package in `my-tool.spec`",
                "Let `my-tool.spec` make dist/my-tool-onefile",
                "Let `my-tool --version` print something",
            ],
        ),
        (
            {"my_tool/__main__.py": "main()\n", "tests/unit/test_all.py": "--version"},
            ["Let `my-tool --version` print something"],
        ),
        ({"tests/unit/test_all.py": ""}, ["Write a test."]),
    ],
)
def test_what_is_left_is_named(tmp_path: Path, files: Mapping[str, str], begins: list[str]) -> None:
    found = left(tmp_path, **files)
    assert len(found) == len(begins), found
    for sentence, beginning in zip(found, begins, strict=True):
        assert sentence.startswith(beginning)


def test_a_spec_that_is_new_is_to_be_checked(tmp_path: Path) -> None:
    left(tmp_path)
    assert list_remaining(tmp_path, "app", "my-tool", "my_tool", ["my-tool.spec"]) == [
        "Check `my-tool.spec`. It is new, and freezes `my_tool/__main__.py`."
    ]


def test_a_builder_needs_no_program_of_its_own(tmp_path: Path) -> None:
    assert left(tmp_path, "builder", **{"pyproject.toml": "", "my-tool.spec": ""}) == [
        "Describe in the README how to run the image on a program."
    ]
