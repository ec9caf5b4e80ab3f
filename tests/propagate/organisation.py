"""Repositories made from several versions of the template, as bare git repositories."""

import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from scripts.propagate import processes, templates
from scripts.propagate.__main__ import command_line, make_task, read_data_file
from tests.support.commands import run
from tests.support.git import commit, git, redirected

URL = "https://github.com/Acme-Org/copier-pyinstaller-ghcr.git"
BRANCH = "copier-update"
WORKFLOW = ".github/workflows/lint-and-test.yml"


def replace(file: Path, old: str, new: str) -> None:
    """Replace a text that a file has exactly once."""
    text = file.read_text()
    assert text.count(old) == 1, f"{file} has {old!r} {text.count(old)} times"
    file.write_text(text.replace(old, new))


def name_of(repository: str) -> str:
    """The name in the URL of a repository."""
    return Path(repository).name.removesuffix(".git")


@dataclass
class Organisation:
    """Bare repositories, and how the script sees them."""

    folder: Path
    template: Path
    url: str = ""  # what stands for the folder in the URL of a repository

    def bare(self, name: str) -> Path:
        """Where a repository is."""
        return self.folder / f"{name}.git"

    def add(self, name: str, project: Path) -> Path:
        """Make a repository of a project."""
        run("git", "clone", "--quiet", "--bare", "--template=", project, self.bare(name))
        return self.bare(name)

    def change(self, name: str, edit: Callable[[Path], Any], ref: str = "main") -> None:
        """Commit to a repository what a function does to a checkout of it."""
        checkout = self.folder / "checkout"
        run("git", "clone", "--quiet", "--branch", ref, self.bare(name), checkout)
        edit(checkout)
        commit(checkout)
        git(checkout, "push", "--quiet", "origin", f"HEAD:{ref}")
        shutil.rmtree(checkout)

    def add_file(self, name: str, path: str, text: str) -> None:
        """Commit a file to a repository without a checkout, in which Git would act upon it."""
        bare = self.bare(name)
        index = {**os.environ, "GIT_INDEX_FILE": str(bare / "index")}
        blob = run("git", "hash-object", "-w", "--stdin", cwd=bare, input=text).strip()
        run("git", "read-tree", "main", cwd=bare, env=index)
        entry = f"100644,{blob},{path}"
        run("git", "update-index", "--add", "--cacheinfo", entry, cwd=bare, env=index)
        tree = run("git", "write-tree", cwd=bare, env=index).strip()
        made = git(bare, "commit-tree", "-p", "main", "-m", "Change", tree).strip()
        git(bare, "update-ref", "refs/heads/main", made)

    def refs(self, name: str) -> dict[str, str]:
        """The branches of a repository, and the commit that each one is at."""
        listed = git(self.bare(name), "for-each-ref", "--format=%(refname) %(objectname)")
        found = dict(line.split() for line in listed.splitlines())
        return {ref.removeprefix("refs/heads/"): commit for ref, commit in found.items()}

    def show(self, name: str, what: str) -> str:
        """An object of a repository."""
        return git(self.bare(name), "show", what)

    def names(self) -> list[str]:
        """Its repositories."""
        return sorted(path.stem for path in self.folder.glob("*.git"))

    def copy(self, folder: Path) -> "Organisation":
        """The same organisation, as it is now, in another folder."""
        shutil.copytree(self.folder, folder)
        return Organisation(folder, self.template, self.url)

    def places(self, names: Sequence[str] | None) -> list[str]:
        """The URLs of repositories of it, or of all."""
        return [
            f"{self.url}/{name}" if self.url else str(self.bare(name))
            for name in names or self.names()
        ]

    def command(self, *options: str | Path, names: Sequence[str] | None = None) -> list[str | Path]:
        """The command that updates repositories of it, or all."""
        return [sys.executable, "-m", "scripts.propagate", "update", *options, *self.places(names)]

    def run(
        self, *options: str | Path, names: Sequence[str] | None = None
    ) -> dict[str, dict[str, Any]]:
        """Run the command, and return what its report says of each repository."""
        report = self.folder / "report.jsonl"
        completed = subprocess.run(
            self.command("--report", report, *options, names=names),
            cwd=self.template,
            capture_output=True,
            text=True,
            check=False,
        )
        assert completed.stderr == "", completed.stderr
        results = [json.loads(line) for line in report.read_text().splitlines()]
        bad = any(result["status"] in ("failed", "refused") for result in results)
        assert completed.returncode == bad, completed.stdout
        assert len(completed.stdout.splitlines()) == len(results) + 1, completed.stdout
        return {name_of(result["repository"]): result for result in results}

    def update(
        self,
        *options: str | Path,
        do: str = "update",
        names: Sequence[str] | None = None,
        **environment: str,
    ) -> dict[str, dict[str, Any]]:
        """Do in this process what the command does to each repository, and return each result."""
        chosen = command_line().parse_args([do, *map(str, options), *self.places(names)])
        redirect = redirected(self.url, self.folder) if self.url else {}
        results = []
        with (
            pytest.MonkeyPatch.context() as patch,
            tempfile.TemporaryDirectory(dir=self.folder.parent) as name,
        ):
            for key, value in {**redirect, **environment}.items():
                patch.setenv(key, value)
            scratch = Path(name)
            given = (chosen.template, chosen.to, chosen.moved_from)
            template = templates.load(*given, scratch, self.template)
            task = make_task(chosen, template, read_data_file(chosen.data_file))
            for number, url in enumerate(chosen.repositories):
                folder = scratch / f"job/{number}"
                folder.mkdir(parents=True)
                results.append(processes.attempt(url, task, folder))
        return {name_of(result.repository): dataclasses.asdict(result) for result in results}

    def adopt(
        self, *options: str | Path, names: Sequence[str] | None = None
    ) -> dict[str, dict[str, Any]]:
        """Adopt repositories of it, or all, and return what the report says of each."""
        return self.update(*options, do="adopt", names=names)


