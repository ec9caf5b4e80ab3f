"""PyInstaller in a folder of its own: it works, and nothing of it gets into a program."""

import os
import subprocess
import sys
import venv
from collections.abc import Mapping
from pathlib import Path

import pytest
from freezer.pyinstaller import PYINSTALLER, install, pyinstaller

from tests.support.commands import run
from tests.support.rendering import Render
from tools.projects import read_versions

# What is there while a program is frozen. Only the first one is installed for the program.
NAMES = (
    *("packaging.version", "altgraph", "setuptools", "pkg_resources", "PyInstaller"),
    *("pip", "uv", "cyclonedx"),
)
PROGRAM = "".join(
    f"try:\n    import {name}\n    print('{name}')\nexcept ImportError:\n    pass\n"
    for name in NAMES
)


@pytest.fixture(scope="module")
def versions(render: Render) -> Mapping[str, str]:
    """The versions of a new project."""
    return read_versions(render() / "versions.env")


def test_a_program_gets_what_its_environment_has_and_nothing_of_the_tools(
    versions: Mapping[str, str], tmp_path: Path
) -> None:
    venv.create(tmp_path / "venv", with_pip=False)
    python = tmp_path / "venv/bin/python"
    run("uv", "pip", "install", "--python", python, "packaging==25.0")
    # A setting of the project holds for its dependencies, not for the tools.
    (tmp_path / "uv.toml").write_text('exclude-newer = "2024-01-01"\n')
    install(tmp_path / "tools", versions, "--python", python)
    encoding = "import locale\nprint(locale.nl_langinfo(locale.CODESET))"
    (tmp_path / "names.py").write_text(f"{PROGRAM}\n{encoding}\nexit()\n")
    # Modules beside the script, such as these, do not disturb PyInstaller.
    for name in ("PyInstaller", "altgraph"):
        (tmp_path / f"{name}.py").write_text("raise ImportError\n")
    for name in ("sitecustomize", "usercustomize"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(9)\n")
    options = ["--distpath", tmp_path / "dist", "--log-level", "WARN", "names.py"]
    pyinstaller([python, *PYINSTALLER], tmp_path / "tools", tmp_path, tmp_path / "work", *options)
    program = tmp_path / "dist/names/names"
    # In a container, no variable names a locale.
    bare = {key: text for key, text in os.environ.items() if not key.startswith(("LANG", "LC_"))}
    assert run(program, env=bare).split() == ["packaging.version", "UTF-8"]
    assert run(program, env={**bare, "LC_ALL": "C"}).split()[1:] != ["UTF-8"]
    # A hook of ours must not bring what few programs need.
    assert "pydoc" not in (tmp_path / "work/build/names/PYZ-00.toc").read_text()
    # The unfrozen program and the frozen one see the same.
    assert run(python, tmp_path / "names.py", env=bare) == run(program, env=bare)
    hooks = (
        "import importlib.metadata as m; print(*m.entry_points(group='pyinstaller40'))\n"
        "from PyInstaller.utils.hooks import is_module_satisfies\n"
        "print('asks', is_module_satisfies('PyInstaller >= 6.0'))"
    )
    environment = {"PYTHONPATH": str(tmp_path / "tools")}
    found = subprocess.run(
        [python, "-c", hooks], env=environment, capture_output=True, text=True, check=True
    )
    assert "_pyinstaller_hooks_contrib" in found.stdout
    assert "asks True" in found.stdout
    assert not (tmp_path / "names.spec").exists()


def test_all_that_pyinstaller_needs_is_pinned_on_every_system(
    versions: Mapping[str, str], tmp_path: Path
) -> None:
    """Else the same commit would freeze differently once one of them has a new release."""
    wanted = tmp_path / "wanted.txt"
    pair = (versions["PYINSTALLER_VERSION"], versions["PYINSTALLER_HOOKS_CONTRIB_VERSION"])
    wanted.write_text("pyinstaller=={}\npyinstaller-hooks-contrib=={}\n".format(*pair))
    options = ["--universal", "--no-annotate", "--no-header", "--python", sys.executable]
    output = run("uv", "pip", "compile", "--quiet", *options, wanted)
    needed = {line.partition("==")[0] for line in output.splitlines()}
    file = Path(sys.modules["freezer.pyinstaller"].__file__ or "").with_name("tools.txt")
    pinned = {line.partition("==")[0] for line in file.read_text().splitlines() if "==" in line}
    assert needed == pinned | {"pyinstaller", "pyinstaller-hooks-contrib"}


def test_a_version_that_versions_env_lacks_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"versions.env has no PYINSTALLER_VERSION: add a line"):
        install(tmp_path / "tools", {})
