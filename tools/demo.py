"""Make an app with the template's defaults in build/demo and run its program.

usage: python -m tools.demo [VERSIONS]

With a Docker engine that can fetch the base images, the demo builds and runs the image. Without one,
PyInstaller freezes the program on this machine. VERSIONS is a file of KEY=VALUE lines. They replace
lines of the project's versions.env, for a machine with other base images.
"""

import os
import platform
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from uv import find_uv_bin

from tools.projects import ROOT, lock, megabytes, read_versions, scaffold

PROJECT = ROOT / "build" / "demo"
GREETING = ["hello", "from the demo"]
# What Docker says where it reaches no registry.
UNREACHABLE = re.compile(r".*(failed to do request|dial tcp|i/o timeout|TLS handshake timeout).*")


class RegistryError(Exception):
    """Docker cannot fetch a base image; the message is Docker's."""


def check(output: str) -> None:
    """Look into the output of a command that failed.

    Raises:
        RegistryError: it failed because Docker reaches no registry.
    """
    if match := UNREACHABLE.search(output):
        raise RegistryError(match[0].strip())


def run(*command: str | Path, quiet: bool = False) -> None:
    """Run a command in the project.

    Raises:
        RegistryError: see `check`; a quiet command alone is looked into.
        SystemExit: it fails otherwise; its output has been printed.
    """
    print(f"\n$ {shlex.join(map(str, command))}", flush=True)
    result = subprocess.run(
        command,
        cwd=PROJECT,
        env={**os.environ, "PATH": f"{Path(find_uv_bin()).parent}{os.pathsep}{os.environ['PATH']}"},
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
        text=True,
        check=False,
    )
    if result.returncode:
        check(result.stdout or "")
        print(result.stdout or "")
        sys.exit(f"demo: {command[0]} exited with {result.returncode}")


def print_folders(project: Path) -> None:
    """Print each folder of a project that holds files."""
    folders = {file.relative_to(project).parent for file in project.rglob("*/*") if file.is_file()}
    for folder in sorted(folders):
        print(f"  {folder.as_posix()}/")


def prepare(versions: dict[str, str]) -> None:
    """Scaffold the project, and lock what it depends on.

    Raises:
        RegistryError: uv needs the image of Python, and Docker cannot fetch it.
    """
    print(f"Scaffolding {PROJECT.relative_to(ROOT)}")
    shutil.rmtree(PROJECT, ignore_errors=True)
    scaffold(PROJECT, "Demo", versions)
    print_folders(PROJECT)
    print("\n$ uv lock", flush=True)
    try:
        lock(PROJECT)
    except RuntimeError as error:
        check(str(error))
        raise


def start_up(command: Sequence[str | Path]) -> float:
    """The median time of five runs of a command, in milliseconds."""

    def once() -> float:
        start = time.perf_counter()
        subprocess.run(command, cwd=PROJECT, stdout=subprocess.DEVNULL, check=True)
        return (time.perf_counter() - start) * 1000

    return statistics.median(once() for _ in range(5))


def docker_answers() -> bool:
    """Whether a Docker engine with Buildx can be used."""
    return bool(shutil.which("docker")) and all(
        subprocess.run(["docker", *arguments], capture_output=True, check=False).returncode == 0
        for arguments in (["info"], ["buildx", "version"])
    )


def image(versions: dict[str, str]) -> tuple[float, float]:
    """Build and run the image; return its compressed size in MB and its start-up in ms.

    Raises:
        RegistryError: Docker cannot fetch the base images.
    """
    prepare(versions)
    run("make", "image", quiet=True)
    command = ["docker", "run", "--rm", "--read-only", "--cap-drop", "ALL", "demo"]
    run(*command, *GREETING)
    archive = PROJECT.parent / "demo.tar"
    subprocess.run(["docker", "save", "--output", archive, "demo"], check=True)
    packed = subprocess.run(["gzip", "--stdout", archive], capture_output=True, check=True).stdout
    archive.unlink()
    return len(packed) / 1e6, start_up([*command, *GREETING])


def freeze(versions: dict[str, str]) -> tuple[float, float]:
    """Freeze with PyInstaller here; return the size of the one file in MB and its start-up in ms."""
    if sys.platform == "linux" and not shutil.which("objcopy"):
        sys.exit("demo: PyInstaller needs objcopy: install the package binutils, or start Docker.")
    # The glibc of this machine counts for nobody else.
    versions = {**versions, "GLIBC_MAX": "2.99"}
    if sys.version_info < (3, 14):
        versions["PYTHON_VERSION"] = platform.python_version()
    os.environ["UV_PYTHON"] = sys.executable  # the one that runs this
    prepare(versions)
    run("uv", "run", "--no-project", "scripts/freeze.py", "download", "demo")
    [program] = [file for file in PROJECT.glob("dist/demo-*") if file.suffix in ("", ".exe")]
    run(program, *GREETING)
    return megabytes(program), start_up([program, *GREETING])


def main(arguments: Sequence[str]) -> None:
    """Scaffold, build, run, and sum up."""
    versions = read_versions(Path(arguments[0])) if arguments else {}
    reason = "" if docker_answers() else "No Docker engine answers."
    if not reason:
        try:
            size, milliseconds = image(versions)
        except RegistryError as error:
            reason = f"Docker answers, but cannot fetch the base images:\n  {error}"
    if reason:
        print(f"\n{reason}\nPyInstaller freezes it right here.\n")
        size, milliseconds = freeze(versions)
    print(f"""
It runs.
  where     {PROJECT.relative_to(ROOT)}
  size      {size:.1f} MB ({"one file" if reason else "image, compressed"})
  start-up  {milliseconds:.0f} ms{"" if reason else " with docker run"}

Next, type:
  cd {PROJECT.relative_to(ROOT)} && make help
  uvx copier copy https://github.com/ORG/copier-pyinstaller-ghcr.git my-tool""")


if __name__ == "__main__":
    main(sys.argv[1:])
