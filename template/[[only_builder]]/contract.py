"""What the image promises: it freezes the program in /src into /src/dist, and leaves nothing else.

This finds out what to freeze, with which requirements and as which user; freeze.py does it.
"""

# Running commands is what it is for.
# ruff: noqa: S603, S606

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

HELP = """\
usage: docker run --rm -v "$PWD:/src" IMAGE [PYINSTALLER ARGUMENT...] [SCRIPT | SPEC]
       docker run --rm -v "$PWD:/src" IMAGE COMMAND...

Freezes the program in /src with PyInstaller; the result is in /src/dist.

What is frozen, without a SCRIPT or SPEC: $SPECFILE, or the only *.spec, or each command of
pyproject.toml ([project.scripts]), or main.py, app.py or the only *.py.

environment:
  SPECFILE      the spec to use
  REQUIREMENTS  the file of requirements to install first (default: requirements.txt if it is there)
  APT_PACKAGES  Debian packages to install first; needs root, so leave out --user
{more}
The files in dist belong to the owner of /src, or to --user. Nothing else is left in /src.
https://pyinstaller.org/en/stable/usage.html lists PyInstaller's arguments. The exit code is its.
"""

# https://www.debian.org/doc/debian-policy/ch-controlfields.html#source
DEBIAN_PACKAGE = re.compile(r"[a-z0-9][a-z0-9+.-]+")

SOURCE = Path("/src")

Arguments = Sequence[str | Path]


def fail(message: str) -> NoReturn:
    """End with a message and the exit code 1."""
    sys.exit(f"error: {message}")


def run(name: str, *command: str | Path) -> None:
    """Run a command that the user knows by a name; where it fails, end with its exit code."""
    code = subprocess.run(command, check=False).returncode
    if code:
        print(f"error: {name} ended with {code}", file=sys.stderr)
        raise SystemExit(code if code > 0 else 128 - code)


def switch(name: str, default: str) -> bool:
    """The variable of a name, which is on or off."""
    value = os.environ.get(name, default)
    if value not in ("on", "off"):
        fail(f"{name} is on or off, not {value!r}")
    return value == "on"


def install_debian_packages(names: Sequence[str]) -> None:
    """Install Debian packages, which only root can do."""
    for name in names:
        if not DEBIAN_PACKAGE.fullmatch(name):
            fail(f"APT_PACKAGES: {name!r} is no name of a Debian package")
    if os.geteuid() != 0:
        fail("APT_PACKAGES needs root: leave out --user; the files in dist still belong to you")
    run("apt-get", "apt-get", "-qq", "update")
    run("apt-get", "apt-get", "-qq", "install", "-y", "--no-install-recommends", *names)


def become_owner(folder: Path) -> None:
    """Give root away: go on as the user who owns the folder."""
    owner = folder.stat()
    if os.geteuid() != 0 or owner.st_uid == 0:
        return
    try:
        os.setgroups([])
        os.setgid(owner.st_gid)
        os.setuid(owner.st_uid)
    except PermissionError:
        fail(f"root may not change users here: add --user {owner.st_uid}:{owner.st_gid}")


@contextmanager
def workplace() -> Iterator[Path]:
    """Be who owns /src, in it, with a folder for everything that is not to be left there."""
    packages = os.environ.get("APT_PACKAGES", "").replace(",", " ").split()
    if packages:
        install_debian_packages(packages)
    become_owner(SOURCE)
    if not os.access(SOURCE, os.W_OK):
        fail("/src cannot be written by this user: mount it without :ro, and owned by --user")
    os.chdir(SOURCE)
    with tempfile.TemporaryDirectory(prefix="freeze-") as name:
        os.environ["HOME"] = name
        os.environ["PYINSTALLER_CONFIG_DIR"] = f"{name}/config"
        yield Path(name)


def entry_point(name: str, target: str, folder: Path) -> Path:
    """Write the script that a console command stands for, by a name that hides no package.

    https://packaging.python.org/en/latest/specifications/entry-points/
    """
    module, _, attribute = target.partition(":")
    if not attribute:
        fail(f"pyproject.toml: the script {name} needs module:function, and is {target!r}")
    script = folder / f"{name}-script.py"
    function = attribute.strip()
    script.write_text(
        f"import sys\nfrom {module.strip()} import {function.split('.')[0]}\nsys.exit({function}())\n"
    )
    return script


