"""Lets Python import PyInstaller from the folder of this file, and keeps the folder out of sys.path.

PyInstaller takes what gets into a program from the folders of sys.path. It starts more processes of
Python, which need PyInstaller too. So this file is the folder's sitecustomize.py, and PYTHONPATH names
the folder: https://docs.python.org/3/library/site.html#module-sitecustomize
"""

import os
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.metadata import Distribution, DistributionFinder, MetadataPathFinder
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).parent
# PyInstaller requires it and does not use it. Hooks ask for the one that is frozen.
HIDDEN = ("setuptools", "pkg_resources", "_distutils_hack")
# PyInstaller finds hooks through the first distribution, and the hooks ask for the version of the second:
# https://pyinstaller.org/en/stable/hooks.html#provide-hooks-with-package
HOOKS, PYINSTALLER = "pyinstaller-hooks-contrib", "pyinstaller"


class PyInstallerLoader(SourceFileLoader):
    """Loads PyInstaller, whose processes begin with this file even where the source has a sitecustomize.py."""

    def exec_module(self, module: ModuleType) -> None:
        """Put the folder before the source in their PYTHONPATH."""
        super().exec_module(module)
        parent = import_module(f"{module.__name__}.isolated._parent")
        environment = parent._subprocess_env

        def folder_first() -> dict[str, str]:
            variables: dict[str, str] = environment()
            path = os.pathsep.join([str(FOLDER), variables["PYTHONPATH"]])
            return {**variables, "PYTHONPATH": path}

        parent._subprocess_env = folder_first  # type: ignore[attr-defined]


class ToolsFinder(DistributionFinder):
    """Finds the modules in the folder, if the environment that is frozen does not have them."""

    def __init__(self) -> None:
        """Know the environment by its path. PyInstaller adds the source to it, and to PYTHONPATH."""
        added = {Path(entry) for entry in os.environ["PYTHONPATH"].split(os.pathsep)}
        self.path = [*(entry for entry in sys.path if Path(entry) not in added), str(FOLDER)]
        self.names = {entry.name.partition(".")[0] for entry in FOLDER.iterdir()} - {*HIDDEN}

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Find a module that is in no package."""
        if path is not None or name not in self.names:
            return None
        spec = PathFinder.find_spec(name, self.path, target)
        if spec and name == "PyInstaller" and isinstance(spec.loader, SourceFileLoader):
            spec.loader = PyInstallerLoader(name, spec.loader.path)
        return spec

    def find_distributions(self, context: DistributionFinder.Context | None = None) -> Iterable[Distribution]:
        """Find the distribution with the hooks, and PyInstaller by its name. The others are not for programs."""
        name = str(context.name if context and context.name else HOOKS).lower()
        if name not in (HOOKS, PYINSTALLER):
            return ()
        here = DistributionFinder.Context(name=name, path=[str(FOLDER)])
        return MetadataPathFinder.find_distributions(here)


if __name__ == "sitecustomize":
    sys.path[:] = [entry for entry in sys.path if Path(entry) != FOLDER]
    sys.meta_path.insert(0, ToolsFinder())
