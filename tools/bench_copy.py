"""Measure `copier copy` against that of an empty template and write the table into docs/design.md.

usage: python -m tools.bench_copy

Each template is a Git repository with one commit, one pack and one tag. The figures are processor
times of Copier and the commands that it runs, as medians of interleaved runs. So the ratios hold on
another machine, where the absolute figures do not.
"""

import resource
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

import yaml

from tools.measuring import run, write
from tools.projects import ROOT, scaffold

RUNS = 15


def release(template: Path) -> None:
    """Make a folder a template with a release, packed as a server gives it."""
    git = ["git", "-C", str(template)]
    identity = ["-c", "user.name=bench", "-c", "user.email=bench@example.org"]
    run(*git, "init", "--quiet")
    run(*git, "add", "--all", "--force")
    run(*git, *identity, "commit", "--quiet", "--no-gpg-sign", "--message", "Release")
    run(*git, "tag", "v1.0.0")
    run(*git, "repack", "-a", "-d", "--quiet")


def templates(scratch: Path, project: Path) -> dict[str, Path]:
    """This template, an empty one, and one that holds what this one generates, as plain files."""
    empty, plain, ours = scratch / "empty", scratch / "plain", scratch / "ours"
    for folder in (empty, plain):
        folder.mkdir()
        (folder / "copier.yml").write_text("_subdirectory: template\n")
    (empty / "template").mkdir()
    (empty / "template/README.md").write_text("# Empty\n")
    shutil.copytree(project, plain / "template")
    (plain / "template/.copier-answers.yml").unlink()
    files = run("git", "ls-files", "-z", cwd=ROOT).decode().split("\0")
    for name in filter(None, files):
        if (ROOT / name).is_file():
            (ours / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, ours / name)
    for template in (empty, plain, ours):
        release(template)
    count = sum(path.is_file() for path in project.rglob("*"))
    return {
        "an empty template": empty,
        f"the {count} files of an app as they are, without questions": plain,
        "this template": ours,
    }


def processor_time(*command: str | Path) -> float:
    """The seconds of processor time that a command and its children take."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run(*command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def main() -> None:
    """Measure, print, and write the table between the markers in docs/design.md."""
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        project, data = scratch / "project", scratch / "answers.yml"
        scaffold(project, "Bench", {})
        answers = yaml.safe_load((project / ".copier-answers.yml").read_text())
        data.write_text(yaml.safe_dump({key: answers[key] for key in answers if key[0] != "_"}))
        found = templates(scratch, project)
        copy = [sys.executable, "-m", "copier", "copy", "--quiet", "--defaults"]
        copy += ["--data-file", str(data)]
        times: dict[str, list[float]] = {label: [] for label in found}
        for number in range(RUNS + 1):  # the first run fills caches
            for label, template in found.items():
                target = scratch / f"{template.name}-{number}"
                times[label].append(processor_time(*copy, template, target))
    median = {label: statistics.median(taken[1:]) for label, taken in times.items()}
    base = median["an empty template"]
    table = "| `copier copy` of | processor time | against an empty template |\n"
    table += "| --- | ---: | ---: |\n"
    for label, time in median.items():
        table += f"| {label} | {time:.2f} s | {time / base:.2f} |\n"
    write("bench-copy", table, ROOT / "docs/design.md")


if __name__ == "__main__":
    main()
