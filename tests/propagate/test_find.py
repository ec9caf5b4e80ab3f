"""Which repositories of an owner the script finds, and how it makes a matrix of them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.propagate.organisation import URL, node, refusal
from tests.propagate.pull_requests import PullRequests
from tools.projects import ROOT

SCRIPT = ("-m", "scripts.propagate")


def find(*arguments: str, template: str = URL) -> list[str]:
    """Find repositories of Acme-Org."""
    result = subprocess.run(
        [sys.executable, *SCRIPT, "find", "--template", template, "Acme-Org", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    found: list[str] = json.loads(result.stdout)
    return found


def test_only_what_was_made_from_this_template_is_found(github: PullRequests) -> None:
    github.pages = [
        [
            node("tool"),
            node("plain", None),
            node("archived", isArchived=True),
            node("fork", isFork=True),
            node("other", "https://github.com/Acme-Org/another.git"),
        ],
        [node("by-ssh", "git@github.com:acme-org/copier-pyinstaller-ghcr.git")],
    ]
    assert find() == ["by-ssh", "tool"]


def test_what_was_made_before_the_template_moved_is_found_too(github: PullRequests) -> None:
    now = "https://github.com/Fork-Org/template.git"
    github.pages = [[node("old"), node("new", now)]]
    assert find(template=now) == ["new"]
    assert find("--moved-from", URL, template=now) == ["new", "old"]


@pytest.mark.parametrize("count", [0, 1, 256, 257, 1000])
def test_a_matrix_has_at_most_256_jobs(github: PullRequests, count: int) -> None:
    names = [f"tool-{number:04}" for number in range(count)]
    github.pages = [
        [node(name) for name in names[at : at + 100]] for at in range(0, max(count, 1), 100)
    ]
    matrix = find()
    assert len(matrix) == min(count, 256) or 128 < len(matrix) < 256
    assert [name for entry in matrix for name in entry.split(",")] == names


def test_names_that_are_given_are_taken_without_asking_github(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find("tool", "Acme-Org/other", "tool") == ["other", "tool"]


@pytest.mark.parametrize("name", ["Other-Org/tool", "a,b", "tool;", "https://github.com/a/b"])
def test_a_name_that_is_none_of_the_owner_is_refused(name: str) -> None:
    output = refusal(ROOT, "find", "Acme-Org", name)
    assert output == f"propagate: {name}: not a repository of Acme-Org\n"


def test_finding_needs_nothing_but_python(github: PullRequests) -> None:
    """So the job that finds installs nothing."""
    github.pages = [[node("tool")]]
    result = subprocess.run(
        [
            sys.executable,
            "-S",
            *SCRIPT,
            "find",
            "--template",
            URL,
            "Acme-Org",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stdout) == (0, '["tool"]\n'), result.stderr
