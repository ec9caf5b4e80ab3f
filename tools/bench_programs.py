"""Freeze well-known programs with the builders, and write what became of them into docs/programs.md.

usage: python -m tools.bench_programs [VERSIONS [NAME...]]

Each is the source distribution from PyPI, mounted as it is, without options. VERSIONS is as for
tools.demo. With names, only these programs are frozen, and the other rows stay. It exits with 1 and
names each program that does not start for another reason than in FAILING.
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

# Each with the command that is started, with --help unless it is another option.
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
    "awscli==1.46.3": "aws --version",
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
# What may fail, with a part of what is said then: docs/programs.md says why.
FAILING = {
    "gunicorn": "No module named 'fcntl'",
    "pgcli": "no pq wrapper available",
    "ranger-fm": "No module named '_curses'",
    "rich-cli": "UnicodeEncodeError",
    "sqlfluff": "workspace",
    "tox": "python-sbom",
}


@dataclass(frozen=True)
class Outcome:
    """What became of a program."""

    success: bool  # what the run said
    starts: bool  # whether the frozen program does what it is asked for
    seconds: float
    megabytes: float = 0
    note: str = ""  # what went wrong, or the options of a second freeze


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
    result = subprocess.run(
        ["docker", "run", "--rm", *limits, f"--volume={project}:/src", image, "--log-level=ERROR"],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    seconds = time.perf_counter() - begin
    again = re.search(r"It was frozen twice. With (.*) as arguments", result.stdout)
    name, _, option = command.partition(" ")
    name += ".exe" if target == "windows" else ""
    failed = reason(result.stderr) if result.returncode else ""
    # Of several commands, those that start are kept.
    program = next((project / "dist").glob(f"*/{name}"), None)
    if not program:
        return Outcome(not failed, False, seconds, note=failed or f"no {name} in dist")
    fault = start(
        program.relative_to(project).as_posix(), option or "--help", project, image, target
    )
    note = fault or failed or (again[1] if again else "")
    return Outcome(not failed, not fault, seconds, megabytes(program.parent), note)


def reason(errors: str) -> str:
    """The error of a run, with what uv names as the last cause of it."""
    lines = [line.strip() for line in errors.splitlines()]
    first = [line for line in lines if line.startswith("error: ")][:1]
    causes = [line for line in lines if line.startswith("cause: ")][-1:]
    return short("; ".join((causes or first) or lines[-1:]))


def short(text: str) -> str:
    """A text as it fits into a table."""
    return text.replace("`", "'").replace("|", "/")[:120].strip()


def start(program: str, option: str, project: Path, image: str, target: str) -> str:
    """Start a program with an option: nothing if it does that, else the last line that it prints."""
    on_linux = ["debian:bookworm-slim", "timeout", "120", f"/src/{program}"]
    on_windows = [image, "timeout", "120", "wine", program]
    result = subprocess.run(
        [
            *("docker", "run", "--rm", f"--volume={project}:/src:ro"),
            *("--env=LANG=C.UTF-8", "--env=TERM=xterm"),
            *(on_linux if target == "linux" else on_windows),
            option,
        ],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if result.returncode == 0 and (option != "--help" or "usage" in result.stdout.lower()):
        return ""
    lines = [line for line in (result.stdout + result.stderr).splitlines() if "[PYI-" not in line]
    return short(lines[-1] if lines else f"it exited with {result.returncode}")


def is_expected(name: str, outcome: Outcome) -> bool:
    """Whether a program starts, or fails for the known reason."""
    return outcome.starts or (name in FAILING and FAILING[name] in outcome.note)


def row(requirement: str, outcomes: Sequence[Outcome]) -> str:
    """A row of the table."""
    cells = [requirement.replace("==", " ")]
    for outcome in outcomes:
        if outcome.starts:
            note = "yes" if outcome.success else "in part"
            cells += [note, f"{outcome.seconds:.0f} s", f"{outcome.megabytes:.0f} MB"]
        else:
            cells += [
                "**does not start**" if outcome.success else "no",
                f"{outcome.seconds:.0f} s",
                "",
            ]
    notes = dict.fromkeys(outcome.note for outcome in outcomes if outcome.note)
    cells.append("; ".join(f"`{note}`" for note in notes))
    return f"| {' | '.join(cells)} |"


def main(arguments: Sequence[str]) -> None:
    """Freeze each program for each target, one after another, and write the table after each.

    Raises:
        SystemExit: a program does not start, for a reason that is not in FAILING.
    """
    versions = read_versions(Path(arguments[0])) if arguments else {}
    document = ROOT / "docs/programs.md"
    old = re.findall(r"(?m)^\| ([\w-]+) ([\w.]+)( \| .*)$", document.read_text())
    rows = {f"{name}=={version}": f"| {name} {version}{cells}" for name, version, cells in old}
    unexpected = []
    with tempfile.TemporaryDirectory() as folder:
        for target in TARGETS:
            builder = Path(folder, target)
            scaffold(builder, "Bench", versions, kind="builder", target=target)
            build(builder, "--load", f"--tag=bench-programs-{target}")
        for requirement, command in PROGRAMS.items():
            name = requirement.partition("==")[0]
            if arguments[1:] and name not in arguments[1:]:
                continue
            outcomes = []
            for target in TARGETS:
                project = unpack(requirement, Path(folder, f"{requirement}-{target}"))
                outcome = freeze(project, f"bench-programs-{target}", target, command)
                shutil.rmtree(project.parent)
                outcomes.append(outcome)
                if not is_expected(name, outcome):
                    unexpected.append(f"{name} for {target} does not start: {outcome.note}")
            rows[requirement] = row(requirement, outcomes)
            print(rows[requirement], file=sys.stderr, flush=True)
            write_table(document, [rows[one] for one in PROGRAMS if one in rows])
    if unexpected:
        sys.exit("\n".join(["FAILING in tools/bench_programs.py does not say why:", *unexpected]))


def write_table(document: Path, rows: Sequence[str]) -> None:
    """Write the rows, and how many of the programs start."""
    starts = [
        sum(one.split(" | ")[column] in ("yes", "in part") for one in rows) for column in (1, 4)
    ]
    text = "\n".join(rows)
    write(
        "bench-programs",
        f"""| program | Linux | time | size | Windows | time | size | what was added or missing |
| --- | --- | ---: | ---: | --- | ---: | ---: | --- |
{text}
| of {len(rows)} | {starts[0]} | | | {starts[1]} | | | |
""",
        document,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
