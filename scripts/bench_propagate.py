#!/usr/bin/env python3
"""Measure scripts/propagate.py against `copier update` alone and write the table into README.md.

usage: scripts/bench_propagate.py

The repositories are bare ones on this machine, so no network takes part. Everything compared is
run in turn, so the ratios hold where the absolute figures do not.
"""

import os
import re
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from bench import run, seconds
from demo import ROOT

README = ROOT / "README.md"
BEGIN, END = "<!-- bench: written by `make bench-propagate` -->", "<!-- end of bench-propagate -->"
URL = "https://github.com/acme-org/copier-pyinstaller-ghcr.git"
ROUNDS = 5
# What the script does, in a process whose children's memory is known at its end.
MEASURE = """
import resource, subprocess, sys, time
start = time.perf_counter()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


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
        os.environ["GIT_CONFIG_COUNT"] = "1"
        os.environ["GIT_CONFIG_KEY_0"] = f"url.{self.template.as_uri()}.insteadOf"
        os.environ["GIT_CONFIG_VALUE_0"] = URL
        data = ["project_name=Bench", "description=Is measured.", "github_owner=acme-org"]
        options = [f"--data={answer}" for answer in [*data, "author_name=Ada Lovelace"]]
        options += ["--quiet", "--defaults", "--vcs-ref=v1.0.0"]
        run(sys.executable, "-m", "copier", "copy", *options, URL, self.project)
        run("git", "init", "--quiet", self.project)
        run("git", "-C", self.project, "add", ".")
        release(self.project, "v0.1.0")

    def copier(self) -> float:
        """The seconds of `copier update` alone, in a clone that is there already."""
        clone = self.scratch / "clone"
        run("git", "clone", "--quiet", self.project, clone)
        taken = seconds(
            sys.executable, "-m", "copier", "update", "--quiet", "--defaults", cwd=clone
        )
        shutil.rmtree(clone)
        return taken

    def script(self, count: int, jobs: int) -> tuple[float, float]:
        """The seconds per repository of one run of the script, and its largest process in MB."""
        folder = self.scratch / "repositories"
        run("git", "clone", "--quiet", "--bare", self.project, folder / "0.git")
        for number in range(1, count):
            shutil.copytree(folder / "0.git", folder / f"{number}.git")
        script: list[str | Path] = [
            sys.executable,
            self.template / "scripts/propagate.py",
            "update",
        ]
        options = ["--template", URL, "--jobs", str(jobs)]
        paths = [folder / f"{number}.git" for number in range(count)]
        said = run(sys.executable, "-c", MEASURE, *script, *options, *paths).split()
        shutil.rmtree(folder)
        return float(said[0]) / count, float(said[1]) / 1000


def main() -> None:
    """Measure, print, and write the table between the markers in README.md."""
    start = time.perf_counter()
    alone, one, ten, both = [], [], [], []
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(Path(name))
        bench.copier()  # fills the cache
        for _ in range(ROUNDS):
            alone.append(bench.copier())
            one.append(bench.script(1, 1))
            ten.append(bench.script(10, 1))
            both.append(bench.script(10, 2))
        hundred = bench.script(100, 1)
        alone += [bench.copier() for _ in range(ROUNDS)]
        hundred_both = bench.script(100, 2)
    base = statistics.median(alone)
    rows = {
        "1 repository": one,
        "10 repositories": ten,
        "100 repositories": [hundred],
        "10 repositories, two at a time": both,
        "100 repositories, two at a time": [hundred_both],
    }
    table = "| `scripts/propagate.py update` | seconds for each | against `copier update` alone | largest process |\n"
    table += "| --- | ---: | ---: | ---: |\n"
    for label, runs in rows.items():
        each = statistics.median(taken for taken, _ in runs)
        memory = max(size for _, size in runs)
        table += f"| {label} | {each:.2f} | {each / base:.2f} | {memory:.0f} MB |\n"
    print(f"{table}\nmeasured in {time.perf_counter() - start:.0f} s")
    text = README.read_text()
    if not (BEGIN in text and END in text):
        sys.exit(f"bench: README.md lacks the lines {BEGIN} and {END}")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    README.write_text(f"{before}{BEGIN}\n\n{table}\n{END}{after}")


if __name__ == "__main__":
    main()
