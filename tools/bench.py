"""Measure what the template makes and write the table into docs/design.md.

usage: python -m tools.bench [VERSIONS]

All figures are measured in one run on this machine. Times are medians of interleaved runs. So the
ratios hold on another machine, where the absolute figures do not. VERSIONS is as for tools.demo.
"""

import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tools.measuring import TIMER, build, run, sizes, write
from tools.projects import ROOT, megabytes, read_versions, scaffold

RUNS = 20

PIP_IMAGE = """
ARG PYTHON_VERSION
FROM python:${PYTHON_VERSION}-slim-bookworm
COPY . /src
RUN pip install --no-cache-dir /src
ENTRYPOINT ["bench"]
"""


def variants(project: Path, scratch: Path) -> list[str]:
    """Build the program in every variant and return the rows of the table."""
    build(project, "--load", "--tag=bench-onedir")
    build(project, "--load", "--tag=bench-upx", "--build-arg=UPX_PACK=on")
    build(project, "--load", "--tag=bench-freeze", "--target=onefile")
    build(project, "--load", "--tag=bench-freeze-upx", "--target=freeze", "--build-arg=UPX_PACK=on")
    (scratch / "pip.Dockerfile").write_text(PIP_IMAGE)
    build(project, "--load", "--tag=bench-pip", f"--file={scratch / 'pip.Dockerfile'}")

    for image, folder in (("bench-freeze", "plain"), ("bench-freeze-upx", "upx")):
        container = run("docker", "create", image).decode().strip()
        run("docker", "cp", f"{container}:/dist", str(scratch / folder))
        run("docker", "rm", container)
    commands = {
        "pip": ["bench", "hello"],
        "onedir": ["/plain/bench/bench", "hello"],
        "upx": ["/upx/bench/bench", "hello"],
        "onefile": ["/plain/bench-onefile", "hello"],
    }
    mounts = [f"--volume={scratch / name}:/{name}:ro" for name in ("plain", "upx")]
    command = ["docker", "run", "--rm", "--interactive", *mounts, "--entrypoint=python"]
    answer = run(*command, "bench-freeze", "-", json.dumps(commands), str(RUNS), stdin=TIMER)
    start = json.loads(answer)

    onefile = megabytes(scratch / "plain/bench-onefile")
    size = {name: sizes(f"bench-{name}") for name in ("pip", "onedir", "upx")}
    size["onefile"] = (onefile, onefile)
    label = {
        "pip": "`pip install` in `python:slim`",
        "onedir": "**the image (onedir)**",
        "upx": "the image with `UPX_PACK=on`",
        "onefile": "the binary (onefile)",
    }
    return [
        f"| {label[name]} | {size[name][0]:.1f} MB | {size[name][1]:.1f} MB | {start[name]:.0f} ms |"
        f" {start[name] / start['pip']:.2f} |"
        for name in label
    ]


def builds(project: Path) -> tuple[float, float]:
    """The seconds of a build without cache, and of one after a change to a line of the source."""
    cold = build(project, "--no-cache", "--load", "--tag=bench-onedir")
    warm = []
    for number in range(3):
        source = project / "src/bench/__init__.py"
        source.write_text(f'__version__ = "0.1.{number}"\n')
        warm.append(build(project, "--load", "--tag=bench-onedir"))
    return cold, statistics.median(warm)


def main(arguments: Sequence[str]) -> None:
    """Measure, print, and write the table between the markers in docs/design.md."""
    versions = read_versions(Path(arguments[0])) if arguments else {}
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        project = scratch / "project"
        scaffold(project, "Bench", versions)
        rows = variants(project, scratch)
        cold, warm = builds(project)
        counts = {
            file.relative_to(project): len(file.read_text().splitlines())
            for file in project.rglob("*")
            if file.is_file() and file.name != "LICENSE"
        }
    largest = max(counts, key=lambda file: counts[file])
    table = f"""| variant | in a registry | unpacked | start-up | against pip |
| --- | ---: | ---: | ---: | ---: |
{chr(10).join(rows)}

| what | figure |
| --- | ---: |
| build without cache | {cold:.1f} s |
| build after a change to one line of the source | {warm:.1f} s, {warm / cold:.2f} of that |
| lines of the largest generated file, `{largest}` | {counts[largest]} |
"""
    write("bench", table, ROOT / "docs/design.md")


if __name__ == "__main__":
    main(sys.argv[1:])