def commands() -> dict[str, str]:
    """The console commands of /src/pyproject.toml."""
    file = SOURCE / "pyproject.toml"
    if not file.exists():
        return {}
    try:
        project = tomllib.loads(file.read_text()).get("project", {})
    except tomllib.TOMLDecodeError as error:
        fail(f"pyproject.toml: {error}")
    return dict(project.get("scripts", {}))


def targets(arguments: Sequence[str], work: Path) -> Sequence[Arguments]:
    """What to freeze, each as PyInstaller's first arguments: none if the others name it."""
    ends = {*arguments[:1], *arguments[-1:]}
    if any(Path(argument).suffix in (".py", ".spec") for argument in ends):
        return [[]]
    if specfile := os.environ.get("SPECFILE"):
        if not (SOURCE / specfile).is_file():
            fail(f"SPECFILE: there is no {specfile} in /src")
        return [[SOURCE / specfile]]
    specs = sorted(SOURCE.glob("*.spec"))
    if len(specs) == 1:
        return [specs]
    if specs:
        fail(
            f"several specs: name one of {', '.join(spec.name for spec in specs)}, or set SPECFILE"
        )
    if scripts := commands():
        return [
            ["--name", name, entry_point(name, target, work)] for name, target in scripts.items()
        ]
    files = sorted(SOURCE.glob("*.py"))
    usual = [file for file in files if file.name in ("main.py", "app.py")]
    found = files if len(files) == 1 else usual
    if len(found) == 1:
        return [found]
    if files:
        fail(f"several scripts: name one of {', '.join(file.name for file in files)}")
    fail(
        "nothing to freeze in /src: mount a folder with a *.spec, a pyproject.toml with "
        '[project.scripts], or a script: docker run --rm -v "$PWD:/src" …'
    )


def requirements() -> Arguments:
    """What the program needs beside itself, as pip's arguments."""
    file = SOURCE / os.environ.get("REQUIREMENTS", "requirements.txt")
    if "REQUIREMENTS" in os.environ and not file.is_file():
        fail(f"REQUIREMENTS: there is no {file.name} in /src")
    return ["--requirement", file] if file.is_file() else []


def project(work: Path) -> Sequence[Path]:
    """A copy of the project if /src holds a package: building it would leave files in /src."""
    file = SOURCE / "pyproject.toml"
    if not file.exists() or "[project]" not in file.read_text():
        return []
    copy = work / "project"
    leave_out = shutil.ignore_patterns("dist", "build", ".venv", "*.egg-info")
    shutil.copytree(SOURCE, copy, ignore=leave_out, symlinks=True)
    return [copy]


def pyinstaller(command: Arguments, work: Path, *arguments: str | Path) -> None:
    """Run PyInstaller by a command, and leave none of its own files in /src."""
    before = set(SOURCE.glob("*.spec"))
    options = ["--noconfirm", "--workpath", work / "build"]
    try:
        run("PyInstaller", *command, *options, *arguments)
    finally:
        for spec in set(SOURCE.glob("*.spec")) - before:
            spec.unlink()


def stop(signum: int, _frame: object) -> NoReturn:
    """End at once: as PID 1, Python would otherwise ignore SIGTERM."""
    raise SystemExit(128 + signum)


def main(
    freeze: Callable[[Sequence[str]], None], versions: Callable[[], str], more_help: str
) -> None:
    """Tell apart help, version, PyInstaller's arguments and any other command."""
    arguments = sys.argv[1:]
    first = arguments[0] if arguments else ""
    if first in ("--help", "-h"):
        print(HELP.format(more=more_help), end="")
    elif first in ("--version", "-v"):
        print(versions())
    elif not first or first.startswith("-") or Path(first).suffix in (".py", ".spec"):
        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, stop)
        freeze(arguments)
    elif shutil.which(first):
        os.execvp(first, arguments)
    else:
        fail(f"{first!r} is no command, script or spec: see --help")
