"""What `make` does on its owner's machine: in each kind of repository, and in an app with uv and a lock."""

import os
import platform
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from uv import find_uv_bin

from tests.support.commands import command
from tests.support.files import write
from tests.support.git import commit, git
from tests.support.rendering import Render
from tools.projects import KINDS, lock, set_versions


@pytest.fixture(scope="module")
def locked(render: Render) -> Path:
    """An app for the Python that runs the tests, with its lock."""
    project = render(python_version=".".join(platform.python_version_tuple()[:2]))
    set_versions(project, {"PYTHON_VERSION": platform.python_version()})
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("UV_PYTHON", sys.executable)
        lock(project)
    return project


@pytest.fixture
def project(locked: Path, tmp_path: Path) -> Path:
    """A copy of it to change."""
    return Path(shutil.copytree(locked, tmp_path / "project"))


def make(project: Path, *targets: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run make with uv on the path, and with the Python that runs the tests."""
    return command("make", *targets, cwd=project, **{"UV_PYTHON": sys.executable, **environment})


def test_tests_and_style_pass_in_a_checkout_as_windows_makes_it(
    project: Path, tmp_path: Path
) -> None:
    """Without execute bits, with Git for Windows' line endings, shallow, and in a folder with any name."""
    with (project / "pyproject.toml").open("a") as file:
        # pytest imports every file that is not left out.
        file.write('[tool.pytest.ini_options]\naddopts = "--doctest-modules"\n')
    for path in project.rglob("*"):
        if path.is_file():
            path.chmod(0o644)
    commit(project)
    checkout = tmp_path / "Meine Töpfe" / "tool"
    windows = ("-c", "core.autocrlf=true", "clone", "--quiet", "--depth=1")
    git(tmp_path, *windows, project.as_uri(), str(checkout))
    result = make(checkout, "lint", "test")
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_project_without_rules_for_ruff_is_not_checked_by_ours(project: Path) -> None:
    (project / "flat.py").write_text("import os\nx = ( 1 )\n")
    refused = make(project, "lint")
    assert refused.returncode != 0
    assert "F401" in refused.stdout
    file = project / "pyproject.toml"
    file.write_text(re.sub(r"(?ms)^\[tool\.ruff.*?(?=^\[tool\.uv\])", "", file.read_text()))
    result = make(project, "lint")
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_projects_own_rules_hold_for_its_code_and_not_for_the_templates(project: Path) -> None:
    file = project / "pyproject.toml"
    text = re.sub(r"(?ms)^\[tool\.ruff.*?(?=^\[tool\.uv\])", "", file.read_text())
    file.write_text(text)
    (project / "ruff.toml").write_text('lint.select = ["D100"]\n')
    own = ("flat.py", "scripts/own.py")
    for name in own:
        (project / name).write_text("x = ( 1 )\n")
    result = make(project, "lint")
    assert result.returncode != 0
    matches = re.findall(r"(?m)^ *--> (\S+?):", result.stdout)
    assert set(own) <= set(matches)
    assert {path for path in matches if path.startswith(("scripts/", ".github/"))} == {own[1]}
    for name in own:
        (project / name).write_text(
            '"""Not formatted, and formats by another tool."""\nx = ( 1 )\n'
        )
    for path in (project / "src").rglob("*.py"):
        path.write_text('"""Documented."""\n')
    (project / "tests/test_cli.py").write_text('"""Documented."""\n')
    assert make(project, "lint").returncode == 0


def test_ruff_has_the_version_of_the_projects_pre_commit_hooks(project: Path) -> None:
    file = project / "pyproject.toml"
    group = re.search(r"dev = \[.*(ruff==(\S+))\"\]", file.read_text())
    assert group
    text = file.read_text().replace(f', "{group[1]}"', "")
    file.write_text(
        text.replace("[tool.ruff]\n", f'[tool.ruff]\nrequired-version = "=={group[2]}"\n')
    )
    locked = command(find_uv_bin(), "lock", cwd=project, UV_PYTHON=sys.executable)
    assert locked.returncode == 0, locked.stderr
    (project / "flat.py").write_text("import os\n")
    unknown = make(project, "lint")
    assert (unknown.returncode, "lists Ruff" in unknown.stdout) == (0, True), unknown.stderr
    hooks = f"repos:\n- repo: https://github.com/astral-sh/ruff-pre-commit\n  rev: v{group[2]}\n"
    (project / ".pre-commit-config.yaml").write_text(hooks)
    result = make(project, "lint")
    assert (result.returncode, "F401" in result.stdout) == (2, True), result.stderr
    (project / "flat.py").unlink()
    assert make(project, "lint").returncode == 0


def test_a_project_without_tests_is_warned(project: Path) -> None:
    shutil.rmtree(project / "tests")
    commit(project)
    result = make(project, "test")
    assert (result.returncode, "There are no tests" in result.stdout) == (0, True), result.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_make_alone_lists_the_targets_and_those_of_a_gnumakefile(render: Render, kind: str) -> None:
    project = render(**KINDS[kind])
    (project / "GNUmakefile").write_text("include Makefile\n\nown: ## do my own\n\techo own\n")
    result = make(project)
    assert result.returncode == 0, result.stderr
    listed = dict(line.split(maxsplit=2)[1:] for line in result.stdout.splitlines())
    programs = ["binary"] if kind == "app" else []
    assert list(listed) == ["own", "help", "lint", "test", "image", "smoke", *programs, "sbom"]
    assert (listed["own"], listed["help"]) == ("do my own", "list these commands")


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_built_has_the_date_of_the_commit(render: Render, kind: str) -> None:
    project = render(**KINDS[kind])
    commit(project)
    date = git(project, "log", "-1", "--format=%ct").strip()
    result = make(project, "--dry-run", "image", "sbom")
    builds = [line for line in result.stdout.splitlines() if "buildx build" in line]
    assert [f"SOURCE_DATE_EPOCH={date} " in line for line in builds] == [True, True]


def test_the_tests_run_with_the_python_that_is_frozen(project: Path) -> None:
    set_versions(project, {"PYTHON_VERSION": "3.98.7"})
    result = command("make", "test", cwd=project)
    assert result.returncode != 0
    assert "No interpreter found for Python 3.98 in" in result.stderr


@pytest.mark.parametrize("target", ["binary", "sbom"])
@pytest.mark.parametrize("link", ["dist", "dist/my-tool"])
def test_nothing_is_written_through_a_link(
    project: Path, tmp_path: Path, link: str, target: str
) -> None:
    (project / link).parent.mkdir(exist_ok=True)
    (project / link).symlink_to(tmp_path)
    result = make(project, target)
    assert result.returncode != 0
    assert result.stderr.startswith("error: dist is a link, or holds one")
    assert "buildx" not in result.stdout


@pytest.mark.parametrize("target", ["lint", "test"])
@pytest.mark.parametrize("kind", KINDS)
def test_without_uv_one_line_says_how_to_get_it(
    render: Render, tmp_path: Path, kind: str, target: str
) -> None:
    project = render(**KINDS[kind])
    write(project, {"tests/test_own.py": ""})  # `make test` runs nothing where there is no test
    for name in ("make", "sed", "sh"):
        found = shutil.which(name)
        assert found
        (tmp_path / name).symlink_to(found)
    result = subprocess.run(
        ["make", target],
        cwd=project,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 2
    [line] = result.stderr.splitlines()
    where = "https://docs.astral.sh/uv/getting-started/installation/"
    assert line.endswith(f"uv is missing. Install it: {where}.  Stop.")


@pytest.mark.parametrize("target", ["lint", "test"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_path_to_uv_may_have_a_space(
    render: Render, tmp_path: Path, kind: str, target: str
) -> None:
    project = render(**KINDS[kind])
    write(project, {"tests/test_own.py": ""})
    folder = tmp_path / "my tools"
    write(folder, {"uv": '#!/bin/sh\necho "uv $*"\n'})
    (folder / "uv").chmod(0o755)
    result = make(project, target, PATH=f"{folder}{os.pathsep}{os.environ['PATH']}")
    assert result.returncode == 0, result.stderr
    assert re.search(r"(?m)^uv (run|tool run) ", result.stdout)


def test_a_missing_lock_is_refused_with_the_command(project: Path) -> None:
    (project / "uv.lock").unlink()
    result = make(project, "test")
    assert result.returncode != 0
    assert "Unable to find lockfile at `uv.lock`" in result.stderr
    assert "run `uv lock`, and commit uv.lock" in result.stderr


def test_a_pyproject_that_uv_does_not_read_is_refused_with_the_command(project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool.poetry]\n")
    result = make(project, "test")
    assert result.returncode != 0
    assert "pyproject.toml has no table [project]" in result.stderr
    assert "uvx migrate-to-uv" in result.stderr


def test_a_stale_lock_is_refused_with_the_command(project: Path) -> None:
    file = project / "pyproject.toml"
    file.write_text(file.read_text().replace('version = "0.1.0"', 'version = "0.1.1"'))
    result = make(project, "lint")
    assert result.returncode != 0
    assert "`uv.lock` needs to be updated" in result.stderr
    assert "run `uv lock`, and commit uv.lock" in result.stderr


def test_uv_version_raises_the_version_in_the_lock_too(project: Path) -> None:
    """So that a release needs one command."""
    raised = command(find_uv_bin(), "version", "0.2.0", cwd=project, UV_PYTHON=sys.executable)
    assert raised.returncode == 0, raised.stderr
    result = make(project, "test")
    assert result.returncode == 0, result.stdout + result.stderr
    metadata = tomllib.loads((project / "pyproject.toml").read_text())
    assert metadata["project"]["version"] == "0.2.0"


def test_uv_keeps_young_packages_away_by_the_setting_of_pyproject(project: Path) -> None:
    """A lock records the age that it was made with: uv has read the setting.

    https://docs.astral.sh/uv/reference/settings/#exclude-newer
    """
    options = tomllib.loads((project / "uv.lock").read_text())["options"]
    assert options["exclude-newer-span"] == "P7D"
