"""The modules of the freezer: each kind has what its modules import, and no imports form a circle."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.support.rendering import Render
from tools.projects import KINDS


def imported(file: Path) -> Iterator[str]:
    """The modules of the package that a module imports."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module == "freezer":
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and str(node.module).startswith("freezer."):
            yield str(node.module).partition(".")[2]


@pytest.mark.parametrize("kind", KINDS)
def test_no_modules_import_each_other_in_a_circle(render: Render, kind: str) -> None:
    package = render(**KINDS[kind]) / "scripts/freezer"
    graph = {file.stem: {*imported(file)} for file in package.glob("*.py")}
    missing = {name: lost for name, others in graph.items() if (lost := others - graph.keys())}
    assert not missing, f"{kind} lacks what a module imports: {missing}"
    TopologicalSorter(graph).prepare()
