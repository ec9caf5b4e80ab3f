"""Freeze well-known programs with the builders, and write what became of them into docs/programs.md.

usage: python -m tools.bench_programs [VERSIONS]

Each is the source distribution from PyPI, mounted as it is, without options. VERSIONS is as for
tools.demo.
"""

import io
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.measuring import build, write
from tools.projects import ROOT, megabytes, read_versions, scaffold

# Each with the command that is started.
PROGRAMS = {
    "httpie==3.2.4": "http",
    "black==26.10.1": "black",
    "cookiecutter==2.7.1": "cookiecutter",
    "sqlfluff==4.5.0": "sqlfluff",
    "streamlink==8.6.3": "streamlink",
    "csvkit==2.2.0": "csvcut",
    "yt-dlp==2026.10.26": "yt-dlp",
    "glances==4.5.8": "glances",
    "litecli==1.17.1": "litecli",
    "rich-cli==1.8.1": "rich",
    "mkdocs==1.6.1": "mkdocs",
    "yamllint==1.38.0": "yamllint",
    "pgcli==4.7.1": "pgcli",
    "visidata==3.4": "vd",
    "pipx==1.18.4": "pipx",
    "twine==7.0.0": "twine",
    "pylint==4.1.4": "pylint",
    "gallery-dl==1.32.18": "gallery-dl",
    "ipython==9.18.1": "ipython",
    "tox==4.67.15": "tox",
    "khal==0.14.1": "khal",
    "todoman==4.7.0": "todo",
    "nox==2026.10.20": "nox",
    "s3cmd==2.4.0": "s3cmd",
    "awscli==1.46.3": "aws",
    "ranger-fm==1.9.4": "ranger",
    "buku==5.1": "buku",
    "img2pdf==0.6.3": "img2pdf",
    "howdoi==2.0.20": "howdoi",
    "tldr==3.4.4": "tldr",
    "poetry==2.5.1": "poetry",
    "flake8==7.5.0": "flake8",
    "datasette==0.65.5": "datasette",
    "sqlite-utils==4.2.1": "sqlite-utils",
    "beets==2.14.1": "beet",
    "jc==1.26.1": "jc",
    "codespell==2.4.3": "codespell",
    "uvicorn==0.54.0": "uvicorn",
    "internetarchive==5.12.1": "ia",
    "instaloader==4.16": "instaloader",
    "gunicorn==27.0.1": "gunicorn",
}
TARGETS = ("linux", "windows")


@dataclass(frozen=True)
class Outcome:
    """What became of a program."""

    success: bool  # what the run said
    starts: bool  # whether the frozen program prints its help
    seconds: float
    megabytes: float = 0
    said: str = ""  # what went wrong, or the options of a second freeze


