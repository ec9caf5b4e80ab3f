#!/usr/bin/env python3
"""Freeze the program in /src into /src/dist, as the entrypoint of the image.

Without arguments it finds out what to freeze: $SPECFILE, a single *.spec, the commands of a
pyproject.toml, or a single script. PyInstaller's own arguments pass through, and any other
command runs as in every image.
"""

# Running commands is what it is for.
# ruff: noqa: S603, S606, S607

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import tomllib
import venv
from collections.abc import Callable, Sequence
from importlib.metadata import version
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
  UPX_PACK      on: pack the shared libraries afterwards (onedir only)

The files in dist belong to the owner of /src, or to --user. Nothing else is left in /src.
`pyinstaller --help` lists PyInstaller's arguments. The exit code is PyInstaller's.
"""

# https://www.debian.org/doc/debian-policy/ch-controlfields.html#source
DEBIAN_PACKAGE = re.compile(r"[a-z0-9][a-z0-9+.-]+")

SOURCE = Path("/src")


def fail(message: str) -> NoReturn:
    """End with a message and the exit code 1."""
    sys.exit(f"error: {message}")


def run(name: str, *command: str | Path) -> None:
    """Run a command that the user knows by a name; where it fails, end with its exit code."""
    code = subprocess.run(command, check=False).returncode
    if code:
        print(f"error: {name} ended with {code}", file=sys.stderr)
        raise SystemExit(code if code > 0 else 128 - code)


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


def entry_point(name: str, target: str, folder: Path) -> Path:
    """Write the script that a console command stands for.

    https://packaging.python.org/en/latest/specifications/entry-points/
    """
    module, _, attribute = target.partition(":")
    if not attribute:
        fail(f"pyproject.toml: the script {name} needs module:function, and is {target!r}")
    script = folder / f"{name}.py"
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


def targets(work: Path) -> Sequence[Path]:
    """Find out what to freeze."""
    if specfile := os.environ.get("SPECFILE"):
        if not (SOURCE / specfile).is_file():
            fail(f"SPECFILE: there is no {specfile} in /src")
        return [SOURCE / specfile]
    specs = sorted(SOURCE.glob("*.spec"))
    if len(specs) == 1:
        return specs
    if specs:
        fail(
            f"several specs: name one of {', '.join(spec.name for spec in specs)}, or set SPECFILE"
        )
    if scripts := commands():
        return [entry_point(name, target, work) for name, target in scripts.items()]
    files = sorted(SOURCE.glob("*.py"))
    usual = [file for file in files if file.name in ("main.py", "app.py")]
    found = files if len(files) == 1 else usual
    if len(found) == 1:
        return found
    if files:
        fail(f"several scripts: name one of {', '.join(file.name for file in files)}")
    fail(
        "nothing to freeze in /src: mount a folder with a *.spec, a pyproject.toml with "
        '[project.scripts], or a script: docker run --rm -v "$PWD:/src" …'
    )


def install(work: Path) -> Path:
    """Install what the program needs, outside of /src, and return the folder of its commands."""
    requirements = SOURCE / os.environ.get("REQUIREMENTS", "requirements.txt")
    if "REQUIREMENTS" in os.environ and not requirements.is_file():
        fail(f"REQUIREMENTS: there is no {requirements.name} in /src")
    wanted: list[str | Path] = ["--requirement", requirements] if requirements.is_file() else []
    if (SOURCE / "pyproject.toml").exists() and "[project]" in (
        SOURCE / "pyproject.toml"
    ).read_text():
        copy = work / "project"  # a build writes into its source
        leave_out = shutil.ignore_patterns("dist", "build", ".venv", "*.egg-info")
        shutil.copytree(SOURCE, copy, ignore=leave_out, symlinks=True)
        wanted.append(copy)
    environment = work / "venv"
    venv.create(environment, system_site_packages=True, symlinks=True, with_pip=False)
    if wanted:
        python = environment / "bin/python"
        run("pip", python, "-m", "pip", "install", "--quiet", "--no-cache-dir", *wanted)
    return environment / "bin"


def pyinstaller(python: Path, work: Path, arguments: Sequence[str], target: Path | None) -> None:
    """Run PyInstaller, and leave none of its own files in /src."""
    before = set(SOURCE.glob("*.spec"))
    options = ["--noconfirm", "--workpath", str(work / "build")]
    try:
        run(
            "PyInstaller",
            python,
            "-m",
            "PyInstaller",
            *options,
            *arguments,
            *([target] if target else []),
        )
    finally:
        for spec in set(SOURCE.glob("*.spec")) - before:
            spec.unlink()


def pack(folder: Path) -> None:
    """Pack the shared libraries of every frozen folder with UPX; each program must still run.

    No argument is harmless to every program, so each is started with one that hardly any knows,
    before and after: where both end with the same exit code, the packed libraries load.
    """
    programs = [path / path.name for path in folder.iterdir() if (path / path.name).is_file()]
    if not programs:
        fail("UPX_PACK: there is no onedir folder in dist, and a onefile is packed already")
    for program in programs:
        check = f"timeout 10 '{program}' --upx-pack-check </dev/null >/dev/null 2>&1; echo $?"
        done = subprocess.run(["bash", "-c", check], capture_output=True, text=True, check=True)
        same = f"test $({check}) -eq {done.stdout}"
        run("upx-pack", "upx-pack", "on", program.parent, "bash", "-c", same)


def freeze(arguments: Sequence[str]) -> None:
    """Install what is needed, run PyInstaller, and pack what came of it."""
    upx = os.environ.get("UPX_PACK", "off")
    if upx not in ("on", "off"):
        fail(f"UPX_PACK is on or off, not {upx!r}")
    if upx == "on" and {"-F", "--onefile"} & set(arguments):
        fail("UPX_PACK: only onedir can be packed: leave out --onefile")
    packages = os.environ.get("APT_PACKAGES", "").replace(",", " ").split()
    if packages:
        install_debian_packages(packages)
    become_owner(SOURCE)
    if not os.access(SOURCE, os.W_OK):
        fail("/src cannot be written by this user: mount it without :ro, and owned by --user")
    os.chdir(SOURCE)

    with tempfile.TemporaryDirectory(prefix="freeze-") as name:
        work = Path(name)
        os.environ["HOME"] = name
        os.environ["PYINSTALLER_CONFIG_DIR"] = str(work / "config")
        ends = {*arguments[:1], *arguments[-1:]}
        named = any(Path(argument).suffix in (".py", ".spec") for argument in ends)
        found: Sequence[Path | None] = [None] if named else targets(work)
        folder = install(work)
        os.environ["PATH"] = f"{folder}:{os.environ['PATH']}"
        for target in found:
            pyinstaller(folder / "python", work, arguments, target)
        if upx == "on":
            pack(SOURCE / "dist")


def stop(signum: int, _frame: object) -> NoReturn:
    """End at once: as PID 1, Python would otherwise ignore SIGTERM."""
    raise SystemExit(128 + signum)


def main(arguments: Sequence[str]) -> None:
    """Tell apart help, version, PyInstaller's arguments and any other command."""
    first = arguments[0] if arguments else ""
    answers: dict[str, Callable[[], str]] = {
        "--help": lambda: HELP,
        "-h": lambda: HELP,
        "--version": versions,
        "-v": versions,
    }
    if first in answers:
        print(answers[first](), end="")
    elif not first or first.startswith("-") or Path(first).suffix in (".py", ".spec"):
        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, stop)
        freeze(arguments)
    elif shutil.which(first):
        os.execvp(first, list(arguments))
    else:
        fail(f"{first!r} is no command, script or spec: see --help")


def versions() -> str:
    """PyInstaller's version, Python's, and UPX's."""
    upx = subprocess.run(["upx", "--version"], capture_output=True, text=True, check=True)
    python = sys.version.split()[0]
    return f"PyInstaller {version('pyinstaller')}, Python {python}, {upx.stdout.splitlines()[0]}\n"


if __name__ == "__main__":
    main(sys.argv[1:])
