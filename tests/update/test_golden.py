"""A project of a released version, with changes by its owner, updates to the working tree."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.release import GOLDEN, TEMPLATE
from tests.support.commands import command, run
from tests.support.files import tree
from tests.support.git import commit, git
from tests.support.ownership import answers, assert_clean, assert_same, expected, fresh, release
from tests.update.steps import ADDED, Add, Bump, OwnIgnore, OwnKey, Step
from tools.golden import URL, environment, put_template, write
from tools.projects import KINDS, ROOT

BUNDLES = sorted(GOLDEN.glob("*.bundle"))
NEXT = "v99.0.0"

# What the owners of a repository do to it in a year.
YEAR: list[Step] = [
    *(Bump(index) for index in range(7)),
    OwnKey(blank=True, newline=True),
    OwnIgnore(),
    *(Add(index) for index in range(len(ADDED) + 2)),
]


@pytest.fixture(params=BUNDLES, ids=lambda bundle: bundle.stem)
def bundle(request: pytest.FixtureRequest) -> Path:
    """The snapshot of a released version."""
    return Path(request.param)


@pytest.fixture
def template(bundle: Path, tmp_path: Path) -> Path:
    """The template as it was released, and the working tree as the version after it."""
    folder = tmp_path / "template"
    git(tmp_path, "clone", "--quiet", "--branch", bundle.stem, str(bundle), str(folder))
    git(folder, "switch", "--quiet", "--create", "main")
    for name in TEMPLATE:
        path = folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    put_template(folder)
    release(folder, NEXT)
    return folder


def test_there_is_a_snapshot_of_the_first_release() -> None:
    assert "v1.0.0" in [bundle.stem for bundle in BUNDLES]


@pytest.mark.parametrize("kind", KINDS)
def test_the_owners_work_survives_and_everything_else_is_up_to_date(
    bundle: Path, template: Path, tmp_path: Path, kind: str
) -> None:
    project, env = tmp_path / "project", environment(template)
    git(tmp_path, "clone", "--quiet", "--branch", kind, str(bundle), str(project))
    old = tree(project)
    for number, step in enumerate(YEAR, 1):
        step(project, number)
    for name in ("README.md", "pyproject.toml", ".gitignore"):
        if (project / name).exists():
            with (project / name).open("a") as file:
                file.write("\n# ours\n")
    commit(project, "A year's work")
    before, recorded = tree(project), answers(project)

    done = command("copier", "update", "--defaults", "--vcs-ref", NEXT, cwd=project, **env)

    assert done.returncode == 0, done.stderr
    assert_clean(project)
    assert recorded.items() <= answers(project).items()
    copy = tmp_path / "fresh"
    new = fresh(template, project, copy, NEXT)
    local = (copy / ".copier-answers.yml").read_text().replace(str(template), URL)
    new = {**new, ".copier-answers.yml": ("file", local.encode())}
    assert_same(tree(project), expected(before, old, new))
    assert f"_commit: {NEXT}\n" in (project / ".copier-answers.yml").read_text()


@pytest.mark.parametrize("kind", KINDS)
def test_its_tests_pass_with_the_files_that_the_update_brings(
    bundle: Path, template: Path, tmp_path: Path, kind: str
) -> None:
    """The project's own tests, and those that the template brings for its freezer."""
    project, env = tmp_path / "project", environment(template)
    git(tmp_path, "clone", "--quiet", "--branch", kind, str(bundle), str(project))
    done = command("copier", "update", "--defaults", cwd=project, **env)
    assert done.returncode == 0, done.stderr
    # The program tells the version that it was installed with, and this Python may be too old to install it.
    installed = tmp_path / "installed/my_tool-0.1.0.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text("Metadata-Version: 2.4\nName: my-tool\nVersion: 0.1.0\n")
    run(
        *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
        cwd=project,
        env={**os.environ, "PYTHONPATH": f"{project / 'src'}{os.pathsep}{installed.parent}"},
    )


def test_the_snapshot_is_what_was_released(bundle: Path, tmp_path: Path) -> None:
    tags = run("git", "tag", cwd=ROOT).split()
    if bundle.stem not in tags:
        pytest.skip(f"this clone has no tag {bundle.stem}")
    git(tmp_path, "clone", "--quiet", "--branch", bundle.stem, str(bundle), "snapshot")
    released = run("git", "ls-tree", "-r", bundle.stem, *TEMPLATE, cwd=ROOT)
    assert git(tmp_path / "snapshot", "ls-tree", "-r", "HEAD", *TEMPLATE) == released


def test_the_same_template_makes_the_same_snapshot(tmp_path: Path) -> None:
    write("v1.0.0", tmp_path / "one.bundle")
    write("v1.0.0", tmp_path / "two.bundle")
    assert (tmp_path / "one.bundle").read_bytes() == (tmp_path / "two.bundle").read_bytes()


@pytest.mark.parametrize("arguments", [[], ["1.0.0"], ["v1.0.0", "v1.1.0"]])
def test_a_snapshot_needs_a_version(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.golden", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "usage: make golden VERSION=v1.0.0\n")
