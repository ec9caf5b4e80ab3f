"""A project of each released major version, with a year of its owner's changes, updates to the working tree.

The tags of this repository hold what was released.
"""

import os
import re
import sys
from pathlib import Path

import pytest

from tests.support.commands import run
from tests.support.files import tree
from tests.support.git import commit, git
from tests.support.ownership import release, update_cleanly
from tests.support.rendering import ANSWERS, copy
from tests.update.project_edits import ADDED, Add, Bump, Event, OwnIgnore, OwnKey
from tools.projects import KINDS, ROOT

MAJORS = [tag for tag in run("git", "tag", cwd=ROOT).split() if re.fullmatch(r"v\d+\.0\.0", tag)]
NONE = pytest.param("", marks=pytest.mark.skip(reason="this clone has no tag of a major version"))
NEXT = "v99.0.0"

# What the owners of a repository do to it in a year.
YEAR: list[Event] = [
    *(Bump(index) for index in range(7)),
    OwnKey(blank=True, newline=True),
    OwnIgnore(),
    *(Add(index) for index in range(len(ADDED) + 2)),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("tag", MAJORS or [NONE])
def test_the_owners_work_survives_and_everything_else_is_up_to_date(
    clone: Path, tmp_path: Path, tag: str, kind: str
) -> None:
    git(clone, "fetch", "--quiet", "--force", str(ROOT), f"refs/tags/{tag}:refs/tags/{tag}")
    release(clone, NEXT)
    project = tmp_path / "project"
    copy(clone, project, {**ANSWERS, **KINDS[kind]}, tag)
    old = tree(project)
    for number, step in enumerate(YEAR, 1):
        step(project, number)
    for name in ("README.md", "pyproject.toml", ".gitignore"):
        if (project / name).exists():
            with (project / name).open("a") as file:
                file.write("\n# ours\n")
    commit(project, "A year's work")
    update_cleanly(project, clone, NEXT, old, tmp_path / "fresh")
    assert f"_commit: {NEXT}\n" in (project / ".copier-answers.yml").read_text()
    if kind != "app":  # a builder begins without tests
        return
    # The program prints the version that it was installed with, and this Python may be too old to install it.
    installed = tmp_path / "installed/my_tool-0.1.0.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text("Metadata-Version: 2.4\nName: my-tool\nVersion: 0.1.0\n")
    run(
        *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
        cwd=project,
        env={**os.environ, "PYTHONPATH": f"{project / 'src'}{os.pathsep}{installed.parent}"},
    )
