"""Scripts of the template, imported, where running them as commands would take too long."""

import importlib.util
from pathlib import Path
from types import ModuleType


def load(script: Path) -> ModuleType:
    """Import a script by its path."""
    spec = importlib.util.spec_from_file_location(script.stem.replace("-", "_"), script)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
