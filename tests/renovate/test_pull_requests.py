"""What the pull requests of the real Renovate change, in generated repositories and in this one."""

import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.renovate.bot import (
    LOCK,
    Changes,
    GitHub,
    lines,
    replace_checksums,
)
from tests.renovate.expected import (
    add_a_projects_own,
    everything_new,
    in_order,
    last,
    new_python,
    new_upx,
    raised,
    raised_copier_yml,
    words,
)
from tests.renovate.standin import (
    NEWEST,
    UPX_FILES,
)
from tests.support.commands import run
from tests.support.files import copy_files
from tests.support.git import commit, git
from tests.support.rendering import Render
from tools.projects import KINDS, ROOT


@pytest.mark.parametrize("kind", KINDS)
def test_everything_of_the_project_is_kept_current_and_nothing_of_the_template(
    render: Render, use_github: Callable[[Path], None], github: GitHub, kind: str
) -> None:
    project = render(**KINDS[kind])
    use_github(project)
    add_a_projects_own(project)
    commit(project)
    github.push(project, "my-tool")
    pulls = github.run("my-tool")
    assert in_order(list(pulls.values())) == in_order(everything_new(project, github))


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_upx_passes_what_ci_asks_of_versions_env(
    render: Render, use_github: Callable[[Path], None], github: GitHub, tmp_path: Path, kind: str
) -> None:
    project = render(**KINDS[kind])
    use_github(project)
    commit(project)
    github.push(project, "my-tool")
    (branch,) = (name for name, new in github.run("my-tool").items() if new == new_upx(project))
    git(tmp_path, "clone", "--quiet", "--branch", branch, str(github.bare("my-tool")), "branch")
    output = run(
        tmp_path / "branch/.github/scripts/ids",
        env={"GITHUB_REPOSITORY": "acme-org/my-tool", "PATH": "/usr/bin:/bin"},
    )
    assert f"UPX_VERSION={NEWEST}\n" in output


def test_the_newest_python_for_windows_stays(
    render: Render, use_github: Callable[[Path], None], github: GitHub
) -> None:
    project = render(**KINDS["windows-builder"])
    use_github(project)
    file = project / "versions.env"
    for (_, number), line in new_python(project).items():
        file.write_text(file.read_text().replace(lines(file)[number - 1], line))
    commit(project)
    github.push(project, "my-tool")
    changed = [place for new in github.run("my-tool").values() for place in new]
    assert not set(changed) & set(new_python(project))
    assert set(changed) >= set(new_upx(project))


def test_a_project_extends_the_configuration_without_editing_it(
    render: Render, use_github: Callable[[Path], None], github: GitHub
) -> None:
    project = render(github_owner="acme-org")  # as the repository below
    use_github(project)
    add_a_projects_own(project)
    expected = everything_new(project, github)
    expected.remove(last(project, "docs/requirements.txt", f"requests=={NEWEST}"))
    text = (project / ".github/renovate.json5").read_text()
    example = re.search(r'^//\s+(\{ "extends": \[".+"\] \})$', text, re.MULTILINE)
    assert example
    configuration = json.loads(example[1])
    configuration["packageRules"] = [{"matchDepNames": ["requests"], "enabled": False}]
    (project / "renovate.json").write_text(json.dumps(configuration))
    commit(project)
    github.push(project, "my-tool")
    assert in_order(list(github.run("my-tool").values())) == in_order(expected)


# The registry of runners is in Renovate itself, so it cannot be stood in for.
NEWEST_MACOS = "macos-26"
# Not kept current: `make release-check` renders examples/ again, and whoever measures takes newer programs first.
# requirements.lock is looked at by itself.
LEFT = ("tests/", "docs/", "examples/", "tools/bench_programs.py", LOCK)


# What a version of another shape could break.
ASKED = ("tests/render", "tests/lint/test_workflows.py", "tests/adopt/test_read_answers.py")


def check(folder: Path, changes: Changes) -> None:
    """Run tests in a copy of this repository with these changes."""
    names = git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "-z").split("\0")
    copy_files(ROOT, (name for name in names if (ROOT / name).is_file()), folder)
    for (name, number), line in changes.items():
        new = [*lines(folder / name)]
        new[number - 1] = line
        (folder / name).write_text("\n".join(new) + "\n")
    commit(folder)
    run(sys.executable, "-m", "pytest", "--quiet", *ASKED, cwd=folder)


def test_every_pin_of_this_repository_is_kept_current_and_nothing_else(
    github: GitHub, template: Path, tmp_path: Path, upx_version: str
) -> None:
    here = tmp_path / "here"
    shutil.copytree(template, here)
    recorded = here / "copier.yml"
    recorded.write_text(replace_checksums(recorded.read_text(), upx_version))
    commit(here)
    github.push(here, "here")
    expected: Changes = {}
    for name in git(here, "ls-files", "-z").split("\0")[:-1]:
        file = here / name
        if name.startswith(LEFT) or "/tests/" in name or file.suffix in (".md", ".svg"):
            continue
        new = (raised_copier_yml if name == "copier.yml" else raised)(file.read_text())
        if name.startswith(("template/.github/workflows/", "hooks/")):
            new = new.replace("macos-15", NEWEST_MACOS)
        expected |= {
            (name, number): line
            for number, (old, line) in enumerate(zip(lines(file), new.splitlines(), strict=True), 1)
            if line != old
        }
    pulls = github.run("here")
    # Whatever changes pyproject.toml changes the lock with it, and once a week the whole lock is regenerated.
    wanted = [
        branch for branch, change in pulls.items() if any(f == "pyproject.toml" for f, _ in change)
    ]
    assert len(wanted) > 10
    for branch in wanted:
        text, lock = (
            git(github.bare("here"), "show", f"{branch}:{name}")
            for name in ("pyproject.toml", LOCK)
        )
        assert set(re.findall('"(.+==.+)"', text)) == set(lock.splitlines()[2:])
    assert "renovate/pip-compile-refresh" in pulls
    changed: dict[tuple[str, int, int], str] = {}
    for branch, change in pulls.items():
        for place, word in words(here, change).items():
            assert changed.setdefault(place, word) == word, f"{branch} and another change {place}"
    assert changed == words(here, expected)
    check(tmp_path / "merged", expected)
    (upx,) = (new for branch, new in pulls.items() if branch.endswith("upx"))
    assert len(upx) == 1 + 2 * len(UPX_FILES)
    (python,) = (new for branch, new in pulls.items() if branch.startswith("renovate/python-"))
    assert len(python) == 9
