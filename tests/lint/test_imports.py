"""The modules of this repository: imports point one way, and each module is short."""

import ast
from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tools.projects import ROOT

# From the bottom to the top. A module imports from its own layer and from those before it.
LAYERS = ["scripts", "tools", "tests.support", "tests"]
LONGEST = 250


def module(file: Path) -> str:
    """The name that a file is imported by."""
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def layer(name: str) -> int:
    """The number of a module's layer."""
    return max(
        number for number, prefix in enumerate(LAYERS) if f"{name}.".startswith(f"{prefix}.")
    )


def imported(text: str, names: Sequence[str]) -> set[str]:
    """Which modules of these names a text of Python imports."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            found |= {str(node.module)} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found & set(names)


def upward(graph: Mapping[str, set[str]]) -> Sequence[tuple[str, str]]:
    """The imports that point to a higher layer."""
    return [
        (name, other)
        for name, others in graph.items()
        for other in others
        if layer(other) > layer(name)
    ]


@pytest.fixture(scope="module")
def graph() -> Mapping[str, set[str]]:
    """What each module imports of the others."""
    files = [
        file
        for top in ("scripts", "tools", "tests")
        for file in sorted((ROOT / top).rglob("*.py"))
        if not file.is_relative_to(
            ROOT / "tests/samples"
        )  # programs, which import their own modules
    ]
    names = [module(file) for file in files]
    return {module(file): imported(file.read_text(), names) for file in files}


def test_no_module_imports_from_a_higher_layer(graph: Mapping[str, set[str]]) -> None:
    assert "tools.projects" in graph["tests.support.git"]
    assert upward(graph) == []


def test_no_modules_import_each_other_in_a_circle(graph: Mapping[str, set[str]]) -> None:
    TopologicalSorter(graph).prepare()


def test_nothing_imports_from_a_conftest(graph: Mapping[str, set[str]]) -> None:
    assert {name for names in graph.values() for name in names if "conftest" in name} == set()


def test_an_import_upward_and_a_circle_are_found() -> None:
    text = (
        "import tests.support.git\nfrom tools import projects\nfrom scripts.release import ROOT\n"
    )
    names = ["tests.support.git", "tools.projects", "scripts.release", "scripts.changelog"]
    wrong = {"tools.projects": imported(text, names)}
    assert wrong["tools.projects"] == set(names[:3])
    assert upward(wrong) == [("tools.projects", "tests.support.git")]
    with pytest.raises(CycleError):
        TopologicalSorter(wrong).prepare()


def test_every_module_of_scripts_and_tools_can_be_read_in_one_sitting() -> None:
    files = [file for top in ("scripts", "tools") for file in (ROOT / top).rglob("*.py")]
    lengths = {module(file): len(file.read_text().splitlines()) for file in files}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}