def unpack(requirement: str, folder: Path) -> Path:
    """Unpack the source distribution of a requirement from PyPI, and return its folder."""
    name, version = requirement.split("==")
    request = urllib.request.Request(
        f"https://pypi.org/simple/{name}/",
        headers={"Accept": "application/vnd.pypi.simple.v1+json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        files = json.load(answer)["files"]
    [url] = [file["url"] for file in files if file["filename"].endswith(f"-{version}.tar.gz")]
    with urllib.request.urlopen(url, timeout=60) as answer:
        content = io.BytesIO(answer.read())
    with tarfile.open(fileobj=content) as archive:
        archive.extractall(folder, filter="data")
    [project] = folder.iterdir()
    return project


def freeze(project: Path, image: str, target: str, command: str) -> Outcome:
    """Freeze a project, and start its command where there is no Python."""
    limits = ["--pids-limit=1000", "--memory=6g"]
    begin = time.perf_counter()
    done = subprocess.run(
        ["docker", "run", "--rm", *limits, f"--volume={project}:/src", image, "--log-level=ERROR"],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    seconds = time.perf_counter() - begin
    if done.returncode:
        return Outcome(False, False, seconds, said=reason(done.stderr))
    again = re.search(r"It was frozen twice. With (.*) as arguments", done.stdout)
    name = f"{command}.exe" if target == "windows" else command
    program = next((project / "dist").glob(f"*/{name}"), None)
    if not program:
        return Outcome(True, False, seconds, said=f"no {name} in dist")
    fault = start(program.relative_to(project).as_posix(), project, image, target)
    said = fault or (again[1] if again else "")
    return Outcome(True, not fault, seconds, megabytes(program.parent), said)


def reason(errors: str) -> str:
    """The error of a run, with what uv names as the last cause of it."""
    lines = [line.strip() for line in errors.splitlines()]
    first = [line for line in lines if line.startswith("error: ")][:1]
    causes = [line for line in lines if line.startswith("cause: ")][-1:]
    return short("; ".join((causes or first) or lines[-1:]))


def short(text: str) -> str:
    """A text as it fits into a table."""
    return text.replace("`", "'").replace("|", "/")[:120].strip()


def start(program: str, project: Path, image: str, target: str) -> str:
    """Start a program with --help: nothing if it prints its help, else the last line that it prints."""
    on_linux = ["debian:bookworm-slim", "timeout", "120", f"/src/{program}"]
    on_windows = [image, "timeout", "120", "wine", program]
    done = subprocess.run(
        [
            *("docker", "run", "--rm", f"--volume={project}:/src:ro", "--env=LANG=C.UTF-8", "--env=TERM=xterm"),
            *(on_linux if target == "linux" else on_windows),
            "--help",
        ],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode == 0 and "usage" in done.stdout.lower():
        return ""
    lines = [line for line in (done.stdout + done.stderr).splitlines() if "[PYI-" not in line]
    return short(lines[-1] if lines else f"it exited with {done.returncode}")


def row(requirement: str, outcomes: Sequence[Outcome]) -> str:
    """A row of the table."""
    cells = [requirement.replace("==", " ")]
    for outcome in outcomes:
        if outcome.success and outcome.starts:
            cells += ["yes", f"{outcome.seconds:.0f} s", f"{outcome.megabytes:.0f} MB"]
        else:
            cells += [
                "**does not start**" if outcome.success else "no",
                f"{outcome.seconds:.0f} s",
                "",
            ]
    notes = dict.fromkeys(outcome.said for outcome in outcomes if outcome.said)
    cells.append("; ".join(f"`{note}`" for note in notes))
    return f"| {' | '.join(cells)} |"


def main(arguments: Sequence[str]) -> None:
    """Freeze each program for each target, one after another, and write the table after each."""
    versions = read_versions(Path(arguments[0])) if arguments else {}
    with tempfile.TemporaryDirectory() as name:
        for target in TARGETS:
            builder = Path(name, target)
            scaffold(builder, "Bench", versions, kind="builder", target=target)
            build(builder, "--load", f"--tag=bench-programs-{target}")
        rows: list[str] = []
        counts = dict.fromkeys(TARGETS, 0)
        for requirement, command in PROGRAMS.items():
            outcomes = []
            for target in TARGETS:
                project = unpack(requirement, Path(name, f"{requirement}-{target}"))
                outcome = freeze(project, f"bench-programs-{target}", target, command)
                outcomes.append(outcome)
                counts[target] += outcome.starts
                shutil.rmtree(project.parent)
            rows.append(row(requirement, outcomes))
            print(rows[-1], file=sys.stderr, flush=True)
            write(
                "bench-programs",
                f"""| program | Linux | time | size | Windows | time | size | what was added or missing |
| --- | --- | ---: | ---: | --- | ---: | ---: | --- |
{chr(10).join(rows)}
| of {len(rows)} | {counts["linux"]} | | | {counts["windows"]} | | | |
""",
                ROOT / "docs/programs.md",
            )


if __name__ == "__main__":
    main(sys.argv[1:])
