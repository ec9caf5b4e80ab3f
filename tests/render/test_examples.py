"""The examples are what the template makes now."""

from pathlib import Path

import yaml

from tests.support.files import tree
from tools.examples import EXAMPLES, FOLDERS, TAG, URL, render

ADVICE = "The examples are not what the template makes: run `make examples`, and commit."


def test_the_examples_are_current(tmp_path: Path) -> None:
    render(tmp_path)
    wanted, found = tree(tmp_path), tree(EXAMPLES)
    differing = sorted(
        path for path in wanted.keys() | found.keys() if wanted.get(path) != found.get(path)
    )
    assert differing == [], ADVICE


def test_the_examples_name_no_machine() -> None:
    for folder in FOLDERS.values():
        answers = yaml.safe_load((EXAMPLES / folder / ".copier-answers.yml").read_text())
        assert (answers["_src_path"], answers["_commit"]) == (URL, TAG)
