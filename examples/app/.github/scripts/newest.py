#!/usr/bin/env python3
"""Say which tags of the image this run may set, and refuse a name that cannot be one of them.

  git for-each-ref --format='%(refname) %(creatordate:unix) %(objecttype)%(*objecttype)' refs/tags |
    GH_TOKEN=… python3 .github/scripts/newest.py ref|semver [--rebuild]

Prints KEY=VALUE lines for $GITHUB_OUTPUT, each true or false:

  version     the tag is a version: there is a release
  prerelease  that version is a pre-release
  newest      it is stable, and no stable version is higher: it is GitHub's "Latest"
  major       the same among the versions with this major number, from 1 on
  minor       the same among the versions with this major and minor number
  latest      the image's tag `latest` follows this tag. With semver that is `newest`. With ref it is
              the newest of all tags: of two versions the higher one, else the younger one.
  day         the day's tag follows: no run of an older tag is run again

With --rebuild it prints instead the tags whose images get the base image's fixes: the newest stable
version, and what `latest` follows where that is another one.

With ref, versions are Python's. The runner has `packaging`: https://github.com/actions/runner-images/pull/14654
"""
# ruff: noqa: S603 - it runs gh

import os
import re
import subprocess
import sys
from typing import Any, NamedTuple, NoReturn
from urllib.parse import quote

from packaging.version import InvalidVersion, Version

# https://semver.org/#is-there-a-suggested-regular-expression-regex-to-check-a-semver-string
NUMBER = r"(0|[1-9]\d{0,14})"
WORD = r"(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)"
SEMVER = re.compile(
    rf"v?{NUMBER}\.{NUMBER}\.{NUMBER}(?:-({WORD}(?:\.{WORD})*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?", re.ASCII
)
# Tags of the image that are not named after a Git tag or a branch.
OTHERS = {
    "latest": "the newest version",
    r"\d{8}": "a day",
    "sha256-.*": "an attestation",
    r"pr-\d+": "a pull request",
    r".+-py.+-upx.+": "what a builder freezes with",
}


class Tag(NamedTuple):
    """A tag of the repository, and that of the image; `order` is None where it is not a version."""

    name: str
    image: str
    date: int
    order: Any
    numbers: tuple[int, ...] = ()
    prerelease: bool = False


def read(name: str, date: int, scheme: str) -> Tag:
    """Read a tag's name as a version, whose `order` compares as the scheme says."""
    image = re.sub(r"[^a-zA-Z0-9._-]+", "-", name)  # as docker/metadata-action does
    if scheme == "semver":
        match = SEMVER.fullmatch(name)
        if not match:
            return Tag(name, image, date, None)
        numbers, words = tuple(map(int, match.groups()[:3])), match[4] or ""
        # A number is lower than a word; a version is higher than its pre-releases.
        order = [(not w.isdecimal(), int(w) if w.isdecimal() else 0, w) for w in words.split(".")]
        image = name.removeprefix("v").partition("+")[0]
        return Tag(name, image, date, (numbers, not words, order), numbers, bool(words))
    try:
        version = Version(name)
    except InvalidVersion:
        return Tag(name, image, date, None)
    # One number alone is rather a name or a date. Version() ignores spaces of other alphabets.
    if len(version.release) < 2 or not name.isascii():
        return Tag(name, image, date, None)
    return Tag(name, image, date, version, version.release, version.is_prerelease)


def highest(tag: Tag, tags: list[Tag], numbers: int) -> bool:
    """Whether a stable version is the highest of those that share its first numbers."""
    if not tag.order or tag.prerelease:
        return False
    rivals = (other for other in tags if other.order and not other.prerelease)
    first = tag.numbers[:numbers]
    return all(rival.order <= tag.order for rival in rivals if rival.numbers[:numbers] == first)


def latest(tag: Tag, tags: list[Tag], scheme: str) -> bool:
    """Whether the image's tag `latest` follows a tag."""
    if scheme == "semver":
        return highest(tag, tags, 0)
    return not any(other.order > tag.order if other.order and tag.order else other.date > tag.date for other in tags)


