"""scripts/freezer/downloads.py: what it names, and what it refuses before it freezes.

tests/image/test_app_inside.py runs all of it for Linux, test_app_for_windows.py freezes by its spec for
Windows. For macOS nothing here can freeze: only the names and the arguments are tested.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType

import pytest
from uv import find_uv_bin

from tests.support.commands import run
from tests.support.rendering import Render
from tools.projects import read_versions

Scripts = Mapping[str, ModuleType]
Build = Callable[..., subprocess.CompletedProcess[str]]


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
def build(project: Path) -> Build:
    """Run the script as its owner does."""

    def build(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [find_uv_bin(), "run", "scripts/freezer/downloads.py", *arguments],
            cwd=project,
            env={**os.environ, "UV_PYTHON": sys.executable},
            capture_output=True,
            text=True,
            check=False,
        )

    return build


@pytest.mark.parametrize(
    ("platform", "name"),
    [
        ("linux-x86_64", "linux-amd64"),
        ("linux-aarch64", "linux-arm64"),
        ("win-amd64", "windows-amd64"),
        ("win-arm64", "windows-arm64"),
        ("macosx-11.0-arm64", "macos-arm64"),
        ("macosx-10.15-x86_64", "macos-amd64"),
    ],
)
def test_a_system_is_named_as_it_is_chosen(scripts: Scripts, platform: str, name: str) -> None:
    assert scripts["downloads"].system(platform) == name


@pytest.mark.parametrize(
    "name",
    [f"{kind}-{arch}" for kind in ("linux", "windows", "macos") for arch in ("amd64", "arm64")],
)
@pytest.mark.parametrize("version", ["3.15.0", "3.14.6", "3.11.15"])
def test_uv_has_a_python_for_every_system_that_can_be_chosen(
    scripts: Scripts, name: str, version: str
) -> None:
    """The real uv says what it would download; it asks nobody."""
    wanted = scripts["systems"].python_for(name, version)
    options = ["--only-downloads", "--all-platforms", "--all-arches", "--offline"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("UV_")}
    said = run(find_uv_bin(), "python", "list", *options, wanted, env=environment)
    minor = version.rpartition(".")[0]
    kind, arch = wanted.split("-")[-2:]
    assert re.match(rf"cpython-{re.escape(minor)}\.\d+-{kind}-{arch}-", said), said


@pytest.mark.parametrize("platform", ["macosx-10.9-universal2", "linux-riscv64", "win32"])
def test_another_system_is_refused(scripts: Scripts, platform: str) -> None:
    with pytest.raises(SystemExit, match=f"there are no programs for {platform}"):
        scripts["downloads"].system(platform)


def test_a_command_without_a_spec_is_refused(build: Build) -> None:
    done = build("other")
    assert done.returncode == 1
    assert "error: there is no other.spec" in done.stderr


def test_a_key_that_versions_env_lacks_is_named(build: Build, project: Path) -> None:
    version = read_versions(project / "versions.env")["PYINSTALLER_VERSION"]
    file = project / "versions.env"
    file.write_text(file.read_text().replace(f"PYINSTALLER_VERSION={version}\n", ""))
    done = build("my-tool")
    assert done.returncode == 1
    assert "error: versions.env has no PYINSTALLER_VERSION" in done.stderr


@pytest.mark.parametrize("stale", [True, False], ids=["stale", "missing"])
def test_a_lock_that_does_not_fit_is_refused_with_what_to_run(
    build: Build, project: Path, stale: bool
) -> None:
    metadata = project / "pyproject.toml"
    if stale:
        text = metadata.read_text().replace("dependencies = []", 'dependencies = ["rich"]')
        metadata.write_text(text)
    else:
        (project / "uv.lock").unlink()
    done = build("my-tool")
    assert done.returncode == 1
    assert "run `uv lock`, and commit uv.lock" in done.stderr
    assert not any((project / "dist").iterdir())


def test_a_python_for_another_system_is_refused(build: Build) -> None:
    done = build("my-tool", "windows-arm64")
    assert done.returncode == 1
    assert ", not for windows-arm64." in done.stderr


@pytest.mark.parametrize(
    ("script", "code"), [("echo broken; exit 3", 3), ("exit 0", 0)], ids=["fails", "says nothing"]
)
def test_a_program_that_does_not_tell_its_version_is_refused(
    scripts: Scripts, tmp_path: Path, script: str, code: int
) -> None:
    program = tmp_path / "my-tool"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    with pytest.raises(SystemExit, match=f"error: my-tool --version exited with {code}"):
        scripts["downloads"].start(program)


def test_the_newest_glibc_of_all_libraries_counts(scripts: Scripts, tmp_path: Path) -> None:
    for name, content in {
        "a/program": b"\x7fELF..\0GLIBC_2.2.5\0GLIBC_2.14\0",
        "a/b/library.so": b"\x7fELF..\0GLIBC_2.34\0GLIBC_2.9\0",
        "a/text": b"\0GLIBC_2.99\0",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    assert scripts["downloads"].glibc(tmp_path / "a") == "2.34"


def test_windows_is_told_the_version_the_author_and_the_licence(scripts: Scripts) -> None:
    metadata = {
        "name": "my-tool",
        "version": "1.2.3rc4",
        "summary": 'Says "it\'s" fine.',
        "author_email": "Ada Lovelace <ada@example.org>",
        "license_expression": "MIT",
    }
    text = scripts["properties"].resource(metadata, "my-tool")
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
def test_a_version_becomes_four_numbers_of_16_bits(
    scripts: Scripts, version: str, numbers: str
) -> None:
    text = scripts["properties"].resource({"name": "t", "version": version}, "t")
    assert f"filevers={numbers}" in text
