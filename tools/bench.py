"""Measure what the template makes and write the table into docs/design.md.

usage: python -m tools.bench [VERSIONS]

Everything is measured in one run on this machine, times as medians of interleaved runs, so the
ratios hold where the absolute figures do not. VERSIONS is as for tools.demo.
"""

import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import yaml

from tools.measuring import TIMER, build, run, seconds, sizes, write
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


def copies(project: Path, scratch: Path) -> tuple[float, float]:
    """The seconds of `copier copy` of this template and of an empty one, from a Git tag each."""
    empty, ours = scratch / "empty", scratch / "ours"
    empty.mkdir()
    (empty / "copier.yml").write_text("_subdirectory: template\n")
    (empty / "template").mkdir()
    (empty / "template/README.md").write_text("# Empty\n")
    run("git", "init", "--quiet", empty)
    run("git", "-C", empty, "add", ".")
    identity = ["-c", "user.name=bench", "-c", "user.email=bench@example.org"]
    run("git", "-C", empty, *identity, "commit", "--quiet", "--message", "Empty")
    run("git", "-C", empty, "tag", "v1.0.0")
    run("git", "clone", "--quiet", ROOT, ours)
    run("git", "-C", ours, "tag", "--force", "v999.0.0")
    answers = yaml.safe_load((project / ".copier-answers.yml").read_text())
    (scratch / "answers.yml").write_text(
        yaml.safe_dump({key: value for key, value in answers.items() if key[0] != "_"})
    )
    copy = [sys.executable, "-m", "copier", "copy", "--quiet", "--defaults"]
    copy += ["--data-file", str(scratch / "answers.yml")]
    times: dict[Path, list[float]] = {empty: [], ours: []}
    for number in range(8):
        for template, taken in times.items():
            target = scratch / f"copy-{template.name}-{number}"
            taken.append(seconds(*copy, template, target))
    return statistics.median(times[ours][1:]), statistics.median(times[empty][1:])


def main(arguments: Sequence[str]) -> None:
    """Measure, print, and write the table between the markers in docs/design.md."""
    versions = read_versions(Path(arguments[0])) if arguments else {}
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        project = scratch / "project"
        scaffold(project, "Bench", versions)
        rows = variants(project, scratch)
        cold, warm = builds(project)
        ours, empty = copies(project, scratch)
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
| `copier copy`, against that of an empty template | {ours:.2f} s, {ours / empty:.2f} times |
| lines of the largest generated file, `{largest}` | {counts[largest]} |
"""
    write("bench", table, ROOT / "docs/design.md")


if __name__ == "__main__":
    main(sys.argv[1:])
