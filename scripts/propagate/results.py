"""What happened to a repository."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

LONGEST_REASON = 300


def printable(text: str) -> str:
    """A text from outside, in one line, without passwords, and without commands for a runner.

    A runner obeys `##[name]` anywhere in what a job prints, and `::name::` at the beginning of a
    line: https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
    """
    text = re.sub(r"://[^/\s]*@", "://", text).replace("##[", "## [")
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def in_one_line(text: str) -> str:
    """The same, and short."""
    text = printable(text)
    return text if len(text) <= LONGEST_REASON else f"{text[: LONGEST_REASON - 1]}…"


@dataclass(frozen=True)
class Result:
    """What happened to one repository, as `--report` writes it."""

    repository: str
    status: str = "failed"
    reason: str = ""
    old: str = ""
    new: str = ""
    conflicts: Sequence[str] = ()
    branch: str = ""
    commit: str = ""
    pushed: bool = False
    title: str = ""
    body: str = ""
    draft: bool = False
    pull_request: str = ""

    def __str__(self) -> str:
        """One line for people."""
        versions = f"{self.old} → {self.new}" if self.old != self.new else self.old
        versions = versions.removeprefix(" → ").removesuffix(" → ")
        words = [versions, ", ".join(self.conflicts), self.reason, self.pull_request]
        beginning = f"{self.status:<9}{printable(self.repository)}"
        return "  ".join([beginning, *filter(None, map(printable, words))])
