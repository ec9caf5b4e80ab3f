"""The spec that the template brings, with the real PyInstaller: what starts, and what is inside."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from uv import find_uv_bin

from tests.support.commands import command, run
from tests.support.files import write
from tests.support.rendering import Render
from tests.support.samples import sample
from tools.projects import read_versions

RAN = ["fork [2, 4]", "spawn [2, 4]", "forkserver [2, 4]"]
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
def project(tmp_path: Path) -> Path:
    """The folder of the project that a test freezes."""
    return tmp_path / "project"


@pytest.fixture
def freeze(
    recipe: Path, tools: Path, project: Path, tmp_path: Path
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Install the project and freeze it by the template's spec."""
    python = tmp_path / "environment/bin/python"
    run(find_uv_bin(), "venv", "--quiet", tmp_path / "environment", cwd=tmp_path)

    def freeze(
        *options: str, change: tuple[str, str] = ("", "")
    ) -> subprocess.CompletedProcess[str]:
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
        if (project / "pyproject.toml").exists():
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


def test_a_function_starts_with_everything_of_its_package(
    freeze: Freeze, project: Path, tmp_path: Path
) -> None:
    sample("three_names", project)
    sample("children", project / "src/my_package")
    # Not a file of the sample, because pytest would collect it.
    tests = {"__init__.py": "", "test_it.py": "raise SystemExit('imported')\n"}
    write(project / "src/my_package/tests", tests)
    frozen = freeze()
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
    freeze: Freeze, project: Path, tmp_path: Path
) -> None:
    """As one file, which starts itself a second time before the program runs."""
    sample("start_module", project)
    sample("children", project / "src/my_tool")
    frozen = freeze("--onefile")
    assert frozen.returncode == 0, frozen.stderr
    assert not has_inspect_hook(tmp_path)
    program = tmp_path / "dist/my-tool-onefile"
    result = start(program)
    assert (result.returncode, result.stdout.splitlines()) == (3, ["True", *RAN]), result.stderr
    assert_sigterm_ends_its_children(program)


def test_an_unclear_start_is_refused_with_what_to_write(freeze: Freeze, project: Path) -> None:
    write(project, {"beside.py": "", "other.py": "", "setup.py": ""})
    result = freeze()
    assert result.returncode != 0
    assert (
        "it is unclear what the command starts. The project has one of: beside, other."
        in result.stderr
    )
    assert 'Recipe("my-tool", "module:function")' in result.stderr


def test_scripts_start_without_being_installed_and_find_the_sources_that_are_inside(
    freeze: Freeze, project: Path, tmp_path: Path
) -> None:
    """A spec or a hook asks for sources, and then the hook for `inspect` stays."""
    mode = ("noarchive=", 'module_collection_mode={"beside": "pyz+py"}, noarchive=')
    write(project, SCRIPTS)
    result = freeze(change=mode)
    assert result.returncode == 0, result.stderr
    assert has_inspect_hook(tmp_path)
    assert start(tmp_path / "dist/my-tool/my-tool").stdout == "tool def function(): ...\n"
