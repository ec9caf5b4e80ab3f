"""What happened to a repository."""

import dataclasses


@dataclasses.dataclass
class Result:
    """What happened to one repository, as `--report` writes it."""

    repository: str
    status: str = "failed"
    reason: str = ""
    old: str = ""
    new: str = ""
    conflicts: list[str] = dataclasses.field(default_factory=list)
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
        words = [f"{self.status:<9}{self.repository}", versions, ", ".join(self.conflicts)]
        return "  ".join(filter(None, [*words, self.reason, self.pull_request]))
