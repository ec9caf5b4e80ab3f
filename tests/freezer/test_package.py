"""The modules of the freezer import one way, in the order in which the package lists them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.rendering import Render
from tools.projects import KINDS

SELF = {"__init__", "__main__"}


def listed(package: Path) -> list[str]:
    """The modules that the package's docstring lists, from the bottom to the top."""
    text = ast.get_docstring(ast.parse((package / "__init__.py").read_text())) or ""
    return re.findall(r"(?m)^(\w+)  +\S", text)


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
    order = listed(package)
    files = {file.stem: file for file in package.glob("*.py") if file.stem not in SELF}
    assert set(files) <= set(order)
    wrong = [
        (name, other)
        for name, file in files.items()
        for other in imported(file)
        if other not in order[: order.index(name)]
    ]
    assert wrong == []
