"""The scripts that build the programs to download, imported as they import each other."""

import importlib
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

from tools.projects import ROOT

SCRIPTS = ROOT / "template/[[only_app]]/scripts/freezer"
NAMES = ("archive", "properties", "systems", "downloads")


@pytest.fixture(scope="module")
def scripts() -> Iterator[dict[str, ModuleType]]:
    """The modules by their names."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(SCRIPTS)
        yield {name: importlib.import_module(name) for name in NAMES}
    for name in NAMES:
        sys.modules.pop(name)
