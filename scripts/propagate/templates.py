"""The version of the template to bring to the repositories."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scripts import changelog
from scripts.propagate.commands import Failed, run
from scripts.propagate.origins import same

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Template:
    """A version of the template.

    Attributes:
        url: what a repository records as `_src_path`
        version: the tag
        seconds: when that version was committed
        changelog: the text of its CHANGELOG.md
        moved_from: the URL where the template was before, if it has moved
        redirection: the variables that let Git take the template from this machine
    """

    url: str
    version: str
    seconds: int
    changelog: str
    moved_from: str | None
    redirection: Mapping[str, str]

    def made(self, source: str) -> bool:
        """Whether a repository with this `_src_path` was made from this template."""
        return same(source, self.url) or self.moved(source)

    def moved(self, source: str) -> bool:
        """Whether it was made from the URL where the template was before."""
        return self.moved_from is not None and same(source, self.moved_from)


def default_url(root: Path = ROOT) -> str:
    """The URL of the template: that of this clone's origin, as it is written.

    Raises:
        Failed: there is no origin.
    """
    url = run("git", "config", "--default", "", "remote.origin.url", cwd=root).strip()
    if not url:
        raise Failed("this clone has no origin: name the template's URL with --template")
    return url


def choose_version(root: Path, wanted: str | None) -> str:
    """The tag of a version: the newest, unless one is wanted.

    Raises:
        Failed: this clone has no such tag.
    """
    if run("git", "rev-parse", "--is-shallow-repository", cwd=root).strip() == "true":
        raise Failed("this clone lacks older versions: git fetch --unshallow --tags")
    tags = {
        number: tag
        for tag in run("git", "tag", "--list", cwd=root).split()
        if (number := changelog.version(tag))
    }
    version = wanted or (tags[max(tags)] if tags else "")
    if version not in tags.values():
        known = ", ".join(tags[number] for number in sorted(tags)) or "none"
        raise Failed(f"{version or 'a version'}: no such tag in this clone, which has {known}")
    return version


def redirect(url: str, mirror: Path) -> dict[str, str]:
    """The variables that let Git take what has a URL from a folder.

    Copier completes a URL with .git, and what follows a prefix stays, so the prefix ends with .git.
    """
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{mirror.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": f"{url.removesuffix('.git')}.git",
    }


def load(
    url: str | None,
    wanted: str | None,
    moved_from: str | None,
    scratch: Path,
    root: Path = ROOT,
) -> Template:
    """Read a version of the template from this clone, and mirror it: Copier fetches it often.

    Raises:
        Failed: this clone has no such version.
    """
    version = choose_version(root, wanted)
    # A password in origin's URL must not get into the repositories.
    url = re.sub(r"^(https?://)[^/]*@", r"\1", url or default_url(root))
    mirror = scratch / "template.git"
    run("git", "clone", "--quiet", "--mirror", "--no-hardlinks", root.resolve().as_uri(), mirror)
    return Template(
        url=url,
        version=version,
        seconds=int(run("git", "log", "-1", "--format=%ct", version, cwd=root)),
        changelog=run("git", "show", f"{version}:CHANGELOG.md", cwd=root),
        moved_from=moved_from,
        redirection=redirect(url, mirror),
    )
