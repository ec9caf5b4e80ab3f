"""The spec that the template brings, with the real PyInstaller: what starts, and what is inside."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from uv import find_uv_bin

from tests.support.commands import command, run
from tests.support.files import write
from tests.support.rendering import Render
from tools.projects import read_versions

PYPROJECT = """\
[build-system]
requires = ["uv_build>=0.13"]
build-backend = "uv_build"

[project]
name = "{name}"
version = "1.5"
{rest}
"""
# Named as its argument, a start method keeps its children at work until SIGTERM ends the program.
CHILDREN = """
import multiprocessing
import signal
import sys
import time

def run_children(function):
    for method in ("fork", "spawn", "forkserver"):
        with multiprocessing.get_context(method).Pool(2) as pool:
            numbers = [number.value for number in pool.map(function, [1, 2])]
            wait = sys.argv[1:] == [method]
            if wait:
                pool.map_async(time.sleep, [60, 60])
                # Later than the children, which a fork would give the handler too.
                signal.signal(signal.SIGTERM, lambda *_: sys.exit(4))
            print(method, numbers, flush=True)
            while wait:
                time.sleep(0.1)
"""
RAN = ["fork [2, 4]", "spawn [2, 4]", "forkserver [2, 4]"]
# Its distribution, package and command have three names, and PyInstaller sees almost nothing of it.
PACKAGE = {
    "pyproject.toml": PYPROJECT.format(
        name="my-tool-core",
        rest="""
dependencies = ["six==1.17.0"]
[project.scripts]
my-tool = "my_package:main"

[project.entry-points."my_tool.plugins"]
own = "my_package.plugins.own:NAME"
[tool.uv.build-backend]
module-name = "my_package"
data = { data = "beside" }
""",
    ),
    "src/my_package/data.txt": "data\n",
    "beside/share/my-tool/page.html": "page\n",
    "src/my_package/children.py": CHILDREN,
    "src/my_package/plugins/__init__.py": "",
    "src/my_package/plugins/own.py": "NAME = 'plugin'\n",
    "src/my_package/other.py": "NAME = 'other'\n",
    "src/my_package/templates/new/__init__.py": "NAME = 'template'\n",
    "src/my_package/rules/__init__.py": "",
    "src/my_package/rules/one.py": "NAME = 'rule'\n",
    "src/my_package/tests/__init__.py": "",
    "src/my_package/tests/test_it.py": "raise SystemExit('imported')\n",
    "src/my_package/__init__.py": """
import sys
from importlib import import_module, metadata, resources
from pathlib import Path
from pkgutil import resolve_name
from runpy import run_path
from types import SimpleNamespace

from my_package.children import run_children

NAMED = "six.ensure_str"

def double(number):
    return SimpleNamespace(value=2 * number)

def main():
    print(metadata.version("my-tool-core"), resources.files("my_package").joinpath("data.txt").read_text().strip())
    print(import_module("." + "other", "my_package").NAME)
    print(*(metadata.version(name) for name in ["six"]))
    print(resolve_name(NAMED).__name__)
    print(Path(sys.prefix, "share/my-tool/page.html").read_text().strip())
    print(resources.files("my_package").joinpath("templates/new/__init__.py").read_text().strip())
    print(*(run_path(file)["NAME"] for file in Path(__file__).parent.glob("rules/o*.py")))
    print(*(entry.load() for entry in metadata.entry_points(group="my_tool.plugins")))
    print(run_path(Path(sys.executable).with_name("of_the_user.py"))["NAME"])
    run_children(double)
    return 3
""",
}
MODULE = {
    "pyproject.toml": PYPROJECT.format(name="my-tool", rest=""),
    "src/my_tool/__init__.py": "",
    "src/my_tool/children.py": CHILDREN,
    "src/my_tool/found.py": "import os\nFOUND = os.listdir(os.path.dirname(__file__))\n",
    "src/my_tool/__main__.py": """
from .children import run_children
from .found import FOUND

class Number:
    def __init__(self, value):
        self.value = value

def double(number):
    return Number(2 * number)

if __name__ == "__main__":
    print(any(name.startswith("found.") for name in FOUND))
    run_children(double)
    raise SystemExit(3)
""",
}
# Nothing installs these. One is called like a part of the command.
SCRIPTS = {
    "beside.py": "NAME = 'tool'\ndef function(): ...\n",
    "tool.py": """\
