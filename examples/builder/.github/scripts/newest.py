#!/usr/bin/env python3
"""Compare the versions of this repository: may this run move the tags that versions share?

  git for-each-ref --format='%(refname) %(creatordate:unix) %(objectname)' refs/tags refs/remotes/origin |
    .github/scripts/newest.py ref|semver [--rebuild]

Prints KEY=VALUE lines for $GITHUB_OUTPUT, each true or false:

  version     the tag is a version: there is a release
  prerelease  that version is a pre-release
  newest      it is stable, and no stable version is higher: it is GitHub's "Latest"
  major       the same among the versions with this major number, from 1 on
  minor       the same among the versions with this major and minor number
  latest      the image's tag `latest` follows this tag. With semver that is `newest`. With ref it is
              the newest of all tags: of two versions the higher one, else the younger one.

With --rebuild it prints instead the tags whose images get the base image's fixes: the newest stable
version, and what `latest` follows where that is another one.
"""

import os
import re
import sys
from typing import NamedTuple

# https://semver.org/#backusnaur-form-grammar-for-valid-semver-versions
SEMVER = re.compile(r"v?(\d+\.\d+\.\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?", re.ASCII)
# Python's too, which may have fewer or more numbers, and write 1.0rc1.
# https://packaging.python.org/en/latest/specifications/version-specifiers/
ANY = re.compile(
    r"v?(\d+(?:\.\d+)+)(?:-([0-9A-Za-z.-]+)|\.?((?:a|b|rc|dev)\d+))?(?:\+[0-9A-Za-z.-]+)?",
    re.ASCII,
)

Order = tuple[list[int], bool, list[tuple[bool, int, str]]]


class Tag(NamedTuple):
    """A tag of the repository; `order` is None where it is no version."""

    name: str
    date: int
    order: Order | None
    prerelease: bool


def read(name: str, date: int, scheme: str) -> Tag:
    """Read a tag's name as a version. https://semver.org/#spec-item-11 says how versions compare."""
    found = (SEMVER if scheme == "semver" else ANY).fullmatch(name)
    if not found:
        return Tag(name, date, None, False)
    numbers = [int(part) for part in found[1].split(".")]
    pre = ".".join(filter(None, found.groups()[1:]))
    # A number is lower than a word; a version is higher than its pre-releases.
    parts = [
        (not part.isdecimal(), int(part) if part.isdecimal() else 0, part)
        for part in re.findall(r"[^.]+", re.sub(r"^(a|b|rc|dev)(\d+)$", r"\1.\2", pre))
    ]
    return Tag(name, date, (numbers + [0] * (4 - len(numbers)), not pre, parts), bool(pre))


def newer(one: Tag, other: Tag) -> bool:
    """Whether a tag is newer than another: as a version, or by its date where either is none."""
    if one.order and other.order:
        return one.order > other.order
    return one.date > other.date


def highest(tag: Tag, tags: list[Tag], numbers: int) -> bool:
    """Whether a stable version is the highest of those that share its first numbers."""
    if not tag.order or tag.prerelease:
        return False
    rivals = (other.order for other in tags if other.order and not other.prerelease)
    first = tag.order[0][:numbers]
    return all(rival <= tag.order for rival in rivals if rival[0][:numbers] == first)


def latest(tag: Tag, tags: list[Tag], scheme: str) -> bool:
    """Whether the image's tag `latest` follows a tag."""
    if scheme == "semver":
        return highest(tag, tags, 0)
    return not any(newer(other, tag) for other in tags)


def fail(message: str) -> None:
    """End with an error that GitHub shows."""
    sys.exit(f"::error::{message}")


def main() -> None:
    """Read the references, and print what they say of this run, or what to rebuild."""
    scheme = sys.argv[1]
    tags, branches = [], {}
    for line in sys.stdin:
        ref, date, commit = line.split()
        if ref.startswith("refs/tags/"):
            tags.append(read(ref.removeprefix("refs/tags/"), int(date), scheme))
        else:
            branches[ref.removeprefix("refs/remotes/origin/")] = commit

    if "--rebuild" in sys.argv:
        chosen = [tag for tag in tags if highest(tag, tags, 0)][:1]
        chosen += [tag for tag in tags if tag not in chosen and latest(tag, tags, scheme)][:1]
        print("\n".join(tag.name for tag in chosen))
        return

    ref = os.environ["GITHUB_REF"]
    kind, name = ref.removeprefix("refs/").split("/", 1)
    tag = next((tag for tag in tags if kind == "tags" and tag.name == name), None)
    if kind == "tags" and not tag:
        fail(f"The tag {name} is not in the repository any more: it was deleted. Push it again.")
    if tag and scheme == "semver" and not tag.order:
        fail(f"{name} is no version of the form v1.2.3 or v1.2.3-rc.1: see https://semver.org")
    head = branches.get(name, os.environ["GITHUB_SHA"]) if kind == "heads" else None
    if head != os.environ["GITHUB_SHA"] and head and os.environ["GITHUB_RUN_ATTEMPT"] != "1":
        fail(f"The branch {name} is at another commit now, whose own run sets the tags.")

    says = {
        "version": bool(tag and tag.order),
        "prerelease": bool(tag and tag.prerelease),
        "newest": bool(tag) and highest(tag, tags, 0),
        "major": bool(tag and tag.order and tag.order[0][0]) and highest(tag, tags, 1),
        "minor": bool(tag) and highest(tag, tags, 2),
        "latest": bool(tag) and latest(tag, tags, scheme),
    }
    print("\n".join(f"{key}={str(value).lower()}" for key, value in says.items()))


if __name__ == "__main__":
    main()
