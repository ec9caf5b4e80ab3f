"""The version that Git gives a commit, for projects that have none in a file."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.scripts.ids import GOOD
from tests.scripts.ids import SCRIPT as IDS
from tests.support.commands import command, run
from tests.support.git import commit, git
from tests.support.jobs import read
from tests.support.rendering import Render
from tools.projects import ROOT

SCRIPT = ROOT / "template/[[only_app]]/scripts/version"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with the script, whose version comes from Git."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(SCRIPT, tmp_path / "scripts/version")
    (tmp_path / "pyproject.toml").write_text("[tool.setuptools_scm]\n")
    commit(tmp_path)
    return tmp_path


def version(project: Path) -> subprocess.CompletedProcess[str]:
    """Run the script."""
    return subprocess.run(
        [project / "scripts/version"], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("v1.2.3", "1.2.3"),
        ("2026.1.2", "2026.1.2"),
        ("1.2.4rc1", "1.2.4rc1"),
        ("v5.0.0-beta.2", "5.0.0-beta.2"),
        ("my-tool-2.0.1", "2.0.1"),
        ("release/v4.1.post1", "4.1.post1"),
    ],
)
def test_a_tag_is_the_version_and_later_commits_say_how_far_they_are(
    project: Path, tag: str, expected: str
) -> None:
    git(project, "tag", tag)
    assert version(project).stdout == f"{expected}\n"
    git(project, "commit", "--quiet", "--allow-empty", "--message", "Later")
    hash_ = git(project, "rev-parse", "--short=7", "HEAD").strip()
    assert version(project).stdout == f"{expected}+1.g{hash_}\n"


def test_without_a_tag_it_counts_from_0(project: Path) -> None:
    assert version(project).stdout.startswith("0+1.g")


def test_a_tag_that_is_not_a_version_is_refused_by_name(project: Path) -> None:
    git(project, "tag", "docs-v2-x")
    result = version(project)
    assert result.returncode == 1
    assert result.stderr.startswith("error: the tag in docs-v2-x-0-g")


@pytest.mark.parametrize(
    ("file", "text", "from_git"),
    [
        ("pyproject.toml", 'requires = ["hatchling", "hatch-vcs"]\n', True),
        ("pyproject.toml", '[tool.pdm.version]\nsource = "scm"\n', True),
        ("pyproject.toml", 'requires = ["uv-dynamic-versioning"]\n', True),
        ("setup.py", "setup(use_scm_version=True)\n", True),
        ("setup.cfg", "[options]\nsetup_requires = pbr\n", True),
        ("pyproject.toml", '[project]\nversion = "1.0"\n', False),
    ],
)
def test_only_a_project_whose_version_comes_from_git_has_one(
    project: Path, file: str, text: str, from_git: bool
) -> None:
    (project / "pyproject.toml").unlink()
    (project / file).write_text(text)
    git(project, "tag", "v1.0")
    assert version(project).stdout == ("1.0\n" if from_git else "")


def test_ids_gives_it_to_every_build(project: Path) -> None:
    scripts = project / ".github/scripts"
    scripts.mkdir(parents=True)
    shutil.copy(IDS, scripts)
    (project / "versions.env").write_bytes(GOOD)
    git(project, "tag", "v1.2.3")
    output = run("bash", ".github/scripts/ids", "echo", cwd=project)
    assert "--build-arg PROJECT_VERSION=1.2.3" in output
    (project / "pyproject.toml").write_text('[project]\nversion = "1.0"\n')
    assert "PROJECT_VERSION" not in run("bash", ".github/scripts/ids", "echo", cwd=project)


def test_a_download_is_not_built_without_its_version(project: Path, render: Render) -> None:
    jobs = read(render() / ".github/workflows/downloads.yml")["jobs"]
    [build] = [one for one in jobs["native"]["steps"] if one.get("name") == "Build the programs"]
    git(project, "tag", "docs-v2-x")
    result = command("bash", "-eo", "pipefail", "-c", build["run"], cwd=project, SYSTEM="x")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("error: the tag in docs-v2-x-0-g")
    assert len(result.stderr.splitlines()) == 1  # uv did not run
