"""The version of the template that the repositories shall have."""

import os
from dataclasses import dataclass
from pathlib import Path

from scripts import changelog
from scripts.propagate.commands import Failed, run
from scripts.propagate.origins import identity

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
    """

    url: str
    version: str
    seconds: int
    changelog: str
    moved_from: str | None

    def made(self, source: str) -> bool:
        """Whether a repository with this `_src_path` was made from this template."""
        return identity(source) == identity(self.url) or self.moved(source)

    def moved(self, source: str) -> bool:
        """Whether it was made from the URL where the template was before."""
        return self.moved_from is not None and identity(source) == identity(self.moved_from)


def default_url() -> str:
    """The URL of the template: that of this clone's origin, as it is written.

    Raises:
        Failed: there is no origin.
    """
    url = run("git", "config", "--default", "", "remote.origin.url", cwd=ROOT).strip()
    if not url:
        raise Failed("this clone has no origin: name the template's URL with --template")
    return url


def choose_version(wanted: str | None) -> str:
    """The tag of a version: the newest, unless one is wanted.

    Raises:
        Failed: this clone has no such tag.
    """
    if run("git", "rev-parse", "--is-shallow-repository", cwd=ROOT).strip() == "true":
        raise Failed("this clone lacks older versions: git fetch --unshallow --tags")
    tags = {
        number: tag
        for tag in run("git", "tag", "--list", cwd=ROOT).split()
        if (number := changelog.version(tag))
    }
    version = wanted or (tags[max(tags)] if tags else "")
    if version not in tags.values():
        known = ", ".join(tags[number] for number in sorted(tags)) or "none"
        raise Failed(f"{version or 'a version'}: no such tag in this clone, which has {known}")
    return version


def take_from_here(url: str, moved_from: str | None, mirror: Path) -> None:
    """Let Git take the template from a mirror of this clone, for this process and its children.

    Copier fetches the template three times for each update. It completes a URL with .git, and what
    follows a prefix stays, so the prefixes end with .git too.
    """
    run("git", "clone", "--quiet", "--mirror", "--no-hardlinks", ROOT.resolve().as_uri(), mirror)
    host, _, path = identity(url).partition("/")
    spellings = [url, f"https://{host}/{path}", f"git@{host}:{path}", f"ssh://git@{host}/{path}"]
    if moved_from:
        spellings.append(moved_from)
    # What the caller has set this way stays.
    first = int(os.environ.get("GIT_CONFIG_COUNT", "0"))
    os.environ["GIT_CONFIG_COUNT"] = str(first + len(spellings))
    for index, spelling in enumerate(spellings, first):
        os.environ[f"GIT_CONFIG_KEY_{index}"] = f"url.{mirror.as_uri()}.insteadOf"
        os.environ[f"GIT_CONFIG_VALUE_{index}"] = f"{spelling.removesuffix('.git')}.git"


def load(url: str | None, wanted: str | None, moved_from: str | None, scratch: Path) -> Template:
    """Read a version of the template from this clone, and let Copier take it from here.

    Raises:
        Failed: this clone has no such version.
    """
    version = choose_version(wanted)
    url = url or default_url()
    take_from_here(url, moved_from, scratch / "template.git")
    return Template(
        url=url,
        version=version,
        seconds=int(run("git", "log", "-1", "--format=%ct", version, cwd=ROOT)),
        changelog=run("git", "show", f"{version}:CHANGELOG.md", cwd=ROOT),
        moved_from=moved_from,
    )
