"""Read CHANGELOG.md, which follows Keep a Changelog: https://keepachangelog.com/en/1.1.0/."""

import re
from collections.abc import Iterator
from typing import NamedTuple

Version = tuple[int, int, int]


class Section(NamedTuple):
    """What the changelog says of one version."""

    version: Version
    date: str
    text: str


def version(tag: str) -> Version | None:
    """The numbers that a tag or a heading begins with; None where it is not a version.

    `git describe`, which Copier records between two tags, counts as the tag before: v1.2.0-3-gabcdef.
    """
    match = re.fullmatch(r"v?(\d+)\.(\d+)\.(\d+)(?:-\d+-g[0-9a-f]+)?", tag, re.ASCII)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def sections(changelog: str) -> Iterator[Section]:
    """The versions with a date, in the order of the file; `[Unreleased]` is none."""
    headings = r"(?m)^## +(?:\[([^\]\n]+)\])?(?: - (.*))?.*$"
    _, *parts = re.split(headings, changelog)
    for name, date, text in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        number = version(name or "")
        if number:
            # Links at the end of the file belong to no version.
            body = re.sub(r"(?m)^\[[^\]]+\]: \S+$", "", text)
            yield Section(number, (date or "").strip(), body.strip())


def between(changelog: str, old: str, new: str) -> str:
    """What changed after one version up to another, newest first, as the changelog has it."""
    last, first = version(new), version(old)
    if not last:
        return ""
    return "\n\n".join(
        f"## {'.'.join(map(str, section.version))}\n\n{section.text}"
        for section in sorted(sections(changelog), reverse=True)
        if (section.version > first if first else section.version == last)
        and section.version <= last
    )


def unreleased(changelog: str) -> str:
    """What waits for the next version."""
    match = re.search(r"(?ms)^## +\[Unreleased\][^\n]*\n(.*?)(?=^## |\Z)", changelog)
    return match[1] if match else ""
