"""Measure scripts.propagate against `copier update` alone and write the table into docs/organisation.md.

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
ROUNDS = 5
# Runs a command, and prints its seconds, those of the processors, and its largest process in KiB.
MEASURE = """
import resource, subprocess, sys, time
start = time.perf_counter()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss)
"""


class Cost(NamedTuple):
    """What one run has taken, for each repository."""

    seconds: float
    processor: float
    memory: float


def measure(*command: str | Path, count: int = 1, cwd: Path | None = None) -> Cost:
    """Run a command that works on some repositories."""
    said = run(sys.executable, "-c", MEASURE, sys.executable, *command, cwd=cwd).split()
    return Cost(float(said[0]) / count, float(said[1]) / count, float(said[2]) * 1024 / 1e6)


def release(template: Path, version: str) -> None:
    """Commit the template as it is, and tag it."""
    identity = ["-c", "user.name=bench", "-c", "user.email=bench@example.org"]
    run("git", "-C", template, *identity, "commit", "--quiet", "--all", "--message", version)
    run("git", "-C", template, "tag", version)


class Bench:
    """A template with two versions, and a project of the older one."""

    def __init__(self, scratch: Path) -> None:
        """Make them in an empty folder."""
        self.scratch = scratch
        self.template = scratch / "template"
        self.project = scratch / "project"
        run("git", "clone", "--quiet", ROOT, self.template)
        for tag in run("git", "-C", self.template, "tag").decode().split():
            run("git", "-C", self.template, "tag", "--delete", tag)
        ci = self.template / "template/.github/workflows/ci.yml"
        for number, version in enumerate(("v1.0.0", "v1.1.0")):
            changed, count = re.subn(
                "timeout-minutes: .*", f"timeout-minutes: 2{number}", ci.read_text()
            )
            assert count == 1
            ci.write_text(changed)
            release(self.template, version)
        os.environ["COPIER_CACHE_DIR"] = str(scratch / "cache")
        os.environ.update(redirected(URL, self.template))
        data = ["project_name=Bench", "description=Is measured.", "github_owner=acme-org"]
        options = [f"--data={answer}" for answer in [*data, "author_name=Ada Lovelace"]]
        options += ["--quiet", "--defaults", "--vcs-ref=v1.0.0"]
        run(sys.executable, "-m", "copier", "copy", *options, URL, self.project)
        run("git", "init", "--quiet", self.project)
        run("git", "-C", self.project, "add", ".")
        release(self.project, "v0.1.0")

    def copier(self) -> Cost:
        """`copier update` alone, in a clone that is there already."""
        clone = self.scratch / "clone"
        run("git", "clone", "--quiet", self.project, clone)
        cost = measure("-m", "copier", "update", "--quiet", "--defaults", cwd=clone)
        shutil.rmtree(clone)
        return cost

    def script(self, count: int, jobs: int = 1) -> Cost:
        """One run of the script."""
        folder = self.scratch / "repositories"
        run("git", "clone", "--quiet", "--bare", self.project, folder / "0.git")
        for number in range(1, count):
            shutil.copytree(folder / "0.git", folder / f"{number}.git")
        command = ["-m", "scripts.propagate", "update", "--template", URL]
        paths = [folder / f"{number}.git" for number in range(count)]
        cost = measure(*command, "--jobs", str(jobs), *paths, count=count, cwd=self.template)
        shutil.rmtree(folder)
        return cost


def main() -> None:
    """Measure, print, and write the table between the markers in docs/organisation.md."""
    runs: dict[str, list[Cost]] = {}
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(Path(name))
        bench.copier()  # fills the cache
        for number in range(ROUNDS):
            runs.setdefault("`copier update` alone", []).append(bench.copier())
            runs.setdefault("1 repository", []).append(bench.script(1))
            runs.setdefault("10 repositories", []).append(bench.script(10))
            runs.setdefault("10 repositories, two at a time", []).append(bench.script(10, 2))
            if number == ROUNDS // 2:
                runs["100 repositories"] = [bench.script(100)]
    cost = {
        label: Cost(*map(statistics.median, zip(*some, strict=True)))
        for label, some in runs.items()
    }
    base = cost["`copier update` alone"].processor
    table = "| for each repository | processor time | against Copier alone | largest process |\n"
    table += "| --- | ---: | ---: | ---: |\n"
    for label, one in sorted(cost.items(), key=lambda item: (item[0][0] != "`", item[0])):
        ratio = f"{one.processor / base:.2f}"
        table += f"| {label} | {one.processor:.2f} s | {ratio} | {one.memory:.0f} MB |\n"
    pairs = zip(runs["10 repositories"], runs["10 repositories, two at a time"], strict=True)
    faster = statistics.median(one.seconds / two.seconds for one, two in pairs)
    table += f"\nTwo at a time, on {os.cpu_count()} cores, ten took {1 / faster:.2f} of the time.\n"
    write("bench-propagate", table, ROOT / "docs/organisation.md")


if __name__ == "__main__":
    main()
