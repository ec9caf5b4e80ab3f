"""Check that a version of this template can be released, and print what the release says.

usage: python -m scripts.release VERSION

It can if VERSION is vX.Y.Z, newer than every tag, and the newest in CHANGELOG.md, with a date and
a text, and nothing waits under [Unreleased]. The tag may already exist, on this commit.
"""

import datetime
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts import changelog

ROOT = Path(__file__).parent.parent


def git(*arguments: str) -> str:
    """Run git in this repository and return what it prints."""
    result = subprocess.run(
        ["git", *arguments], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    )
    return result.stdout


def problem(tag: str, text: str) -> str:
    """Why a version cannot be released; nothing if it can."""
    number = changelog.version(tag)
    if not number or not re.fullmatch(r"v\d+\.\d+\.\d+", tag):
        return f"{tag}: a version is vX.Y.Z, such as v1.2.0"
    if git("status", "--porcelain").strip():
        return "the working tree has changes: commit them"
    tags = {
        known: name for name in git("tag", "--list").split() if (known := changelog.version(name))
    }
    if number in tags:
        if git("rev-parse", f"{tags[number]}^{{commit}}") != git("rev-parse", "HEAD"):
            return f"{tags[number]}: this tag is on another commit"
        del tags[number]
    if tags and number < max(tags):
        return f"{tag}: older than {tags[max(tags)]}"
    sections = list(changelog.sections(text))
    heading = f"## [{tag.removeprefix('v')}]"
    if not sections or sections[0].version != number:
        first = ".".join(map(str, sections[0].version)) if sections else "none"
        return (
            f"CHANGELOG.md: the newest version is {first}: "
            f"add an entry that begins with {heading} - DATE"
        )
    try:
        datetime.date.fromisoformat(sections[0].date)
    except ValueError:
        return f"CHANGELOG.md: {heading} needs a date, such as {heading} - 2026-11-24"
    if not re.search(r"(?m)^- ", sections[0].text):
        return f"CHANGELOG.md: {heading} has no text"
    if re.search(r"(?m)^- ", changelog.unreleased(text)):
        return f"CHANGELOG.md: move the entries under [Unreleased] to {heading}"
    return ""


def main(arguments: Sequence[str]) -> None:
    """Check, and print the text of the release."""
    if len(arguments) != 1:
        sys.exit(__doc__)
    [tag] = arguments
    text = (ROOT / "CHANGELOG.md").read_text()
    if told := problem(tag, text):
        sys.exit(f"release: {told}")
    print(next(changelog.sections(text)).text)


if __name__ == "__main__":
    main(sys.argv[1:])
