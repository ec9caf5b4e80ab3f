"""A clone of one repository, and the branch that is pushed to it."""

import os
from pathlib import Path

from scripts.propagate.commands import run
from scripts.propagate.results import Result

# As Copier itself commits. A branch whose tip somebody else has committed is never replaced.
NAME, EMAIL = "Copier", "copier@copier"


class Clone:
    """A shallow clone of a repository: its default branch, and our branch if it is there."""

    def __init__(self, url: str, branch: str, folder: Path) -> None:
        """Clone a repository into a folder that is not there yet.

        Raises:
            Failed: the repository is out of reach or empty.
        """
        self.url = Path(url).resolve().as_uri() if Path(url).exists() else url
        self.branch = branch
        self.folder = folder
        folder.mkdir()
        self.git("init", "--quiet")
        self.git("remote", "add", "origin", self.url)
        here = "refs/propagate"
        # One connection for both: the asterisk allows that the branch is missing.
        branches = f"+refs/heads/{branch}*:{here}/{branch}*"
        self.git("fetch", "-q", "--depth=1", "--no-tags", self.url, f"+HEAD:{here}/base", branches)
        self.base = self.git("rev-parse", f"{here}/base").strip()
        tips = self.git("for-each-ref", "--format=%(objectname)", f"{here}/{branch}").split()
        self.tip = tips[0] if tips else ""

    def git(self, *arguments: str, **options: str) -> str:
        """Run git in the clone, without the hooks that somebody has for all repositories."""
        command = ("git", "-c", f"core.hooksPath={os.devnull}")
        return run(*command, *arguments, cwd=self.folder, **options)

    def paths(self, *arguments: str) -> list[str]:
        """The paths that a git command prints."""
        return [path for path in self.git(*arguments, "-z").split("\0") if path]

    def has(self, path: str) -> bool:
        """Whether a file is on the default branch."""
        return bool(self.paths("ls-tree", "--name-only", self.base, "--", path))

    def read(self, path: str) -> str:
        """A file of the default branch; nothing if it is not there."""
        return self.git("show", f"{self.base}:{path}") if self.has(path) else ""

    def foreign_tip(self) -> bool:
        """Whether somebody else has committed to our branch last."""
        return bool(self.tip) and f"\ncommitter {NAME} <{EMAIL}> " not in self.header_of(self.tip)

    def header_of(self, commit: str) -> str:
        """What Git records of a commit, without its message."""
        return self.git("cat-file", "commit", commit).partition("\n\n")[0]

    def message_of(self, commit: str) -> str:
        """The message of a commit."""
        return self.git("cat-file", "commit", commit).partition("\n\n")[2]

    def base_date(self) -> int:
        """When the newest commit of the default branch was made, in seconds."""
        return int(self.git("show", "--no-patch", "--format=%ct", self.base))

    def add_all(self) -> None:
        """Add the folder as it is to the index.

        By force: many projects ignore *.spec. In a fresh clone, each file is Git's or Copier's.
        """
        self.git("add", "--all", "--force")

    def commit(self, message: str, template_date: int) -> str:
        """Commit the folder on top of the default branch, and return the commit.

        The same folder and message give the same commit whenever this runs: the date is the later
        one of the template's and the repository's.
        """
        self.add_all()
        tree = self.git("write-tree").strip()
        who = {
            "NAME": NAME,
            "EMAIL": EMAIL,
            "DATE": f"@{max(self.base_date(), template_date)} +0000",
        }
        both = {f"GIT_{role}_{key}": who[key] for role in ("AUTHOR", "COMMITTER") for key in who}
        command = ("commit-tree", "--no-gpg-sign", "-p", self.base, tree)
        return self.git(*command, stdin=message, **both).strip()

    def push(self, result: Result) -> None:
        """Push the commit, unless our branch has moved since it was fetched.

        Raises:
            Failed: the repository does not take it.
        """
        if result.commit != self.tip:
            head = f"refs/heads/{self.branch}"
            lease = f"--force-with-lease={head}:{self.tip}"
            self.git("push", "--quiet", lease, self.url, f"{result.commit}:{head}")
            result.pushed = True

    def keep(self, result: Result) -> None:
        """Say that our branch is left alone."""
        result.status = "kept"
        result.reason = f"somebody has committed to {self.branch}: merge it or delete it"
