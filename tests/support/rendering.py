"""What is rendered: the answers, every combination of them, and the workflows of a project."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import copier
import yaml
from copier._main import Worker
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment
from jinja2_ansible_filters import AnsibleCoreFiltersExtension  # type: ignore[import-untyped]

from tools.projects import KINDS, ROOT

# What somebody types at the questions without a default.
ANSWERS = {
    "project_name": "My Tool",
    "description": "Greets people.",
    "github_owner": "Acme-Org",
    "author_name": "Ada Lovelace",
}

# Renders a project with the given answers. Scaffold also sets this machine's versions, and commits.
Render = Callable[..., Path]
Scaffold = Callable[..., Path]

CALLED = re.compile(rb"uses: \$/\.github/workflows/(\S+)")


@cache
def macros(name: str) -> Any:
    """What a file of hooks/ defines, as Copier reads it."""
    syntax = yaml.safe_load((ROOT / "copier.yml").read_text())["_envops"]
    environment = SandboxedEnvironment(
        loader=FileSystemLoader(ROOT),
        extensions=[AnsibleCoreFiltersExtension],
        **{**syntax, "undefined": StrictUndefined},
    )
    return environment.get_template(f"hooks/{name}.jinja").module


def quicker() -> AbstractContextManager[object]:
    """Let Copier not ask Git for each file whether the repository ignores modes: the tests' own never do.

    That is a third of the time of a copy. `copier_cli` asks.
    """
    return patch.object(Worker, "_sync_git_index_executable_bit")


def copy(template: Path, folder: Path, answers: Mapping[str, Any], version: str = "v1.0.0") -> Path:
    """Copy the template into a new folder, without trust, with defaults for other answers."""
    with quicker():
        copier.run_copy(
            str(template),
            folder,
            data=dict(answers),
            defaults=True,
            quiet=True,
            unsafe=False,
            vcs_ref=version,
        )
    return folder


def workflows(project: Path) -> Sequence[Path]:
    """The workflows of a repository, which has at least one."""
    found = sorted((project / ".github/workflows").glob("*.yml"))
    assert found
    return found


def distinct(projects: Iterable[Path], *patterns: str) -> Sequence[Path]:
    """The files of these patterns that no earlier project has: the others need not be looked at.

    A workflow that calls others is another one if these are.
    """
    files: dict[object, Path] = {}
    for project in projects:
        for file in sorted(file for pattern in patterns for file in project.glob(pattern)):
            if file.is_file():
                text = file.read_bytes()
                called = (file.with_name(name.decode()) for name in CALLED.findall(text))
                key = (file.relative_to(project), text, *(one.read_bytes() for one in called))
                files.setdefault(key, file)
    assert files
    return list(files.values())


# Systems to download for: each alone, each two, all, and none. An architecture more is a line more.
DOWNLOADS = [
    [],
    ["linux-amd64"],
    ["windows-arm64"],
    ["darwin-amd64"],
    ["linux-arm64", "windows-amd64"],
    ["linux-arm64", "darwin-arm64"],
    ["windows-amd64", "darwin-arm64"],
    [
        f"{system}-{arch}"
        for system in ("linux", "windows", "darwin")
        for arch in ("amd64", "arm64")
    ],
]


def combinations() -> Sequence[dict[str, Any]]:
    """Every combination of the answers that change the workflows."""
    platforms = [["linux/amd64"], ["linux/arm64"], ["linux/amd64", "linux/arm64"]]
    windows = [{**KINDS["windows-builder"], "tag_scheme": scheme} for scheme in ("ref", "semver")]
    return [
        *windows,
        *({"kind": "app", "downloads": downloads} for downloads in DOWNLOADS),
        {"kind": "app", "signing": ["windows"]},
        {"kind": "app", "signing": ["darwin"]},
        {"kind": "app", "signing": ["windows", "darwin"], "downloads": DOWNLOADS[-1]},
        *(
            {"kind": kind, "platforms": chosen, "tag_scheme": scheme}
            for kind in ("app", "builder")
            for chosen in platforms
            for scheme in ("ref", "semver")
        ),
    ]
