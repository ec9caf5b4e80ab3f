#!/usr/bin/env python3
# /// script
# requires-python = ">=3.11"
# dependencies = []
# ///
"""Build the programs to download, for the system that this runs on.

  uv run scripts/freezer/downloads.py COMMAND [SYSTEM]    builds what COMMAND.spec freezes

dist/ gets these files. SYSTEM is such as linux-amd64, windows-arm64 or macos-arm64:

  COMMAND-SYSTEM[.exe]           one file, which unpacks itself at every start
  COMMAND-SYSTEM.tar.gz|.zip     a folder, which starts without unpacking
  COMMAND-SYSTEM.licenses.txt    the licences of what is inside
  COMMAND-SYSTEM.cdx.json        the packages that are inside: the SBOM, as CycloneDX
  glibc-SYSTEM.txt               Linux: the oldest glibc that the programs start with

The packages are those of uv.lock, the versions those of versions.env. Nothing is kept that does not
start. uv brings the newest release of the Python that UV_VERSION knows, unless UV_PYTHON names one.
"""

# ruff: noqa: S603 - it runs programs

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from archive import pack
from properties import resource
from systems import python_for, system

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/programs"
DIST = ROOT / "dist"
WINDOWS = os.name == "nt"

KEYS = (
    "PYTHON_VERSION",
    "PYINSTALLER_VERSION",
    "PYINSTALLER_HOOKS_CONTRIB_VERSION",
    "CYCLONEDX_BOM_VERSION",
)
LICENSES = ("LICENSE*", "LICENCE*", "COPYING*", "NOTICE*")
# The same commit freezes to the same bytes. A date that is too early for a zip file would stop uv.
FIXED = {"PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": "315532800"}

LOCK_HELP = """
error: the packages of uv.lock could not be installed. The reason stands above:
  - uv.lock is missing, stale or damaged: run `uv lock`, and commit uv.lock.
  - A package has no wheel for {system}: `uv remove` it, or offer no program for {system}:
    take it out of the answer `downloads` with copier update."""


class Tools(NamedTuple):
    """uv, and the Python of the environment that is frozen."""

    uv: str
    python: Path

    def pip(self, *arguments: str) -> None:
        """Install packages into the environment."""
        run(self.uv, "pip", "install", "--quiet", "--python", self.python, *arguments)


def run(*command: str | Path, env: Mapping[str, str] | None = None) -> None:
    """Run a command, and end with its error if it fails."""
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **(env or {})}, check=False)
    if done.returncode:
        sys.exit(f"error: {Path(command[0]).name} exited with {done.returncode}")


def read_versions() -> dict[str, str]:
    """The keys of versions.env."""
    text = (ROOT / "versions.env").read_text(encoding="utf-8")
    found = dict(re.findall(r"(?m)^([A-Z][A-Z0-9_]*)=(\S+)\s*$", text))
    if missing := [key for key in KEYS if key not in found]:
        sys.exit(f"error: versions.env has no {missing[0]}: add a line {missing[0]}=VERSION.")
    return found


def install(uv: str, versions: Mapping[str, str], name: str) -> Tools:
    """Make the environment that is frozen, and the SBOM and the licences of what is in it."""
    folder = Path(os.environ.get("UV_PROJECT_ENVIRONMENT", BUILD / "venv"))
    tools = Tools(uv, folder / ("Scripts/python.exe" if WINDOWS else "bin/python"))
    wanted = python_for(name, versions["PYTHON_VERSION"])
    options = [] if "UV_PYTHON" in os.environ else ["--managed-python", "--python", wanted]
    env = {**os.environ, "UV_PROJECT_ENVIRONMENT": str(folder)}
    env.pop("VIRTUAL_ENV", None)  # that of uv run

    def sync(*arguments: str) -> None:
        command = [uv, "sync", "--locked", "--no-dev", *options, *arguments]
        if subprocess.run(command, cwd=ROOT, env=env, check=False).returncode:
            sys.exit(LOCK_HELP.format(system=name))

    sync("--no-install-project")
    code = "import sysconfig; print(sysconfig.get_platform())"
    frozen = system(subprocess.check_output([tools.python, "-c", code], text=True).strip())
    if frozen != name:
        sys.exit(f"error: {tools.python} makes programs for {frozen}, not for {name}.")
    # Of PyInstaller only the bootloader gets inside, and nothing that PyInstaller itself needs.
    tools.pip("--no-deps", f"pyinstaller=={versions['PYINSTALLER_VERSION']}")
    shutil.rmtree(BUILD / "inventory", ignore_errors=True)
    cyclonedx = f"cyclonedx-bom=={versions['CYCLONEDX_BOM_VERSION']}"
    run(
        *(uv, "tool", "run", "--quiet", "--from", cyclonedx, "cyclonedx-py", "environment"),
        *("--gather-license-texts", "--output-reproducible", "--pyproject", "pyproject.toml"),
        *("--output-file", BUILD / "sbom.json", folder),
    )
    run(tools.python, "scripts/freezer/inventory.py", BUILD / "sbom.json", BUILD / "inventory")

    hooks = f"pyinstaller-hooks-contrib=={versions['PYINSTALLER_HOOKS_CONTRIB_VERSION']}"
    tools.pip(f"pyinstaller=={versions['PYINSTALLER_VERSION']}", hooks)
    # See the Dockerfile. If uv.lock lists it, the next line brings it back.
    run(uv, "pip", "uninstall", "--quiet", "--python", tools.python, "setuptools")
    sync("--inexact", "--no-editable")
    return tools


