"""What the recipe finds in modules, and what it leaves out."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from freezer.recipe import Recipe, submodules

from tests.support.files import write


@pytest.mark.parametrize("name", ["program_one.py", "program_two/__init__.py"])
def test_a_module_that_ends_at_its_import_is_collected_alone(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {name: "raise SystemExit(2)\n"})
    monkeypatch.syspath_prepend(tmp_path)
    module = Path(name).parts[0].removesuffix(".py")
    assert submodules(module) == [module]


@pytest.mark.parametrize(("file", "stays"), [("my_tool/cli.py", True), ("data.txt", False)])
def test_the_hook_for_inspect_stays_where_a_source_is_among_the_data(
    file: str, stays: bool
) -> None:
    """tests/adopt/test_recipe.py shows with PyInstaller what the hook changes."""
    hook = ("pyi_rth_inspect", "/hooks/pyi_rth_inspect.py", "PYSOURCE")
    analysis = SimpleNamespace(datas=[(file, f"/{file}", "DATA")], scripts=[hook])
    Recipe.leave_out_inspect_hook(Recipe.__new__(Recipe), analysis)
    assert analysis.scripts == ([hook] if stays else [])