def rebuilds(tags: list[Tag], scheme: str) -> list[str]:
    """The tags whose images are built again."""
    versions = [tag for tag in tags if tag.order]
    stable = [tag for tag in versions if not tag.prerelease]
    chosen = [max(stable, key=lambda tag: tag.order)] if stable else []
    # `latest` follows the highest version or the youngest tag, or none.
    first = [max(versions, key=lambda tag: tag.order)] if versions else []
    first += [max(tags, key=lambda tag: (tag.date, not tag.order))] if tags else []
    chosen += [tag for tag in first if latest(tag, tags, scheme)]
    return list(dict.fromkeys(tag.name for tag in chosen))


def why_not(kind: str, tag: Tag, tags: list[Tag]) -> str:
    """Say why the image cannot have the tag that a Git tag or a branch would give it, if so."""
    if not re.fullmatch(r"[0-9A-Za-z_][0-9A-Za-z_.-]{0,127}", tag.image):
        return "may have at most 128 characters and must begin with a letter, a digit or _"
    for pattern, whose in OTHERS.items():
        if re.fullmatch(pattern, tag.image):
            return f"is that of {whose}"
    if kind == "heads" and (tag.order or re.fullmatch(r"v?\d+(\.\d+)*", tag.image)):
        return "is that of a version"
    for other in tags:
        older = (other.date, other.name) < (tag.date, tag.name)
        if other.image == tag.image and (kind == "heads" or older):
            return f"is that of the Git tag {other.name}"
    return ""


def head(branch: str) -> str:
    """The commit that a branch is at on the server, or nothing where it is gone."""
    # The checkout does not know: actions/checkout puts its branch to the commit of the run.
    path = f"repos/{os.environ['GITHUB_REPOSITORY']}/git/ref/heads/{quote(branch)}"
    command = ["gh", "api", path, "--jq", ".object.sha"]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    if asked.returncode and "HTTP 404" not in asked.stderr:
        fail(f"GitHub did not say where the branch {branch} is: {asked.stderr!r}. Try again.")
    return "" if asked.returncode else asked.stdout.strip()


def fail(message: str) -> NoReturn:
    """End with an error that GitHub shows; no name in it can be more than text."""
    plain = message.encode("ascii", "backslashreplace").decode().replace("%", "%25")
    sys.exit(f"::error::{plain}")


def main() -> None:
    """Read the references, and print what they say of this run, or what to rebuild."""
    scheme = sys.argv[1]
    tags = []
    for line in sys.stdin:
        ref, date, kind = line.rstrip("\n").split(" ")  # names may hold spaces of other alphabets
        if ref.startswith("refs/tags/") and not kind.endswith(("blob", "tree")):
            tags.append(read(ref.removeprefix("refs/tags/"), int(date or 0), scheme))
    if "--rebuild" in sys.argv:
        print("\n".join(rebuilds(tags, scheme)))
        return

    kind, name = os.environ["GITHUB_REF"].removeprefix("refs/").split("/", 1)
    tag = next((tag for tag in tags if kind == "tags" and tag.name == name), None)
    if kind == "tags" and not tag:
        fail(f"The Git tag {name} was deleted: push it again.")
    if tag and scheme == "semver" and not tag.order:
        fail(f"{name} is not a version of the form v1.2.3 or v1.2.3-rc.1: see https://semver.org")
    again = os.environ["GITHUB_RUN_ATTEMPT"] != "1"
    # A pull request, and a push to another branch, set no tags.
    event = os.environ.get("GITHUB_EVENT_NAME")
    branch = kind == "heads" and (event == "workflow_dispatch" or name.startswith("prerel"))
    if reason := (tag or branch) and why_not(kind, tag or read(name, 0, "ref"), tags):
        what = "Git tag" if tag else "branch"
        fail(f"The {what} {name} cannot become a tag of the image, because that tag {reason}. Rename it.")
    if branch and again and head(name) != os.environ["GITHUB_SHA"]:
        fail(
            f"The branch {name} has moved to another commit or was deleted. "
            "Only a run for its newest commit sets the tags."
        )

    says = {
        "version": bool(tag and tag.order),
        "prerelease": bool(tag and tag.prerelease),
        "newest": bool(tag) and highest(tag, tags, 0),
        "major": bool(tag and tag.numbers and tag.numbers[0]) and highest(tag, tags, 1),
        "minor": bool(tag) and highest(tag, tags, 2),
        "latest": bool(tag) and latest(tag, tags, scheme),
        "day": not again or not tag or latest(tag, tags, scheme),
    }
    print("\n".join(f"{key}={str(value).lower()}" for key, value in says.items()))


if __name__ == "__main__":
    main()