def freeze(tools: Tools, command: str) -> tuple[Path, Path]:
    """Freeze by the spec: the folder, and the one file."""
    options = []
    if WINDOWS:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        code = "import importlib.metadata as m, json, sys; print(json.dumps(m.metadata(sys.argv[1]).json))"
        said = subprocess.check_output([tools.python, "-c", code, project["name"]])
        file = BUILD / "version.txt"
        file.write_text(resource(json.loads(said), command), encoding="utf-8")
        options = [f"--version-file={file}"]
    suffix = ".exe" if WINDOWS else ""
    made = BUILD / "dist"
    shutil.rmtree(made, ignore_errors=True)
    wanted = made / command / f"{command}{suffix}", made / f"{command}-onefile{suffix}"
    for program, chosen in zip(wanted, ([], ["--onefile"]), strict=True):
        run(
            *(tools.python, "-P", "scripts/freezer/quick_pyinstaller.py"),
            *("--noconfirm", "--log-level", "WARN"),
            *("--distpath", made, "--workpath", BUILD / "work", f"{command}.spec"),
            *("--", *chosen, *options),
            env=FIXED,
        )
        if not program.is_file():
            sys.exit(
                f"error: {command}.spec made no {program.relative_to(made)}. Compare it with the "
                f"template's spec: its EXE and COLLECT name it."
            )
        start(program)
    return wanted[0].parent, wanted[1]


def start(program: Path) -> None:
    """Start a program with --version, which must print something."""
    done = subprocess.run(
        [program, "--version"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=120,
        check=False,
    )
    if done.returncode or not done.stdout.strip():
        sys.exit(
            f"{done.stdout}{done.stderr}\nerror: {program.name} --version exited with "
            f"{done.returncode}, and must print its version and exit with 0. Does it import by a "
            "name that is only known when it runs? Then hiddenimports in the spec names it."
        )


def glibc(folder: Path) -> str:
    """The newest version of glibc that any library in a folder asks for.

    Each asks by the names of the versions of its symbols, such as GLIBC_2.34.
    """
    found = {0}
    for path in folder.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        if content.startswith(b"\x7fELF"):
            found |= {int(minor) for minor in re.findall(rb"\0GLIBC_2\.(\d+)", content)}
    return f"2.{max(found)}"


def write_licenses(folder: Path, file: Path) -> None:
    """Write the licences of a folder with one folder for each package as one text."""
    with file.open("w", encoding="utf-8", newline="\n") as output:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            text = path.read_text(encoding="utf-8", errors="replace").strip()
            output.write(f"=== {path.relative_to(folder).as_posix()}\n\n{text}\n\n")


def main(arguments: Sequence[str]) -> None:
    """Build, start, and keep."""
    if not 1 <= len(arguments) <= 2:
        sys.exit(__doc__)
    command, name = [*arguments, system(sysconfig.get_platform())][:2]
    if not (ROOT / f"{command}.spec").is_file():
        sys.exit(f"error: there is no {command}.spec: PyInstaller's recipe has the command's name.")
    versions = read_versions()
    BUILD.mkdir(parents=True, exist_ok=True)
    DIST.mkdir(exist_ok=True)

    tools = install(os.environ.get("UV", "uv"), versions, name)
    folder, onefile = freeze(tools, command)

    licenses = BUILD / "inventory/licenses"
    (licenses / command).mkdir(exist_ok=True)
    for file in (path for pattern in LICENSES for path in ROOT.glob(pattern)):
        shutil.copy(file, licenses / command)
    shutil.copytree(licenses, folder / "licenses")

    target = DIST / f"{command}-{name}"
    archive = target.with_name(target.name + (".zip" if WINDOWS else ".tar.gz"))
    pack(folder, archive)
    kept = [Path(shutil.copy(onefile, target.with_name(target.name + onefile.suffix))), archive]
    write_licenses(licenses, target.with_name(f"{target.name}.licenses.txt"))
    shutil.copy(BUILD / "inventory/sbom.cdx.json", target.with_name(f"{target.name}.cdx.json"))
    for file in kept:
        print(f"dist/{file.name}: {file.stat().st_size / 1e6:.1f} MB")
    if name.startswith("linux-"):
        floor = glibc(folder)
        (DIST / f"glibc-{name}.txt").write_text(f"{floor}\n")
        print(f"They start with glibc {floor} and newer.")
    if versions.get("UPX_PACK") == "on":
        print("UPX_PACK=on is for the image. Virus scanners distrust downloads that are packed.")


if __name__ == "__main__":
    main(sys.argv[1:])
