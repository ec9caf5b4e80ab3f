"""The project in /src: a copy of it, its wheel, and the extras that are wanted.

The wheel knows the commands whichever tool builds it: setuptools, Poetry, Flit, Hatch, …
"""

# Running commands is what it is for.
# ruff: noqa: S603, S607

import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path

from freezer.command_line import Request
from freezer.commands import commands
from freezer.components import normal
from freezer.processes import fail
from freezer.source import Program, has_commands, is_package, table, tables

# What earlier builds leave at the top of a project. A package of such a name is elsewhere. Some projects keep files
# there, such as a README that their sdist needs, and name them in pyproject.toml.
LEFT_OUT = ("build", "dist")
# The variables that set a version which otherwise comes from Git, by what reads them.
SCM = "SETUPTOOLS_SCM_PRETEND_VERSION"
VERSION_OF = {
    "poetry_dynamic_versioning": "POETRY_DYNAMIC_VERSIONING_BYPASS",
    "pbr": "PBR_VERSION",
    "pdm": "PDM_BUILD_SCM_VERSION",
}


@dataclass(frozen=True)
class Project:
    """A project: its folder in a copy of /src, and its wheel with the metadata.

    A project that cannot be built has no wheel. Its dependencies are installed all the same.
    """

    root: Path  # the copy of /src
    folder: Path
    wheel: Path | None
    distribution: Distribution | None
    extras: Sequence[str]

    @property
    def requirement(self) -> str:
        """What installs the wheel with the extras, or nothing."""
        if not self.wheel or not self.distribution:
            return ""
        listed = f"[{','.join(self.extras)}]" if self.extras else ""
        return f"{self.distribution.name}{listed} @ {self.wheel.as_uri()}"


def build(source: Path, folder: Path, work: Path, request: Request) -> Project:
    """Copy the source, and build the project in a folder of it as a wheel."""
    root, wheels = work / "project", work / "wheels"
    copy_project(source, root)
    copy = root / folder.relative_to(source)
    unbuilt = Project(root, copy, None, None, request.extras)
    if not is_package(copy):
        return unbuilt
    # Git may otherwise start a daemon that watches the copy.
    git = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.fsmonitor", "GIT_CONFIG_VALUE_0": "false"}
    # By the Python that runs this.
    options: Program = ["--no-cache", "--wheel", "--python", sys.executable, "--out-dir", wheels]
    result = subprocess.run(
        ["uv", "build", *options, copy],
        cwd=copy,
        env={**os.environ, **git},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if result.returncode:
        print(result.stdout, file=sys.stderr, flush=True)
        if not has_commands(copy) and "dependencies" in table(tables(copy), "project"):
            print(
                "The project cannot be built, and declares no command: its dependencies are "
                "installed, and its script is frozen.",
                flush=True,
            )
            return unbuilt
        fail(f"the project cannot be built: {build_advice(result.stdout, copy)}")
    wheel = next(wheels.glob("*.whl"))
    distribution = metadata(wheel)
    return Project(root, copy, wheel, distribution, extras(distribution, request))


def copy_project(folder: Path, copy: Path) -> None:
    """Copy the project in a folder: a build leaves files behind.

    Only files, links and folders that can be read are copied: no socket, and no pipe, which would
    never end.
    """

    file = folder / "pyproject.toml"
    text = file.read_bytes() if file.is_file() else b""
    built = [name for name in LEFT_OUT if f"{name}/".encode() not in text]

    def left_out(place: str, names: Sequence[str]) -> set[str]:
        at_top = built if Path(place) == folder else ()
        return {
            name
            for name in names
            if name in at_top
            or name.endswith(".egg-info")
            or Path(place, name, "pyvenv.cfg").exists()  # a virtual environment
            or not can_be_copied(Path(place, name))
        }

    shutil.copytree(folder, copy, ignore=left_out, symlinks=True)


def can_be_copied(path: Path) -> bool:
    """Whether a path is a link, or a file or folder that can be read. Another one is named."""
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        return True
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        return False
    readable = os.access(path, os.R_OK | (os.X_OK if stat.S_ISDIR(mode) else 0))
    if not readable:
        print(f"warning: {path} cannot be read and is left out", flush=True)
    return readable


def metadata(wheel: Path) -> Distribution:
    """The metadata of a wheel, which is a zip file that can be imported from."""
    return next(iter(distributions(path=[str(wheel)])))


def extras(distribution: Distribution, request: Request) -> Sequence[str]:
    """The extras to install: those that the commands name, and those that the user asks for."""
    known = distribution.metadata.get_all("Provides-Extra") or []
    for name in request.extras:
        if normal(name) not in map(normal, known):
            fail(f"EXTRAS: the project has no extra {name!r}, only: {', '.join(known) or 'none'}")
    named = {extra for command in commands(distribution, request) for extra in command.extras}
    return sorted({*named, *request.extras})


def build_advice(output: str, folder: Path) -> str:
    """Why a project cannot be built, by the output of uv, and what helps."""
    backend, failed, causes = output.partition("error: Failed to build")
    lines = [line.strip() for line in (backend if failed else output).splitlines() if line.strip()]
    told = [line for line in lines if re.match(r"(?:error|[A-Za-z_][\w.]*(?:Error|Exception)): ", line)]
    last = [line.strip() for line in causes.splitlines() if "cause: " in line][-1:]
    reason = (told[-1:] or lines[-1:] or last or ["it says nothing"])[0]
    if re.search(
        r"(?i)\b(?:gcc|cc|g\+\+|clang|cmake|make|ninja)\b.*(?:not found|no such file|failed)|No such file or directory: '(?:gcc|cc|g\+\+|c\+\+)'",
        output,
    ):
        return f"{reason}\nA compiler is missing: set APT_PACKAGES=build-essential."
    if match := re.search(r"No module named '(\w+)", reason):
        needed = "setuptools<81" if match[1] == "pkg_resources" else match[1]
        return (
            f"{reason}\nIt is needed to build the project: add {needed!r} to `requires` in "
            "[build-system] of pyproject.toml."
        )
    if "Multiple top-level" in output:
        return (
            f"{reason}\nName its packages in [tool.setuptools] of pyproject.toml. If the project is not "
            "a package, write `package = false` into [tool.uv]."
        )
    if not (folder / ".git").is_dir() and re.search(r"(?i)\bgit\b|scm", output):
        variable = next((VERSION_OF[tool] for tool in VERSION_OF if tool in output), SCM)
        return (
            f"{reason}\nThe version comes from Git, and the folder is not a clone (a worktree has its "
            f"repository elsewhere): set the version with -e {variable}=1.2.3, or mount a clone."
        )
    return reason