def refusal(template: Path, *arguments: str | Path) -> str:
    """What the command says, in a clone of the template, before it ends without having done anything."""
    result = subprocess.run(
        [sys.executable, "-m", "scripts.propagate", *arguments],
        cwd=template,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stdout) == (1, "")
    return result.stderr


def set_timeout(project: Path, minutes: int) -> None:
    """Change a line that is the template's, whatever it was."""
    file = project / WORKFLOW
    file.write_text(re.sub(r"(timeout-minutes:) \d+", rf"\1 {minutes}", file.read_text()))


def lengthen(project: Path) -> None:
    """Edit a line that is the template's, and that it changes later."""
    set_timeout(project, 60)


def widen(project: Path) -> None:
    """Edit a file that is the template's, and that it removes later."""
    with (project / "scripts/freezer/ruff.toml").open("a") as file:
        file.write("# Ours.\n")


def within_rights(project: Path) -> None:
    """Edit what is the project's: its versions, source, tests and README, and a workflow of its own."""
    versions = project / "versions.env"
    text, found = re.subn(
        r"(?m)^PYINSTALLER_VERSION=.*$", "PYINSTALLER_VERSION=7.0.0", versions.read_text()
    )
    assert found == 1
    versions.write_text(text)
    (project / "README.md").write_text("# Ours\n")
    (project / "own.py").write_text("print('ours')\n")
    for tests in project.glob("tests"):  # A builder has none of its own.
        shutil.rmtree(tests)
    (project / ".github/workflows/own.yml").write_text("name: Ours\n")


def node(name: str, source: str | None = URL, **flags: bool) -> dict[str, Any]:
    """A repository, as GitHub's API describes it."""
    text = f"# Do not edit.\n_commit: v1.0.0\n_src_path: {source}\nlicense: MIT\n"
    answers = {"text": text} if source else None
    return {"name": name, "isArchived": False, "isFork": False, "answers": answers, **flags}
