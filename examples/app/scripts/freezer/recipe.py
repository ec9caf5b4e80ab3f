"""What a spec gives to PyInstaller: how a command starts, and what PyInstaller does not find by itself.

A spec imports this, so it runs in the Python whose packages are frozen. The project is installed there.
So its commands, modules and files are those of its wheel, whichever build system made it.
"""

import argparse
import re
import shutil
import sys
import tomllib
from collections.abc import Mapping, Sequence
from importlib.metadata import Distribution, EntryPoint, PackageNotFoundError, distribution, distributions
from pathlib import Path
from typing import Any

from PyInstaller.config import CONF
from PyInstaller.utils.hooks import (
    collect_data_files,
    collect_submodules,
    copy_metadata,
    get_module_file_attribute,
    is_package,
)

from freezer.overlooked import (
    FUNCTION,
    VERSIONS,
    lists_itself,
    loads_files,
    module_files,
    named,
    needs,
    python_data,
    runs_files,
    shared_data,
    source,
    standard_library,
)

# A script is not imported, and a child needs the functions that it defines. So it runs in the child too,
# but under another name, as without PyInstaller:
# https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods
BEFORE = """\
import sys

__package__ = {package!r}
if "multiprocessing" in sys.modules and {{"--multiprocessing-fork", "-c"}} & set(sys.argv):
    __name__ = "__mp_main__"
"""
AFTER = """\
if __name__ == "__mp_main__":
    __file__ = __file__.replace("-after.py", "-start.py")  # multiprocessing asks whether it is loaded
    sys.modules["multiprocessing"].freeze_support()
"""

# The groups of entry points that are for build systems and test runners, not for a program's plugins.
TOOLS = re.compile(r"(console_scripts|gui_scripts|pytest11|pyinstaller40)$|(distutils|setuptools)\.")
TESTS = re.compile(r"\.tests?\.(.*\.)?(conftest|test_\w+|\w+_test)$")


class Recipe:
    """What a spec gives to PyInstaller.

    Attributes:
        scripts: what the program runs
        pathex: the folder of the modules, if the project is not installed
        datas: the project's files and metadata, and the metadata of plugins
        hiddenimports: the project's modules, plugins, and modules with computed names
        onefile: whether to make one file instead of a folder
        noarchive: whether modules are files
        windows: the version and the icon that Windows shows
    """

    def __init__(self, command: str, start: str = "") -> None:
        """Find out what a command starts and what it needs.

        Args:
            command: the name of the command
            start: `module:function`, a package with a `__main__.py`, or the path of a script. By
                default what the installed project starts under the command's name.

        Raises:
            SystemExit: it is unclear what the command starts. The text says what to do.
        """
        parser = argparse.ArgumentParser(f"{command}.spec")
        parser.add_argument("--onefile", action="store_true")
        parser.add_argument("--version-file")
        options = parser.parse_args()
        root, work = Path(CONF["specpath"]), Path(CONF["workpath"])
        self.onefile = bool(options.onefile)
        self.windows = {"version": options.version_file}
        if sys.platform == "win32" and (root / "icon.ico").exists():
            self.windows["icon"] = str(root / "icon.ico")

        project = installed(root)
        files = module_files(project) if project else [*root.glob("*.py")]
        code = source(files)
        # A folder starts faster when its modules are files, the one file when they are in an archive.
        self.noarchive = not self.onefile or lists_itself(code)
        start = start or find_start(command, programs(project) if project else scripts(root))
        self.scripts = [str(path) for path in write_start(command, root, start, work)]
        self.pathex = [] if project else [str(root)]
        self.datas: list[tuple[str, str]] = []
        self.hiddenimports = [*named(code, [*self.pathex, *sys.path])]
        self.hiddenimports += standard_library(sys.path) if runs_files(code) else []
        if project:
            sources = loads_files(files)
            self.datas += copy_metadata(project.name, recursive=bool(VERSIONS.search(code)))
            for name in packages(project):
                self.hiddenimports += submodules(name)
                if is_package(name):
                    top = Path(str(project.locate_file(name)))
                    data, imported = python_data(top, sys.path, sources)
                    self.datas += [*collect_data_files(name), *data]
                    self.hiddenimports += imported
        for package in distributions():
            entries = [one for one in package.entry_points if not TOOLS.match(one.group)]
            self.datas += copy_metadata(package.name) if entries else []
            self.datas += shared_data(package)
            self.hiddenimports += [entry.module for entry in entries]
            datas, modules = overlooked(package)
            self.datas += datas
            self.hiddenimports += modules

    def leave_out_inspect_hook(self, analysis: Any) -> None:
        """Leave out PyInstaller's hook for `inspect`, which makes every start slower.

        It finds the sources that are inside, for inspect.getsource. If there are none, it has no effect.
        """
        if any(name.endswith(".py") for name, *_ in analysis.datas):
            return
        analysis.scripts = [one for one in analysis.scripts if one[0] != "pyi_rth_inspect"]


