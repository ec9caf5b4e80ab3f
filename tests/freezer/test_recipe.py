"""What the recipe finds in modules that do more than define something when they are imported."""

from pathlib import Path

import pytest
from freezer.recipe import submodules

from tests.support.files import write


@pytest.mark.parametrize("name", ["program_one.py", "program_two/__init__.py"])
def test_a_module_that_ends_at_its_import_is_collected_alone(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {name: "raise SystemExit(2)\n"})
    monkeypatch.syspath_prepend(tmp_path)
    module = Path(name).parts[0].removesuffix(".py")
    assert submodules(module) == [module]
