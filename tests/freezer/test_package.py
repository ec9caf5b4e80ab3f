"""The modules of the freezer import one way, in the order in which docs/design.md lists them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.rendering import Render
from tools.projects import KINDS, ROOT

SELF = {"__init__", "__main__"}


def listed() -> list[str]:
    """The modules that docs/design.md lists, from the bottom to the top."""
    text = (ROOT / "docs/design.md").read_text()
    section = text.partition("\n## The modules of the freezer\n")[2].partition("\n## ")[0]
    return re.findall(r"(?m)^(\w+)  +\S", section)


def imported(file: Path) -> Iterator[str]:
    """The modules of the package that a module imports."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module == "freezer":
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and str(node.module).startswith("freezer."):
            yield str(node.module).partition(".")[2]


@pytest.mark.parametrize("kind", KINDS)
def test_each_module_is_listed_and_imports_only_from_those_above_it(
    render: Render, kind: str
) -> None:
    package = render(**KINDS[kind]) / "scripts/freezer"
    order = listed()
    files = {file.stem: file for file in package.glob("*.py") if file.stem not in SELF}
    assert set(files) <= set(order), "list the new module in docs/design.md"
    wrong = [
        (name, other)
        for name, file in files.items()
        for other in imported(file)
        if other not in order[: order.index(name)]
    ]
    assert wrong == []


def test_each_listed_module_is_in_the_template() -> None:
    modules = {file.stem for file in (ROOT / "template").rglob("scripts/freezer/*.py")}
    assert set(listed()) == modules - SELF
