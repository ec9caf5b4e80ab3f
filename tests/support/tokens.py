"""The token of each job, and what it may do.

GitHub gives a job a token with the rights of its `permissions:`; for a fork's pull request, or
Dependabot's, they are read-only and there is no identity to sign with.
https://docs.github.com/en/actions/concepts/security/github_token
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# What a job may do where neither it nor its workflow says so: the restricted default.
DEFAULT = {"contents": "read", "packages": "read", "metadata": "read"}
LEVELS = {"none": 0, "read": 1, "write": 2}
ALL = [
    "actions",
    "attestations",
    "checks",
    "contents",
    "deployments",
    "discussions",
    "id-token",
    "issues",
    "packages",
    "pages",
    "pull-requests",
    "security-events",
    "statuses",
]


@dataclass(frozen=True)
class Grant:
    """What a token stands for: a job of a run in a repository, its rights, its claims."""

    repository: str
    job: str
    rights: Mapping[str, str]
    claims: Mapping[str, str] = field(default_factory=dict)

    def may(self, right: str, level: str) -> bool:
        """Whether it has a right, such as packages: write."""
        return LEVELS[self.rights.get(right, "none")] >= LEVELS[level]


def rights(permissions: Any, read_only: bool) -> dict[str, str]:
    """The rights that `permissions:` of a job gives; a run without trust may at most read."""
    if permissions is None:
        levels = dict(DEFAULT)
    elif isinstance(permissions, str):  # read-all, write-all
        levels = dict.fromkeys(ALL, permissions.removesuffix("-all"))
    else:
        levels = {name: level or "none" for name, level in permissions.items()}
    if read_only:
        levels.pop("id-token", None)
        levels = {name: "read" if level == "write" else level for name, level in levels.items()}
    return levels


def within(inner: Mapping[str, str], outer: Mapping[str, str]) -> dict[str, str]:
    """The rights of a job in a workflow that was called: never more than the caller's."""
    return {
        name: min(level, outer.get(name, "none"), key=LEVELS.__getitem__)
        for name, level in inner.items()
    }


class Tokens:
    """The tokens that are out."""

    def __init__(self) -> None:
        """None yet."""
        self.grants: dict[str, Grant] = {}

    def issue(self, grant: Grant) -> str:
        """A token, of the form that GitHub gives."""
        token = f"ghs_{len(self.grants):04}{grant.job.replace('-', '')}"
        self.grants[token] = grant
        return token

    def find(self, token: str) -> Grant | None:
        """What a token stands for; None for one that GitHub does not know."""
        return self.grants.get(token)