def installed(root: Path) -> Distribution | None:
    """The project in a folder, if it is installed: one with `[tool.uv] package = false` is not."""
    file = root / "pyproject.toml"
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    try:
        return distribution(tomllib.loads(text)["project"]["name"])
    except (KeyError, PackageNotFoundError):
        return None


def commands(project: Distribution) -> Sequence[EntryPoint]:
    """The commands of a project that start a function, in a terminal or with windows."""
    groups = ("console_scripts", "gui_scripts")
    return [entry for entry in project.entry_points if entry.group in groups]


def packages(project: Distribution) -> Sequence[str]:
    """The packages and modules of a project. An editable installation names those of commands only."""
    found = {entry.module.partition(".")[0] for entry in commands(project)}
    for file in project.files or ():
        name = file.parts[0].partition(".")[0]
        if file.suffix in (".py", ".pyd", ".so") and name.isidentifier():
            found.add(name)
    return sorted(name for name in found if not name.startswith("__editable__"))


def programs(project: Distribution) -> Mapping[str, str]:
    """What each command of an installed project starts: a function, a script, or a package."""
    files = project.files or ()
    mains = [file.parts[0] for file in files if file.parts[1:] == ("__main__.py",)]
    tools = [file for file in files if file.parent.name in ("bin", "Scripts")]
    return {
        **{name: name for name in mains},
        **{tool.name: str(project.locate_file(tool)) for tool in tools},
        **{entry.name: entry.value.partition("[")[0].strip() for entry in commands(project)},
    }


def scripts(root: Path) -> Mapping[str, str]:
    """The scripts at the top of a project that is not installed."""
    others = ("conftest", "noxfile", "setup", "tasks")
    return {file.stem: file.name for file in root.glob("*.py") if file.stem not in others}


def find_start(command: str, found: Mapping[str, str]) -> str:
    """What a command starts, out of what a project has.

    Raises:
        SystemExit: there are several, or none.
    """
    for name in (command, command.replace("-", "_"), "main", "app"):
        if name in found:
            return found[name]
    # A package is often called like its command and more: ranger-fm, magic-wormhole.
    called = [found[part] for part in command.split("-") if part in found]
    functions = [start for start in found.values() if ":" in start]
    for choice in (called, functions, list(found.values())):
        if len(choice) == 1:
            return choice[0]
    nothing = "nothing that can be started, or `package = false` in [tool.uv] keeps it from being installed"
    there = f"one of: {', '.join(sorted(found))}" if found else nothing
    sys.exit(
        f"error: {command}.spec: it is unclear what the command starts. The project has {there}. Name the "
        f'function in [project.scripts], or in the spec: Recipe("{command}", "module:function")'
    )


def write_start(command: str, root: Path, start: str, work: Path) -> Sequence[Path]:
    """Write the scripts that start a command. No package can have such names, so they hide none."""
    script, before, after = (work / f"{command}-{name}.py" for name in ("start", "before", "after"))
    module, _, attr = start.partition(":")
    if attr:
        first = attr.partition(".")[0]
        script.write_text(FUNCTION.format(module=module, first=first, attr=attr), encoding="utf-8")
        return [script]
    file = root / start
    package = None
    if not file.is_file():
        package, file = start, Path(get_module_file_attribute(f"{start}.__main__"))
    before.write_text(BEFORE.format(package=package), encoding="utf-8")
    after.write_text(AFTER, encoding="utf-8")
    shutil.copyfile(file, script)
    return [before, script, after]


def submodules(name: str) -> Sequence[str]:
    """A package and all its modules, but for tests."""
    if not is_package(name):
        return [name]
    try:
        return [name, *collect_submodules(name, lambda module: not TESTS.search(module))]
    except (SystemExit, RuntimeError):  # it is imported for that, and may end then
        return [name]


def overlooked(package: Distribution) -> tuple[Sequence[tuple[str, str]], Sequence[str]]:
    """What PyInstaller does not see of an installed package: files, and modules that it looks for by name."""
    modules, all_modules, data = needs(package, sys.path)
    names = [name for name in packages(package) if is_package(name)]
    modules = [*modules, *(module for name in names if all_modules for module in submodules(name))]
    return [file for name in names if data for file in collect_data_files(name)], modules
