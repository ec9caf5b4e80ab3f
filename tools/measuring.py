"""What the benchmarks share: timing a command, the size of an image, a table in a document."""

import gzip
import subprocess
import sys
import time
from pathlib import Path

from tools.projects import ROOT, build_arguments

# Runs inside a container that holds all variants.
TIMER = """
import json, statistics, subprocess, sys, time
variants, runs = json.loads(sys.argv[1]), int(sys.argv[2])
times = {name: [] for name in variants}
for _ in range(runs + 1):
    for name, command in variants.items():
        start = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        times[name].append((time.perf_counter() - start) * 1000)
print(json.dumps({name: statistics.median(all[1:]) for name, all in times.items()}))
"""


def run(*command: str | Path, cwd: Path | None = None, stdin: str | None = None) -> bytes:
    """Run a command and return its output.

    Raises:
        SystemExit: it failed; its output has been printed.
    """
    result = subprocess.run(
        command, cwd=cwd, capture_output=True, check=False, input=stdin.encode() if stdin else None
    )
    if result.returncode:
        sys.stderr.buffer.write(result.stdout + result.stderr)
        sys.exit(f"bench: {command[0]} exited with {result.returncode}")
    return result.stdout


def seconds(*command: str | Path, cwd: Path | None = None) -> float:
    """The time that a command takes."""
    start = time.perf_counter()
    run(*command, cwd=cwd)
    return time.perf_counter() - start


def build(project: Path, *options: str) -> float:
    """Build with the versions of the project and return the seconds that it took."""
    command = ["docker", "buildx", "build", *build_arguments(project)]
    return seconds(*command, *options, ".", cwd=project)


def sizes(image: str) -> tuple[float, float]:
    """The size of an image in MB: compressed as a registry stores it, and unpacked."""
    compressed = len(gzip.compress(run("docker", "save", image), compresslevel=6))
    container = run("docker", "create", image).decode().strip()
    unpacked = len(run("docker", "export", container))
    run("docker", "rm", container)
    return compressed / 1e6, unpacked / 1e6


def write(name: str, table: str, document: Path) -> None:
    """Print a table, and write it between the markers of a name in a document.

    Raises:
        SystemExit: the markers are not there.
    """
    print(table)
    text = document.read_text()
    begin, end = f"<!-- bench: written by `make {name}` -->", f"<!-- end of {name} -->"
    if not (begin in text and end in text):
        sys.exit(f"bench: {document.relative_to(ROOT)} lacks the lines {begin} and {end}")
    before, after = text.split(begin)[0], text.split(end)[1]
    document.write_text(f"{before}{begin}\n\n{table}\n{end}{after}")
