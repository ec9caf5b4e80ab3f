"""What a lock and a project say to install, installed by the real uv for both targets."""

import os
import shutil
from collections.abc import Callable, Sequence
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pytest
from freezer import dependencies, project
from freezer import source as source_of
from freezer.commands import commands
from freezer.target import Target
from uv import find_uv_bin

from tests.freezer.asking import ask
from tests.freezer.test_windows_target import target as windows
from tests.support.commands import run

OLD = "1.15.0"  # the oldest version that fits: nothing but a lock brings it
POETRY_LOCK = f"""\
[[package]]
name = "six"
version = "{OLD}"
"""
PYPROJECT = f"""\
[project]
name = "sample"
version = "1.2.3"
requires-python = ">=3.11"
dependencies = ["six>={OLD}"]
[project.optional-dependencies]
more = ["idna>=3.10"]
[dependency-groups]
some = ["packaging>=25.0"]
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
# Beside each project, so that none needs an index: it makes a wheel with the project's metadata.
BACKEND = """\
import tomllib, zipfile
from pathlib import Path
def build_wheel(folder, *_):
    found = tomllib.loads(Path("pyproject.toml").read_text())["project"]
    name = f"{found['name']}-{found['version']}"
    info = f"{name}.dist-info"
    metadata = f"Metadata-Version: 2.1\\nName: {found['name']}\\nVersion: {found['version']}\\n"
    for line in found.get("dependencies", []):
        metadata += f"Requires-Dist: {line}\\n"
    for extra, lines in found.get("optional-dependencies", {}).items():
        metadata += f"Provides-Extra: {extra}\\n"
        for line in lines:
            metadata += f"Requires-Dist: {line}; extra == '{extra}'\\n"
    files = {
        f"{found['name']}/__init__.py": "",
        f"{info}/METADATA": metadata,
        f"{info}/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{file},,\\n" for file in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(Path(folder, f"{name}-py3-none-any.whl"), "w") as wheel:
        for file, text in files.items():
            wheel.writestr(file, text)
    return f"{name}-py3-none-any.whl"
build_editable = build_wheel
"""

Install = Callable[..., dict[str, str]]


@pytest.fixture(params=["linux", "windows"])
def install(
    request: pytest.FixtureRequest, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Install:
    """Install what the project in the folder needs: the versions of all that is then installed."""
    monkeypatch.setenv("PATH", f"{Path(find_uv_bin()).parent}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHON_VERSION", "3.13")
    python = tmp_path / "python"
    python.mkdir()
    monkeypatch.setattr(windows, "PYTHON", python)

    def install(**environment: str) -> dict[str, str]:
        asked = ask(**environment)
        work = tmp_path / "work"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        target: Any = Target if request.param == "linux" else windows.Target
        made = target(work, asked)
        folder = source_of.project(source, asked)
        built = project.build(source, folder, work, asked)
        dependencies.install(source, work, asked, built, None, made.pip_install)
        found = distributions(path=made.installed)
        return {distribution.name: distribution.version for distribution in found}

    return install


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A project that needs six."""
    return write_project(tmp_path / "source", PYPROJECT)


def write_project(folder: Path, pyproject: str) -> Path:
    """Write a project with its build backend."""
    folder.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(pyproject)
    (folder / "backend.py").write_text(BACKEND)
    return folder


def lock(folder: Path) -> None:
    """Lock the oldest versions."""
    run("uv", "lock", "--quiet", "--resolution=lowest-direct", cwd=folder)


def export(folder: Path, name: str) -> None:
    """Write what uv.lock lists in another format, and remove uv.lock."""
    lock(folder)
    form = name if name == "pylock.toml" else "requirements.txt"
    options: Sequence[str] = ["--quiet", "--frozen", "--no-emit-project", f"--format={form}"]
    run("uv", "export", *options, f"--output-file={name}", cwd=folder)
    (folder / "uv.lock").unlink()


def test_the_lock_of_uv_fixes_the_versions_and_has_extras_and_groups(
    install: Install, source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock(source)
    found = install(EXTRAS="more", GROUPS="some")
    assert found["six"] == OLD
    assert {"sample", "idna", "packaging"} <= found.keys()
    assert "The dependencies are those of uv.lock.\n" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["pylock.toml", "requirements.txt"])
def test_an_exported_lock_fixes_the_versions(install: Install, source: Path, name: str) -> None:
    export(source, name)
    assert install()["six"] == OLD


def test_the_lock_of_poetry_fixes_the_versions(install: Install, source: Path) -> None:
    (source / "poetry.lock").write_text(POETRY_LOCK)
    assert install()["six"] == OLD


def test_without_a_lock_the_versions_are_the_newest(
    install: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    assert install()["six"] != OLD
    assert "There is no lock: " in capsys.readouterr().out


def test_a_lock_that_lacks_a_dependency_is_refused(install: Install, source: Path) -> None:
    lock(source)
    file = source / "pyproject.toml"
    file.write_text(file.read_text().replace('"six>=1.15.0"', '"six", "idna"'))
    with pytest.raises(
        SystemExit, match=r"uv[.]lock does not list everything that the project needs"
    ):
        install()


def test_a_requirement_with_a_wrong_hash_is_refused(
    install: Install, source: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (source / "requirements.txt").write_text(f"six=={OLD} --hash=sha256:{'0' * 64}\n")
    with pytest.raises(SystemExit, match=r"what requirements.txt lists cannot be installed"):
        install()
    assert "Hash mismatch" in capfd.readouterr().err


LIBRARY = """\
[project]
name = "six"
version = "0.1"
requires-python = ">=3.11"
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
# Each says that `six` is not the one of the public index.
SOURCES = {
    "a path": '[tool.uv.sources]\nsix = { path = "libs/six" }\n',
    "a workspace": (
        '[tool.uv.sources]\nsix = { workspace = true }\n[tool.uv.workspace]\nmembers = ["libs/*"]\n'
    ),
    "an index": (
        '[tool.uv.sources]\nsix = { index = "ours" }\n'
        '[[tool.uv.index]]\nname = "ours"\nurl = "index"\nformat = "flat"\nexplicit = true\n'
    ),
    "an override": '[tool.uv]\noverride-dependencies = ["six @ file:///INDEX/six-0.1-py3-none-any.whl"]\n',
}


@pytest.mark.parametrize("locked", [False, True], ids=["without a lock", "with a lock"])
@pytest.mark.parametrize("place", SOURCES)
def test_a_package_comes_from_where_the_project_says(
    install: Install, tmp_path: Path, source: Path, place: str, locked: bool
) -> None:
    library = write_project(source / "libs/six", LIBRARY)
    index = source / "index"
    index.mkdir()
    run("uv", "build", "--quiet", "--wheel", f"--out-dir={index}", library)
    text = PYPROJECT.replace(f"six>={OLD}", "six") + SOURCES[place]
    text = text.replace("/INDEX", str(index))
    (source / "pyproject.toml").write_text(text)
    if locked:
        run("uv", "lock", "--quiet", cwd=source)
    assert install()["six"] == "0.1"


def test_a_member_of_a_workspace_is_frozen_with_the_members_that_it_needs(
    install: Install, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    sources = "[project.scripts]\nx = 'sample:x'\n[tool.uv.sources]\nsix = { workspace = true }\n"
    write_project(source / "apps/sample", PYPROJECT.replace(f"six>={OLD}", "six") + sources)
    write_project(source / "libs/six", LIBRARY)
    for file in source.glob("*.py"):
        file.unlink()
    root = '[tool.uv.workspace]\nmembers = ["apps/*", "libs/*"]\n'
    (source / "pyproject.toml").write_text(root)
    assert install() == {"sample": "1.2.3", "six": "0.1"}


def test_a_source_distribution_in_python_alone_is_built_for_windows_too(
    install: Install, source: Path
) -> None:
    file = source / "pyproject.toml"
    file.write_text(file.read_text().replace(f"six>={OLD}", "docopt==0.6.2"))  # it has no wheel
    assert install()["docopt"] == "0.6.2"


POETRY = """\
[tool.poetry]
name = "sample"
version = "1.2.3"
description = ""
authors = []
[tool.poetry.scripts]
sample = "sample.cli:main"
[build-system]
requires = ["poetry-core==2.2.1"]
build-backend = "poetry.core.masonry.api"
"""
FLIT = """\
[project]
name = "sample"
version = "1.2.3"
description = "A sample"
[project.scripts]
sample = "sample.cli:main"
[build-system]
requires = ["flit_core==3.12.0"]
build-backend = "flit_core.buildapi"
"""
SETUP_PY = "from setuptools import setup\nsetup(name='sample', version='1.2.3', "
SETUP_PY += "packages=['sample'], entry_points={'console_scripts': ['sample = sample.cli:main']})\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [("setup.py", SETUP_PY), ("pyproject.toml", POETRY), ("pyproject.toml", FLIT)],
    ids=["setup.py", "poetry", "flit"],
)
def test_the_commands_are_known_whichever_tool_builds_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    monkeypatch.setenv("PATH", f"{Path(find_uv_bin()).parent}:{os.environ['PATH']}")
    folder = tmp_path / "source"
    (folder / "sample").mkdir(parents=True)
    (folder / "sample/__init__.py").touch()
    (folder / name).write_text(text)
    built = project.build(folder, folder, tmp_path / "work", ask())
    assert [command.name for command in commands(built.distribution, ask())] == ["sample"]


def test_a_requirement_that_does_not_exist_is_named(
    install: Install, source: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = source / "pyproject.toml"
    file.write_text(file.read_text().replace(f"six>={OLD}", "no-such-package-of-ours==99"))
    with pytest.raises(SystemExit, match="the dependencies cannot be installed"):
        install()
    assert "no-such-package-of-ours" in capfd.readouterr().err
