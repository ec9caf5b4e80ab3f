"""A clone of one repository, and the branch that is pushed to it."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from scripts.propagate.commands import Failed, run

# As Copier itself commits. A branch whose tip somebody else has committed is never replaced.
NAME, EMAIL = "Copier", "copier@copier"
# Bytes of an answers file: Copier's have a few thousand.
LONGEST_FILE = 100_000
# Bytes of all files: Git stores a file that is there a million times once.
LARGEST = 4 * 10**9
# The bytes in the folder are those of the commit, whatever .gitattributes says of them.
ATTRIBUTES = "* -text -ident -filter !working-tree-encoding !diff !merge\n"
REGULAR = ("100644", "100755")
KINDS = {"120000": "a symbolic link", "160000": "a submodule", "040000": "a folder"}


def isolated(**variables: str) -> dict[str, str]:
    """The environment for work on this machine, without the user's settings of Git.

    So none of their hooks, filters and signatures takes part. Only what fetches and pushes needs
    these settings. GIT_EXEC_PATH is kept: a Git that was moved finds its own commands by it.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if name == "GIT_EXEC_PATH" or not name.startswith("GIT_")
    }
    return {**kept, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", **variables}


class Clone:
    """A shallow clone of a repository: its default branch, and our branch if it is there.

    Its folder holds no symbolic links: in their place are files with the link's text. So nothing in
    it is read or written through a link.
    """

    def __init__(self, url: str, branch: str, folder: Path) -> None:
        """Clone a repository into a folder that is not there yet.

        Raises:
            Failed: the repository is out of reach or empty.
        """
        self.url = Path(url).resolve().as_uri() if Path(url).exists() else url
        self.branch = branch
        self.folder = folder
        folder.mkdir()
        self.git("init", "--quiet", "--template=")
        self.git("config", "core.symlinks", "false")
        self.git("remote", "add", "origin", self.url)
        (folder / ".git/info").mkdir()
        (folder / ".git/info/attributes").write_text(ATTRIBUTES)
        here = "refs/propagate"
        # One connection for both: the asterisk allows that the branch is missing.
        branches = f"+refs/heads/{branch}*:{here}/{branch}*"
        head = f"+HEAD:{here}/base"
        self.remote("fetch", "--quiet", "--depth=1", "--no-tags", self.url, head, branches)
        self.base = self.git("rev-parse", f"{here}/base").strip()
        tips = self.git("for-each-ref", "--format=%(objectname)", f"{here}/{branch}").split()
        self.tip = tips[0] if tips else ""

    def git(self, *arguments: str, stdin: str = "", **variables: str) -> str:
        """Run git in the clone."""
        return run(
            "git", *arguments, cwd=self.folder, stdin=stdin, environment=isolated(**variables)
        )

    def remote(self, *arguments: str) -> str:
        """Run git to reach the repository, with the user's settings and credentials."""
        quiet = ("-c", f"core.hooksPath={os.devnull}", "-c", "core.fsmonitor=false")
        return run("git", *quiet, *arguments, cwd=self.folder)

    def paths(self, *arguments: str) -> list[str]:
        """The paths that a git command prints."""
        return [path for path in self.git(*arguments, "-z").split("\0") if path]

    def read(self, path: str) -> str | None:
        """The text of a file of the default branch; None if it is not there.

        Raises:
            Failed: it is not a regular file, or is too large.
        """
        entries = self.paths("ls-tree", "--long", self.base, "--", path)
        if not entries:
            return None
        mode, _, blob, size = entries[0].partition("\t")[0].split()
        if mode not in REGULAR:
            raise Failed(f"{path} is {KINDS.get(mode, mode)}: it must be a file")
        if int(size) > LONGEST_FILE:
            raise Failed(f"{path} is larger than {LONGEST_FILE // 1000} KB")
        return self.git("cat-file", "blob", blob)

    def checkout(self) -> None:
        """Put the files of the default branch into the folder.

        Raises:
            Failed: they are too large, or the name of one is not UTF-8.
        """
        total = 0
        for entry in self.paths("ls-tree", "-r", "--long", self.base):
            size, path = entry.split(maxsplit=3)[3].split("\t", 1)
            total += int(size) if size != "-" else 0
            if re.search("[\ud800-\udfff]", path):
                raise Failed(f"the name of a file is not UTF-8: {path}")
        if total > LARGEST:
            raise Failed(f"its files are larger than {LARGEST // 10**9} GB")
        self.git("checkout", "--quiet", "--detach", self.base)

    def links(self) -> list[str]:
        """What `git ls-tree` prints of each symbolic link of the default branch."""
        entries = self.paths("ls-tree", "-r", self.base)
        return [entry for entry in entries if entry.startswith("120000 ")]

    def restore(self, paths: Sequence[str]) -> None:
        """Put files of the default branch back as they are there."""
        if paths:
            listed = ("--pathspec-from-file=-", "--pathspec-file-nul")
            checkout = ("--literal-pathspecs", "checkout", "--quiet", self.base, *listed)
            self.git(*checkout, stdin="\0".join(paths))

    def foreign_tip(self) -> bool:
        """Whether somebody else has committed to our branch last."""
        return bool(self.tip) and f"\ncommitter {NAME} <{EMAIL}> " not in self.header_of(self.tip)

    def kept(self) -> str:
        """Why our branch is left alone."""
        return f"somebody has committed to {self.branch}: merge it or delete it"

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

        Raises:
            Failed: Copier has written a file in the place of a link, which would become its target.
        """
        self.git("add", "--all", "--force")
        changed = self.git("diff", "--cached", "--raw", "--no-renames", "-z", self.base)
        for path in re.findall(r":\d+ 120000 \w+ \w+ \w\0([^\0]*)\0", changed):
            raise Failed(f"{path} is a symbolic link, and the template has a file there")

    def commit(self, message: str, template_date: int, as_files: Sequence[str] = ()) -> str:
        """Commit the folder on top of the default branch, and return the commit.

        The same folder and message give the same commit whenever this runs: the date is the later
        one of the template's and the repository's.

        Args:
            message: its message
            template_date: when the template's version was made, in seconds
            as_files: the links that become files with their text
        """
        self.add_all()
        files = "".join(f"{entry.replace('120000', '100644', 1)}\0" for entry in as_files)
        self.git("update-index", "-z", "--index-info", stdin=files)
        tree = self.git("write-tree").strip()
        who = {
            "NAME": NAME,
            "EMAIL": EMAIL,
            "DATE": f"@{max(self.base_date(), template_date)} +0000",
        }
        both = {f"GIT_{role}_{key}": who[key] for role in ("AUTHOR", "COMMITTER") for key in who}
        command = ("commit-tree", "--no-gpg-sign", "-p", self.base, tree)
        return self.git(*command, stdin=message, **both).strip()

    def push(self, commit: str) -> bool:
        """Push a commit, unless our branch has moved since it was fetched; False if it is there.

        Raises:
            Failed: the repository does not take it.
        """
        if commit == self.tip:
            return False
        head = f"refs/heads/{self.branch}"
        lease = f"--force-with-lease={head}:{self.tip}"
        try:
            self.remote("push", "--quiet", lease, self.url, f"{commit}:{head}")
        except Failed:
            # Another run of ours may have pushed the same commit at the same moment.
            if not self.remote("ls-remote", self.url, head).startswith(commit):
                raise
            return False
        return True
