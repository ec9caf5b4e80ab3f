"""Measure what the template makes and write the tables into docs/design.md.

usage: python -m tools.bench [VERSIONS]

Two programs: the sample as it is generated, and one that imports typer, rich, httpx and pydantic.
All figures are measured in one run on this machine. Times are medians of interleaved runs. So the
ratios hold on another machine, where the absolute figures do not. VERSIONS is as for tools.demo.
"""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.measuring import TIMER, build, run, sizes, write
from tools.projects import ROOT, lock, megabytes, read_versions, scaffold

RUNS = 20
LIBRARIES = ["typer", "rich", "httpx", "pydantic"]

# What people publish today, and beside it a virtual environment, for `python -m`.
PIP_IMAGE = """
ARG PYTHON_VERSION
FROM python:${PYTHON_VERSION}-slim-trixie AS pip
COPY . /src
RUN pip install --no-cache-dir /src
ENTRYPOINT ["bench"]
FROM pip AS timer
RUN python -m venv /venv && /venv/bin/pip install /src
"""

IMPORTS = """
import httpx
import pydantic
import rich
import typer

def main() -> int:
    rich.print("Hello", typer.__name__, httpx.__version__, pydantic.VERSION)
    return 0
"""


@dataclass(frozen=True)
class Variant:
    """A way to ship a program.

    Attributes:
        compressed: its size in a registry or as a download, in MB.
        unpacked: its size on disk, in MB.
        start: the median of its starts, in milliseconds.
    """

    compressed: float
    unpacked: float
    start: float


def project_of(folder: Path, versions: dict[str, str], libraries: Sequence[str]) -> Path:
    """Scaffold the sample, or a program that imports libraries."""
    scaffold(folder, "Bench", versions)
    if libraries:
        metadata = folder / "pyproject.toml"
        text = metadata.read_text()
        metadata.write_text(
            text.replace("dependencies = []", f"dependencies = {json.dumps(libraries)}")
        )
        (folder / "src/bench/cli.py").write_text(IMPORTS)
    lock(folder)
    return folder


def builds(project: Path) -> tuple[float, float]:
    """The seconds of a build without cache, and of one after a change to a line of the source."""
    cold = build(project, "--no-cache", "--load", "--tag=bench-onedir")
    warm = []
    for _ in range(3):
        # A line that no earlier run has left in the cache.
        (project / "src/bench/__init__.py").write_text(f'"""Change {time.time_ns()}."""\n')
        warm.append(build(project, "--load", "--tag=bench-onedir"))
    return cold, statistics.median(warm)


def variants(project: Path, scratch: Path) -> dict[str, Variant]:
    """Build a program in every variant and measure each."""
    packed = ["--build-arg=UPX_PACK=on"]
    build(project, "--load", "--tag=bench-onedir")
    build(project, "--load", "--tag=bench-upx", *packed)
    build(project, "--load", "--tag=bench-freeze", "--target=freeze")
    build(project, "--load", "--tag=bench-freeze-upx", "--target=freeze", *packed)
    download = ["--build-arg=DEBIAN=bullseye", "--target=binary"]
    build(project, *download, f"--output={scratch / 'download'}")
    (scratch / "Dockerfile").write_text(PIP_IMAGE)
    for stage in ("pip", "timer"):
        options = [f"--file={scratch / 'Dockerfile'}", f"--target={stage}"]
        build(project, "--load", f"--tag=bench-{stage}", *options)

    for image, folder in (("bench-freeze", "onedir"), ("bench-freeze-upx", "upx")):
        container = run("docker", "create", image).decode().strip()
        run("docker", "cp", f"{container}:/src/.freezer/dist/bench", str(scratch / folder))
        run("docker", "rm", container)
    [onefile] = (scratch / "download").glob("bench-linux-*64")
    commands = {
        "venv": ["/venv/bin/python", "-m", "bench", "hello"],
        "pip": ["bench", "hello"],
        "onedir": ["/onedir/bench", "hello"],
        "upx": ["/upx/bench", "hello"],
        "onefile": [f"/download/{onefile.name}", "hello"],
    }
    mounts = [f"--volume={scratch / name}:/{name}:ro" for name in ("onedir", "upx", "download")]
    command = ["docker", "run", "--rm", "--interactive", *mounts, "--entrypoint=python"]
    start = json.loads(
        run(*command, "bench-timer", "-", json.dumps(commands), str(RUNS), stdin=TIMER)
    )
    size = {name: sizes(f"bench-{name}") for name in ("pip", "onedir", "upx")}
    size["onefile"] = (megabytes(onefile), megabytes(onefile))
    size["venv"] = (0, 0)
    return {name: Variant(*size[name], start[name]) for name in commands}


def rows(variants: dict[str, Variant]) -> str:
    """The rows of a table of variants."""
    label = {
        "venv": "`python -m` in a virtual environment",
        "pip": "`pip install` in `python:slim`",
        "onedir": "**the image (onedir)**",
        "upx": "the image with `UPX_PACK=on`",
        "onefile": "the download (onefile)",
    }
    base = variants["venv"].start
    return "\n".join(
        f"| {label[name]} | {f'{one.compressed:.1f} MB' if one.compressed else ''} |"
        f" {f'{one.unpacked:.1f} MB' if one.unpacked else ''} | {one.start:.0f} ms |"
        f" {one.start / base:.2f} |"
        for name, one in variants.items()
    )


def longest(project: Path) -> str:
    """The largest generated file, with its lines."""
    counts = {
        file.relative_to(project): len(file.read_text().splitlines())
        for file in project.rglob("*")
        if file.is_file() and file.name not in ("LICENSE", "uv.lock")
    }
    largest = max(counts, key=lambda file: counts[file])
    return f"| lines of the largest generated file, `{largest}` | {counts[largest]} |"


def main(arguments: Sequence[str]) -> None:
    """Measure, print, and write the tables between the markers in docs/design.md."""
    versions = read_versions(Path(arguments[0])) if arguments else {}
    programs: dict[str, Sequence[str]] = {
        "The sample": (),
        "A program with typer, rich, httpx and pydantic": LIBRARIES,
    }
    parts = []
    with tempfile.TemporaryDirectory() as work:
        for number, (name, libraries) in enumerate(programs.items()):
            scratch = Path(work, str(number))
            scratch.mkdir()
            project = project_of(scratch / "project", versions, libraries)
            lines = "" if libraries else longest(project) + "\n"
            cold, warm = builds(project)
            parts.append(
                f"""| {name} | in a registry | unpacked | start-up | against `python -m` |
| --- | ---: | ---: | ---: | ---: |
{rows(variants(project, scratch))}

| what | figure |
| --- | ---: |
| build without cache | {cold:.1f} s |
| build after a change to one line of the source | {warm:.1f} s, {warm / cold:.2f} of that |
{lines}"""
            )
    write("bench", "\n".join(parts), ROOT / "docs/design.md")


if __name__ == "__main__":
    main(sys.argv[1:])
