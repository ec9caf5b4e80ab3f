"""Measure scripts.propagate against Copier alone and write the table into docs/organisation.md.

usage: python -m tools.bench_propagate

The repositories are bare ones on this machine, so no network takes part. What is compared is run in
turn, and the cost is in seconds of processor time, so that the ratios hold on a busy machine.
"""

import os
import re
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from tools.measuring import run, write
from tools.projects import ROOT, redirected

URL = "https://github.com/acme-org/copier-pyinstaller-ghcr.git"
ROUNDS = 3
# A program in a repository that was not made from the template.
PROGRAM = {
    "pyproject.toml": '[project]\nname = "bench"\ndescription = "Is measured."\n',
    "bench/__init__.py": "",
    "bench/__main__.py": "print('--version')\n",
    "tests/test_bench.py": "",
}
DATA = ("github_owner=acme-org", "author_name=Ada Lovelace", "license=none")
# Runs a command, and prints its seconds, those of the processors, and its largest process in KiB.
MEASURE = """
import resource, subprocess, sys, time
start = time.perf_counter()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss)
"""


class Cost(NamedTuple):
    """What one run has taken: all of it, the processor for each repository, the largest process."""

    seconds: float
    processor: float
    memory: float


def measure(*command: str | Path, count: int = 1, cwd: Path | None = None) -> Cost:
    """Run a command that works on some repositories."""
    words = run(sys.executable, "-c", MEASURE, sys.executable, *command, cwd=cwd).split()
    return Cost(float(words[0]), float(words[1]) / count, float(words[2]) * 1024 / 1e6)


def release(template: Path, version: str) -> None:
    """Commit the template as it is, and tag it."""
    identity = ["-c", "user.name=bench", "-c", "user.email=bench@example.org"]
    run("git", "-C", template, *identity, "commit", "--quiet", "--all", "--message", version)
    run("git", "-C", template, "tag", version)


class Bench:
    """A template with two versions, a project of the older one, and a program that knows neither."""

    def __init__(self, scratch: Path) -> None:
        """Make them in an empty folder."""
        self.scratch = scratch
        self.template = scratch / "template"
        self.project = scratch / "project"
        self.program = scratch / "program"
        run("git", "clone", "--quiet", ROOT, self.template)
        for tag in run("git", "-C", self.template, "tag").decode().split():
            run("git", "-C", self.template, "tag", "--delete", tag)
        ci = self.template / "template/.github/workflows/lint-and-test.yml"
        for number, version in enumerate(("v1.0.0", "v1.1.0")):
            changed, count = re.subn(
                "timeout-minutes: .*", f"timeout-minutes: 2{number}", ci.read_text()
            )
            assert count == 1
            ci.write_text(changed)
            release(self.template, version)
        os.environ["COPIER_CACHE_DIR"] = str(scratch / "cache")
        os.environ.update(redirected(URL, self.template))
        options = [
            f"--data={answer}" for answer in ("project_name=Bench", "description=Is.", *DATA)
        ]
        options += ["--quiet", "--defaults", "--vcs-ref=v1.0.0"]
        run(sys.executable, "-m", "copier", "copy", *options, URL, self.project)
        for name, text in PROGRAM.items():
            (self.program / name).parent.mkdir(parents=True, exist_ok=True)
            (self.program / name).write_text(text)
        for folder in (self.project, self.program):
            run("git", "init", "--quiet", folder)
            run("git", "-C", folder, "add", ".")
            release(folder, "v0.1.0")
        self.answers = scratch / "answers.yml"
        self.answers.write_text("".join(f"{one.replace('=', ': ')}\n" for one in DATA))

    def copier(self, do: str) -> Cost:
        """`copier update` or `copier copy` alone, in a clone that already exists."""
        clone = self.scratch / "clone"
        run("git", "clone", "--quiet", self.project if do == "update" else self.program, clone)
        options = ["--quiet", "--defaults"]
        if do == "copy":
            options.append("--overwrite")
            data = [
                f"--data={answer}" for answer in ("project_name=Bench", "description=Is.", *DATA)
            ]
            options += [*data, URL, "."]
        cost = measure("-m", "copier", do, *options, cwd=clone)
        shutil.rmtree(clone)
        return cost

    def script(self, do: str, count: int, jobs: int = 1) -> Cost:
        """One run of `update` or `adopt`."""
        folder = self.scratch / "repositories"
        source = self.project if do == "update" else self.program
        run("git", "clone", "--quiet", "--bare", source, folder / "0.git")
        for number in range(1, count):
            shutil.copytree(folder / "0.git", folder / f"{number}.git")
        command: list[str | Path] = ["-m", "scripts.propagate", do, "--template", URL]
        if do == "adopt":
            command += ["--data-file", self.answers]
        paths = [folder / f"{number}.git" for number in range(count)]
        cost = measure(*command, "--jobs", str(jobs), *paths, count=count, cwd=self.template)
        shutil.rmtree(folder)
        return cost

    def compare(self, do: str, alone: str) -> dict[str, list[Cost]]:
        """Run Copier alone and the script in turn, on 1, 10 and 100 repositories."""
        runs: dict[str, list[Cost]] = {}
        self.copier(alone)  # fills the cache
        for number in range(ROUNDS):
            runs.setdefault(f"`copier {alone}` alone", []).append(self.copier(alone))
            runs.setdefault(f"{do} 1", []).append(self.script(do, 1))
            runs.setdefault(f"{do} 10", []).append(self.script(do, 10))
            runs.setdefault(f"{do} 10, two at a time", []).append(self.script(do, 10, 2))
            if number == ROUNDS // 2:
                runs[f"{do} 100, two at a time"] = [self.script(do, 100, 2)]
        return runs


def rows(runs: dict[str, list[Cost]]) -> str:
    """The rows of the table: Copier alone, and what is measured against it."""
    costs = {
        label: Cost(*map(statistics.median, zip(*some, strict=True)))
        for label, some in runs.items()
    }
    base = next(iter(costs.values())).processor
    return "".join(
        f"| {label} | {cost.seconds:.1f} s | {cost.processor:.2f} s | {cost.processor / base:.2f} "
        f"| {cost.memory:.0f} MB |\n"
        for label, cost in costs.items()
    )


def main() -> None:
    """Measure, print, and write the table between the markers in docs/organisation.md."""
    table = """\
| repositories | the whole run | processor time for each | against Copier alone | largest process |
| --- | ---: | ---: | ---: | ---: |
"""
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(Path(name))
        table += rows(bench.compare("update", "update")) + rows(bench.compare("adopt", "copy"))
    write("bench-propagate", table, ROOT / "docs/organisation.md")


if __name__ == "__main__":
    main()
