"""What is rendered: the answers, every combination of them, and the workflows of a project."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tools.projects import KINDS

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


def workflows(project: Path) -> Sequence[Path]:
    """The workflows of a repository, which has at least one."""
    found = sorted((project / ".github/workflows").glob("*.yml"))
    assert found
    return found


def combinations() -> Sequence[dict[str, Any]]:
    """Every combination of the answers that change the workflow."""
    platforms = [["linux/amd64"], ["linux/arm64"], ["linux/amd64", "linux/arm64"]]
    kinds: list[dict[str, Any]] = [
        {"kind": "app", "release_binaries": True},
        {"kind": "app", "release_binaries": False},
        {"kind": "builder"},
    ]
    return [{**KINDS["windows"], "tag_scheme": scheme} for scheme in ("ref", "semver")] + [
        {**kind, "platforms": chosen, "tag_scheme": scheme}
        for kind in kinds
        for chosen in platforms
        for scheme in ("ref", "semver")
    ]
