"""Make an app with the template's defaults in build/demo and run its program.

usage: python -m tools.demo [VERSIONS]

With a Docker engine, the demo builds and runs the image. Without one, PyInstaller freezes the program
on this machine. VERSIONS is a file of KEY=VALUE lines. They replace lines of the project's
versions.env, for a machine with other base images.
"""

import platform
import shlex
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tools.projects import ROOT, megabytes, read_versions, scaffold

PROJECT = ROOT / "build" / "demo"
GREETING = ["hello", "from the demo"]


def run(*command: str | Path, quiet: bool = False) -> None:
    """Run a command in the project; its failure ends the demo with its output and exit code."""
    print(f"\n$ {shlex.join(map(str, command))}", flush=True)
    done = subprocess.run(
        command,
        cwd=PROJECT,
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
        check=False,
    )
    if done.returncode:
        sys.stdout.buffer.write(done.stdout or b"")
        sys.exit(f"demo: {command[0]} ended with {done.returncode}")


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


def image() -> tuple[float, float]:
    """Build and run the image; return its compressed size in MB and its start-up in ms."""
    run("make", "image", quiet=True)
    command = ["docker", "run", "--rm", "--read-only", "--cap-drop", "ALL", "demo"]
    run(*command, *GREETING)
    archive = PROJECT.parent / "demo.tar"
    subprocess.run(["docker", "save", "--output", archive, "demo"], check=True)
    packed = subprocess.run(["gzip", "--stdout", archive], capture_output=True, check=True).stdout
    archive.unlink()
    return len(packed) / 1e6, start_up([*command, *GREETING])


def freeze() -> tuple[float, float]:
    """Freeze with PyInstaller here; return the size of the folder in MB and its start-up in ms."""
    print("\nNo Docker engine answers, so PyInstaller freezes it right here.")
    if sys.platform == "linux" and not shutil.which("objcopy"):
        sys.exit("demo: PyInstaller needs objcopy: install the package binutils, or start Docker.")
    versions = read_versions(PROJECT / "versions.env")
    run(sys.executable, "-m", "venv", ".venv")
    run(
        ".venv/bin/pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        f"pyinstaller=={versions['PYINSTALLER_VERSION']}",
        f"pyinstaller-hooks-contrib=={versions['PYINSTALLER_HOOKS_CONTRIB_VERSION']}",
        ".",
    )
    run(".venv/bin/pyinstaller", "--log-level", "WARN", "demo.spec")
    program = PROJECT / "dist/demo/demo"
    run(program, *GREETING)
    return megabytes(program.parent), start_up([program, *GREETING])


def main(arguments: Sequence[str]) -> None:
    """Scaffold, build, run, and sum up."""
    versions = read_versions(Path(arguments[0])) if arguments else {}
    show: Callable[[], tuple[float, float]] = image if docker_answers() else freeze
    if show is freeze and sys.version_info < (3, 14):  # with the Python that runs this
        versions["PYTHON_VERSION"] = platform.python_version()
    print(f"Scaffolding {PROJECT.relative_to(ROOT)}")
    shutil.rmtree(PROJECT, ignore_errors=True)
    scaffold(PROJECT, "Demo", versions)
    for file in sorted(PROJECT.rglob("*")):
        if file.is_file():
            print(f"  {file.relative_to(PROJECT)}")
    size, milliseconds = show()
    what = "image, compressed" if show is image else "folder"
    print(f"""
It runs.
  where     {PROJECT.relative_to(ROOT)}
  size      {size:.1f} MB ({what})
  start-up  {milliseconds:.0f} ms{" with docker run" if show is image else ""}

Next, type:
  cd {PROJECT.relative_to(ROOT)} && make test
  uvx copier copy https://github.com/ORG/copier-pyinstaller-ghcr.git my-tool""")


if __name__ == "__main__":
    main(sys.argv[1:])
