#!/usr/bin/env python3
"""Scaffold an app with the template's defaults into build/demo and show its program running.

usage: scripts/demo.py [VERSIONS]

Where a Docker engine answers, its image is built and run; elsewhere PyInstaller freezes it here.
VERSIONS is a file of KEY=VALUE lines that replace those of the project's versions.env, for a
machine that has other base images at hand.
"""

import platform
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import copier

ROOT = Path(__file__).parent.parent
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


def read_versions(file: Path) -> dict[str, str]:
    """Read the KEY=VALUE lines of a file.

    Raises:
        SystemExit: the file cannot be read.
    """
    try:
        text = file.read_text()
    except OSError as error:
        sys.exit(f"{file}: {error.strerror}. VERSIONS=file names a file of KEY=VALUE lines.")
    return dict(re.findall(r"(?m)^([A-Z][A-Z0-9_]*)=(.*)$", text))


def versions_for(target: str, versions: dict[str, str]) -> dict[str, str]:
    """Those of the versions that are for a target: WINDOWS_NAME is NAME, for windows alone."""
    own = {name: value for name, value in versions.items() if not name.startswith("WINDOWS_")}
    if target == "windows":
        for name in versions.keys() - own.keys():
            own[name.removeprefix("WINDOWS_")] = versions[name]
    return own


def set_versions(project: Path, versions: dict[str, str]) -> None:
    """Replace values of a project's versions.env, and append the keys that it lacks."""
    file = project / "versions.env"
    text = file.read_text()
    for key, value in versions.items():
        text, found = re.subn(rf"(?m)^{key}=.*$", f"{key}={value}", text)
        text += "" if found else f"{key}={value}\n"
    file.write_text(text)


def build_arguments(project: Path) -> list[str]:
    """The options of `docker buildx build` that give a Dockerfile its versions, as `make image` does."""
    pairs = read_versions(project / "versions.env")
    return [f"--build-arg={name}={value}" for name, value in pairs.items()]


def megabytes(path: Path) -> float:
    """The size of a file, or of all files in a folder."""
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files) / 1e6


def python_answer(versions: dict[str, str]) -> dict[str, str]:
    """The answer to `python_version` that fits the versions, if they name a Python."""
    version = versions.get("PYTHON_VERSION")
    return {"python_version": ".".join(version.split(".")[:2])} if version else {}


def scaffold(project: Path, name: str, versions: dict[str, str], **answers: str) -> None:
    """Render a project with the template's defaults and, where given, other answers and versions."""
    own = versions_for(answers.get("target", "linux"), versions)
    data = {
        "project_name": name,
        "description": "Shows what the template makes.",
        "github_owner": "acme-org",
        "author_name": "Ada Lovelace",
        **python_answer(own),
        **answers,
    }
    copier.run_copy(str(ROOT), project, data=data, defaults=True, quiet=True, vcs_ref="HEAD")
    set_versions(project, own)


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