import dbm
import inspect
from pkgutil import resolve_name
import beside
dbm.open("numbers", "n").close()
print(resolve_name("beside:NAME"), inspect.getsource(beside.function).strip())
""",
    "setup.py": "",
}


@pytest.fixture(scope="session")
def recipe(render: Render) -> Path:
    """A new app: its spec and its recipe."""
    return render()


@pytest.fixture(scope="session")
def tools(recipe: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """PyInstaller, in a folder of its own."""
    folder = tmp_path_factory.mktemp("tools")
    environment = {**os.environ, **read_versions(recipe / "versions.env")}
    program = (sys.executable, "-m", "freezer.pyinstaller", folder)
    run(*program, cwd=recipe / "scripts", env=environment)
    return folder


@pytest.fixture
def freeze(
    recipe: Path, tools: Path, tmp_path: Path
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Install a project and freeze it by the template's spec."""
    python = tmp_path / "environment/bin/python"
    run(find_uv_bin(), "venv", "--quiet", tmp_path / "environment", cwd=tmp_path)

    def freeze(
        files: Mapping[str, str], *options: str, change: tuple[str, str] = ("", "")
    ) -> subprocess.CompletedProcess[str]:
        project = tmp_path / "project"
        write(project, files)
        write(
            project,
            {
                path: (recipe / path).read_text()
                for path in (
                    "my-tool.spec",
                    "scripts/freezer/recipe.py",
                    "scripts/freezer/overlooked.py",
                )
            },
        )
        spec = project / "my-tool.spec"
        spec.write_text(spec.read_text().replace(*change))
        if "pyproject.toml" in files:
            pip = (find_uv_bin(), "pip", "install", "--quiet", "--python", python)
            run(*pip, project, cwd=tmp_path)
        made = ("--distpath", tmp_path / "dist", "--workpath", tmp_path / "build")
        return command(
            *(python, "-P", "-m", "PyInstaller", "--noconfirm", "--log-level=ERROR"),
            *made,
            spec,
            "--",
            *options,
            cwd=project,
            PYTHONPATH=str(tools),
        )

    return freeze


def start(program: Path) -> subprocess.CompletedProcess[str]:
    """Start what was frozen."""
    return subprocess.run(
        [program], cwd=program.parent, capture_output=True, text=True, check=False, timeout=60
    )


def assert_sigterm_ends_its_children(program: Path) -> None:
    """Stop a program while children are at work that each start method has started."""
    for method in ("fork", "spawn", "forkserver"):
        command = [program, method]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
            assert running.stdout
            for line in running.stdout:
                if line.startswith(f"{method} "):
                    break
            running.terminate()
            # Output ends when the last process has ended that can write it.
            said, _ = running.communicate(timeout=30)

        assert (running.returncode, said) == (4, "")


def has_inspect_hook(folder: Path) -> bool:
    """Whether the program has PyInstaller's hook for `inspect`, which makes every start slower."""
    return "pyi_rth_inspect" in (folder / "build/my-tool/EXE-00.toc").read_text()


Freeze = Callable[..., subprocess.CompletedProcess[str]]


def test_a_function_starts_with_everything_of_its_package(freeze: Freeze, tmp_path: Path) -> None:
    frozen = freeze(PACKAGE)
    assert frozen.returncode == 0, frozen.stderr
    program = tmp_path / "dist/my-tool/my-tool"
    program.with_name("of_the_user.py").write_text(
        "import email.mime.text, sqlite3, unicodedata\nNAME = 'file of the user'\n"
    )
    result = start(program)
    assert result.returncode == 3, result.stderr
    assert result.stdout.splitlines() == [
        "1.5 data",
        "other",
        "1.17.0",
        "ensure_str",
        "page",
        "NAME = 'template'",
        "rule",
        "plugin",
        "file of the user",
        *RAN,
    ]
    inside = {path.name for path in (tmp_path / "dist").rglob("my_package/**/*")}
    assert "other.pyc" in inside
    assert "test_it.pyc" not in inside
    assert_sigterm_ends_its_children(program)


def test_a_package_starts_as_by_python_m_and_its_functions_run_in_children(
    freeze: Freeze, tmp_path: Path
) -> None:
    """As one file, which starts itself a second time before the program runs."""
    frozen = freeze(MODULE, "--onefile")
    assert frozen.returncode == 0, frozen.stderr
    assert not has_inspect_hook(tmp_path)
    program = tmp_path / "dist/my-tool-onefile"
    result = start(program)
    assert (result.returncode, result.stdout.splitlines()) == (3, ["True", *RAN]), result.stderr
    assert_sigterm_ends_its_children(program)


def test_an_unclear_start_is_refused_with_what_to_write(freeze: Freeze) -> None:
    result = freeze({"beside.py": "", "other.py": "", "setup.py": ""})
    assert result.returncode != 0
    assert (
        "it is unclear what the command starts. The project has one of: beside, other."
        in result.stderr
    )
    assert 'Recipe("my-tool", "module:function")' in result.stderr


def test_scripts_start_without_being_installed_and_find_the_sources_that_are_inside(
    freeze: Freeze, tmp_path: Path
) -> None:
    """A spec or a hook asks for sources, and then the hook for `inspect` stays."""
    mode = ("noarchive=", 'module_collection_mode={"beside": "pyz+py"}, noarchive=')
    result = freeze(SCRIPTS, change=mode)
    assert result.returncode == 0, result.stderr
    assert has_inspect_hook(tmp_path)
    assert start(tmp_path / "dist/my-tool/my-tool").stdout == "tool def function(): ...\n"
