"""Git, as an author who exists on no machine."""

from pathlib import Path

from tests.support.commands import run
from tools.projects import redirected

__all__ = ["commit", "git", "redirected"]


def git(cwd: Path, *arguments: str) -> str:
    """Run git in a folder, as an author who exists on no machine."""
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    return run("git", *identity, "-c", "commit.gpgsign=false", *arguments, cwd=cwd)


def commit(cwd: Path, message: str = "Change") -> str:
    """Commit everything in a folder, making it a repository first if it is none, and return the commit."""
    if not (cwd / ".git").exists():
        git(cwd, "init", "--quiet", "--initial-branch", "main")
    git(cwd, "add", "--all")
    git(cwd, "commit", "--quiet", "--allow-empty", "--message", message)
    return git(cwd, "rev-parse", "HEAD").strip()
