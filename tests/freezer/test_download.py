"""Freezing an app: what it names, what it makes, and what it refuses.

All of it runs here, with the Python that runs the tests. Of those in tests/image, test_demo.py makes whole
downloads here, test_app_inside.py in the containers that an owner uses, and test_app_for_windows.py for Windows.
For macOS nothing here can freeze: only the names and the arguments are tested.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from freezer import download, environment, program
from freezer.contents import glibc
from freezer.download import resource
from freezer.systems import python_for, system
from uv import find_uv_bin

from tests.support.commands import run
from tests.support.files import write
from tests.support.rendering import Render

Freeze = Callable[..., subprocess.CompletedProcess[str]]

LOCK = "uv.lock is missing, stale or damaged: run `uv lock`, and commit uv.lock"
PYTHON = "PYTHON_VERSION in versions.env must fit requires-python in\n"


@pytest.fixture(scope="module")
def rendered(render: Render) -> Path:
    """A project for the Python that runs the tests, with its lock."""
    project = render(python_version="3.11", project_name="My Tool")
    run(find_uv_bin(), "lock", "--python", sys.executable, cwd=project)
    return project


@pytest.fixture
def project(rendered: Path, tmp_path: Path) -> Path:
    """A copy of it to change."""
    return Path(shutil.copytree(rendered, tmp_path / "project"))


@pytest.fixture
def freeze(project: Path) -> Freeze:
    """Run the script as its owner does."""

    def freeze(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [find_uv_bin(), "run", "--no-project", "scripts/freeze.py", *arguments],
            cwd=project,
            env={**os.environ, "UV_PYTHON": sys.executable},
            capture_output=True,
            text=True,
            check=False,
        )

    return freeze


def replace(file: Path, old: str, new: str) -> None:
    """Replace a text that is in a file."""
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


@pytest.mark.parametrize(
    ("platform", "name"),
    [
        ("linux-x86_64", "linux-amd64"),
        ("linux-aarch64", "linux-arm64"),
        ("win-amd64", "windows-amd64"),
        ("win-arm64", "windows-arm64"),
        ("macosx-11.0-arm64", "darwin-arm64"),
        ("macosx-10.15-x86_64", "darwin-amd64"),
    ],
)
def test_a_system_is_named_as_it_is_chosen(platform: str, name: str) -> None:
    assert system(platform) == name


@pytest.mark.parametrize(
    "name",
    [f"{kind}-{arch}" for kind in ("linux", "windows", "darwin") for arch in ("amd64", "arm64")],
)
@pytest.mark.parametrize("version", ["3.15.0", "3.14.6", "3.11.15"])
def test_uv_has_a_python_for_every_system_that_can_be_chosen(name: str, version: str) -> None:
    """The real uv says what it would download; it asks nobody."""
    wanted = python_for(name, version)
    options = ["--only-downloads", "--all-platforms", "--all-arches", "--offline"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("UV_")}
    output = run(find_uv_bin(), "python", "list", *options, wanted, env=environment)
    minor = version.rpartition(".")[0]
    kind, arch = wanted.replace("darwin", "macos").split("-")[-2:]
    assert re.match(rf"cpython-{re.escape(minor)}\.\d+-{kind}-{arch}-", output), output


@pytest.mark.parametrize("platform", ["macosx-10.9-universal2", "linux-riscv64", "win32"])
def test_another_system_is_refused(platform: str) -> None:
    with pytest.raises(SystemExit, match=f"there are no programs for {platform}"):
        system(platform)


def test_a_project_whose_build_deletes_the_folder_build_is_installed(
    project: Path, freeze: Freeze
) -> None:
    file = project / "pyproject.toml"
    builds = 'requires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
    file.write_text(re.sub(r"requires = .*\nbuild-backend = .*\n", builds, file.read_text()))
    (project / "setup.py").write_text(
        "import setuptools, shutil\nshutil.rmtree('build', ignore_errors=True)\nsetuptools.setup()\n"
    )
    run(find_uv_bin(), "lock", "--python", sys.executable, cwd=project)
    result = freeze("project")
    assert result.returncode == 0, result.stderr


def test_the_extras_in_versions_env_are_installed_and_no_group(
    project: Path, freeze: Freeze
) -> None:
    file = project / "pyproject.toml"
    extras = '[project.optional-dependencies]\na = ["six"]\nb-c = ["toml"]\nd = ["attrs"]\n'
    replace(file, "[dependency-groups]\n", f'{extras}[dependency-groups]\ndocs = ["idna"]\n')
    replace(file, "[tool.uv]\n", '[tool.uv]\ndefault-groups = ["dev", "docs"]\n')
    with (project / "versions.env").open("a") as versions:
        versions.write("EXTRAS=a,B_C\n")
    run(find_uv_bin(), "lock", "--python", sys.executable, cwd=project)
    result = freeze("project")
    assert result.returncode == 0, result.stderr
    [packages] = project.glob(".freezer/venv/lib/python*/site-packages")
    found = {path.name.partition("-")[0] for path in packages.glob("*.dist-info")}
    assert found == {"my_tool", "six", "toml"}


def test_without_a_step_the_usage_is_printed(freeze: Freeze) -> None:
    result = freeze()
    assert result.returncode == 1
    assert "uv run scripts/freeze.py download COMMAND [SYSTEM]" in result.stderr


def test_a_file_in_the_place_of_dist_is_refused_before_anything_is_built(
    project: Path, freeze: Freeze
) -> None:
    (project / "dist").touch()
    result = freeze("download", "my-tool")
    assert (result.returncode, result.stdout) == (1, "")
    assert "dist is a file" in result.stderr


def test_a_python_for_another_system_is_refused(freeze: Freeze) -> None:
    result = freeze("download", "my-tool", "windows-arm64")
    assert result.returncode == 1
    assert ", not for windows-arm64" in result.stderr


def no_lock(project: Path) -> None:
    """Forget the first command."""
    (project / "uv.lock").unlink()


def stale_lock(project: Path) -> None:
    """Add a dependency by hand."""
    replace(project / "pyproject.toml", "dependencies = []", 'dependencies = ["rich"]')


def damaged_lock(project: Path) -> None:
    """Leave a conflict marker."""
    replace(project / "uv.lock", "version = 1\n", "<<<<<<< ours\nversion = 1\n")


def another_python(project: Path) -> None:
    """Ask for a newer Python than there is."""
    for name in ("pyproject.toml", "uv.lock"):
        text = (project / name).read_text()
        line = next(line for line in text.splitlines() if line.startswith("requires-python"))
        replace(project / name, line, 'requires-python = ">=3.98"')


def depend(project: Path, requirement: str) -> None:
    """Lock a dependency."""
    replace(project / "pyproject.toml", "dependencies = []", f'dependencies = ["{requirement}"]')
    run(find_uv_bin(), "lock", "--python", sys.executable, cwd=project)


def for_another_platform(project: Path) -> None:
    """Depend on what has wheels for Windows alone."""
    depend(project, "pywin32")


def broken_build(project: Path) -> None:
    """Let the build system of the project fail."""
    shutil.rmtree(project / "src")


@pytest.mark.parametrize(
    ("spoil", "reason", "help"),
    [
        (no_lock, "Unable to find lockfile at `uv.lock`", LOCK),
        (stale_lock, "`uv.lock` needs to be updated", LOCK),
        (damaged_lock, "Failed to parse `uv.lock`", LOCK),
        (another_python, "incompatible with the project's Python requirement: `>=3.98`", PYTHON),
        (for_another_platform, "wheels for the following platforms: `win32`", "`uv remove`"),
        (broken_build, "Expected a Python module at: src/my_tool/__init__.py", "its build system"),
    ],
)
def test_what_cannot_be_installed_is_refused_with_the_reason_and_what_to_do(
    freeze: Freeze, project: Path, spoil: Callable[[Path], None], reason: str, help: str
) -> None:
    spoil(project)
    result = freeze("project")
    assert result.returncode == 1
    assert reason in result.stderr
    assert help in result.stderr


def test_without_the_network_uv_says_so_and_the_help_names_it(
    freeze: Freeze, project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    depend(project, "six==1.17.0")
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    result = freeze("project")
    assert result.returncode == 1
    assert "The package index did not answer: run it again." in result.stderr


def test_a_command_without_a_spec_is_refused_before_anything_is_installed(
    freeze: Freeze, project: Path
) -> None:
    result = freeze("download", "other")
    assert (result.returncode, result.stdout) == (1, "")
    assert "error: other.spec is missing" in result.stderr
    assert not (project / ".freezer").exists()


def test_a_spec_that_makes_something_else_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"my-tool.spec": ""})
    monkeypatch.setattr(program, "ROOT", tmp_path)
    monkeypatch.setattr(program, "MADE", tmp_path / "dist")
    monkeypatch.setattr(program, "pyinstaller", lambda *_: None)
    for options, name in (([], "my-tool/my-tool"), (["--onefile"], "my-tool-onefile")):
        with pytest.raises(SystemExit, match=f"my-tool.spec did not make {name}. Compare it"):
            program.freeze("my-tool", *options)


def test_a_library_that_needs_a_newer_glibc_than_promised_is_refused_and_nothing_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"versions.env": "GLIBC_MAX=2.31\n", "made/my-tool": ""})
    (tmp_path / "made/library.so").write_bytes(b"\x7fELF..\0GLIBC_2.34\0")
    for name in ("install_project", "install_tools"):
        monkeypatch.setattr(download, name, lambda *_: None)
    monkeypatch.setattr(download, "commit_time", lambda: "1")
    monkeypatch.setattr(download, "freeze", lambda *_: tmp_path / "made/my-tool")
    monkeypatch.setattr(download, "spec_of", lambda *_: "my-tool.spec")
    monkeypatch.setattr(download, "ROOT", tmp_path)
    monkeypatch.setattr(download, "DIST", tmp_path / "dist")
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    with pytest.raises(SystemExit) as refused:
        download.download("my-tool", "linux-amd64")
    reason = str(refused.value)
    assert "library.so needs glibc 2.34, and 2.31 is the limit." in reason
    assert "write GLIBC_MAX=2.34 into versions.env" in reason
    assert not (tmp_path / "dist").exists()


@pytest.mark.parametrize(
    ("code", "end"), [("exit 0", "exits with 0"), ("echo 1.0; exit 3", "exits with 3")]
)
def test_a_program_must_print_its_version_and_succeed(
    code: str, end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frozen = tmp_path / "my-tool"
    frozen.write_text(f"#!/bin/sh\n{code}\n")
    frozen.chmod(0o755)
    monkeypatch.setattr(program, "BUILD", tmp_path)
    with pytest.raises(SystemExit, match=f"my-tool --version {end}, and must print its version"):
        program.start("my-tool", frozen, tmp_path / "script.py")


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        (
            "ModuleNotFoundError: No module named 'no_such_module'",
            "no_such_module is not installed: run `uv add` with its name.",
        ),
        ("ModuleNotFoundError: No module named '_tkinter'", "add a line tk to apt.txt."),
        ("ImportError: failed to find libmagic", "install the Debian package that has it."),
    ],
)
def test_what_is_not_there_is_named_with_what_adds_it(
    said: str, advice: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"pyproject.toml": '[project]\nname = "my-tool"\n'})
    (tmp_path / "my-tool").write_text(f'#!/bin/sh\necho "{said}" >&2\nexit 1\n')
    (tmp_path / "my-tool").chmod(0o755)
    monkeypatch.setattr(program, "BUILD", tmp_path)
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    with pytest.raises(SystemExit) as refused:
        program.start("my-tool", tmp_path / "my-tool", tmp_path / "script.py")
    assert f"my-tool --version: {said}" in str(refused.value)
    assert advice in str(refused.value)


def test_the_newest_glibc_of_all_libraries_counts(tmp_path: Path) -> None:
    for name, content in {
        "a/program": b"\x7fELF..\0GLIBC_2.2.5\0GLIBC_2.14\0",
        "a/b/library.so": b"\x7fELF..\0GLIBC_2.34\0GLIBC_2.9\0",
        "a/text": b"\0GLIBC_2.99\0",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    assert glibc(tmp_path / "a") == (34, "b/library.so")


def test_windows_is_told_the_version_the_author_and_the_licence() -> None:
    metadata = {
        "name": "my-tool",
        "version": "1.2.3rc4",
        "summary": 'Says "it\'s" fine.',
        "author_email": "Ada Lovelace <ada@example.org>",
        "license_expression": "MIT",
    }
    text = resource(metadata, "my-tool")
    assert "filevers=(1, 2, 3, 0), prodvers=(1, 2, 3, 0)" in text
    assert "StringStruct('CompanyName', 'Ada Lovelace')" in text
    assert "StringStruct('ProductVersion', '1.2.3rc4')" in text
    # What the text says is read back from a program in tests/image/test_app_for_windows.py.
    compile(text, "version.txt", "eval")


@pytest.mark.parametrize(
    ("version", "numbers"),
    [
        ("1!2.3", "(2, 3, 0, 0)"),
        ("2026.11.25.1.9", "(2026, 11, 25, 1)"),
        ("70000", "(65535, 0, 0, 0)"),
    ],
)
def test_a_version_becomes_four_numbers_of_16_bits(version: str, numbers: str) -> None:
    text = resource({"name": "t", "version": version}, "t")
    assert f"filevers={numbers}" in text
