"""The environment that is frozen, and PyInstaller beside it."""

# ruff: noqa: S603 - it runs uv, Python and Git

import os
import re
import subprocess
import time
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from sysconfig import get_platform
from typing import Any

from freezer.processes import fail, succeeds
from freezer.pyinstaller import install
from freezer.systems import python_for, system, this_system

ROOT = Path(__file__).resolve().parents[2]
# Not in build/, which the build of a project may delete.
BUILD = ROOT / ".freezer"
VENV, TOOLS = BUILD / "venv", BUILD / "tools"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

# The variables that pass the version to build systems that take it from Git: scripts/version prints it.
VERSION_FROM_GIT = (
    "SETUPTOOLS_SCM_PRETEND_VERSION",
    "PBR_VERSION",
    "PDM_BUILD_SCM_VERSION",
    "UV_DYNAMIC_VERSIONING_BYPASS",
    "POETRY_DYNAMIC_VERSIONING_BYPASS",
)
HELP = """the packages of uv.lock could not be installed. See the reason above. Possible causes:
  - uv.lock is missing, stale or damaged: run `uv lock`, and commit uv.lock.
  - The project requires another uv: `required-version` in pyproject.toml must allow the version in
    scripts/freezer/uv.txt.
  - The project requires another Python: PYTHON_VERSION in versions.env must fit requires-python in
    pyproject.toml. Change one of them, run `uv lock`, and commit.
  - A package has no wheel for {system}: on Linux, list the Debian packages that it needs to be built,
    such as build-essential, in apt.txt. Otherwise run `uv remove` with its name, or offer no program
    for {system}: take it out of the answer `downloads` with copier update.
  - The project itself could not be built: its build system says why. If its version comes from Git,
    scripts/version finds it. versioneer and versioningit cannot take one from outside: write it into
    pyproject.toml.
  - The package index did not answer: run it again."""

NO_PROJECT = """pyproject.toml has no table [project], and uv reads nothing else. For Poetry's old tables, Pipenv or a
requirements.txt run `uvx migrate-to-uv`. Otherwise write it: https://packaging.python.org/en/latest/guides/writing-pyproject-toml/
Then run `uv lock`, and commit."""


def versions() -> Mapping[str, str]:
    """The keys of versions.env. Where that file is not, they are build arguments."""
    file = ROOT / "versions.env"
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    found = dict(os.environ)
    for number, line in enumerate(text.split("\n"), 1):
        if line and not line.startswith("#"):
            # As .github/scripts/ids reads it, which says more of what is wrong.
            pair = re.fullmatch(r"([A-Z][A-Z0-9_]*)=([0-9A-Za-z._+:/@~=,%-]+)", line)
            if not pair:
                fail(f"versions.env, line {number}: write KEY=VALUE, without quotes and spaces")
            found[pair[1]] = pair[2]
    return found


def project_table() -> Mapping[str, Any]:
    """The table [project] of pyproject.toml."""
    found: Mapping[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return found


def extras() -> Sequence[str]:
    """The options that install the extras of the project that versions.env names: EXTRAS=one,two."""
    return [f"--extra={name}" for name in versions().get("EXTRAS", "").split(",") if name]


def sync(options: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
    """Install what uv.lock lists, or say what to do. The options are those of `uv sync`."""
    try:
        project_table()
    except KeyError:  # uv would install nothing, and say nothing
        fail(NO_PROJECT)
    except (OSError, ValueError):
        pass  # uv says what is wrong with the file
    if not succeeds("uv", "sync", "--locked", *options, cwd=ROOT, env=environment):
        fail(HELP.format(system=get_platform()))


def frozen() -> Mapping[str, str]:
    """The environment variables with which uv installs what is frozen."""
    others = {key: text for key, text in os.environ.items() if key != "VIRTUAL_ENV"}
    version = os.environ.get("PROJECT_VERSION", "")
    from_git = dict.fromkeys(VERSION_FROM_GIT, version) if version else {}
    return {**others, **from_git, "UV_PROJECT_ENVIRONMENT": str(VENV), "UV_LINK_MODE": "copy"}


def commit_time() -> str:
    """The time of the commit, so that it gives the same bytes whenever it is built."""
    command = ["git", "log", "-1", "--format=%ct"]
    git = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return os.environ.get("SOURCE_DATE_EPOCH") or git.stdout.strip() or str(int(time.time()))


def install_tools() -> None:
    """Install PyInstaller."""
    install(TOOLS, versions(), *(["--python", PYTHON] if PYTHON.exists() else []))


def install_dependencies() -> None:
    """Install what needs no file of the source, so that a change of the source installs less."""
    options = ["--frozen", "--no-default-groups", *extras(), "--no-install-workspace", "--no-install-local"]
    if not succeeds("uv", "sync", *options, cwd=ROOT, env=frozen()):
        print("What uv.lock lists is installed later, with the project.")


def local_packages() -> Sequence[str]:
    """The packages that are built here. uv does not notice when only their code has changed."""
    try:
        packages = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]
        kinds = ("editable", "virtual", "directory")
        return [one["name"] for one in packages if one["source"].keys() & set(kinds)]
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError):
        return []  # uv says what is wrong with it


def install_project(wanted: str = "") -> None:
    """Install what uv.lock lists, and the project, for this system or the one that is wanted.

    uv brings the newest release of the Python in versions.env that it knows, unless UV_PYTHON names one.
    """
    name = wanted or this_system()
    request = python_for(name, versions().get("PYTHON_VERSION", ""))
    python = [] if "UV_PYTHON" in os.environ else ["--managed-python", "--python", request]
    again = [f"--reinstall-package={name}" for name in local_packages()]
    sync(["--no-default-groups", *extras(), "--no-editable", *python, *again], frozen())
    code = "import sysconfig; print(sysconfig.get_platform())"
    found = system(subprocess.check_output([PYTHON, "-c", code], text=True).strip())
    if found != name:
        fail(f"{PYTHON} makes programs for {found}, not for {name}")
    # uv notes when it installed the project, and that would make each program another one.
    for note in VENV.rglob("*.dist-info/uv_cache.json"):
        note.unlink()
        record = note.with_name("RECORD")
        lines = record.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if "/uv_cache.json," not in line]
        record.write_text("".join(kept), encoding="utf-8", newline="")
