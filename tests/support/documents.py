"""The documents of this repository: their sections, tables and links."""

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

from markdown_it import MarkdownIt

from tools.projects import ROOT

UPDATING = ROOT / "docs/updating.md"
ORGANISATION = ROOT / "docs/organisation.md"


def section(document: Path, title: str) -> str:
    """The text under a heading of a document, up to the next heading."""
    match = re.search(rf"(?ms)^#+ {title}\n(.*?)(?=^#+ |\Z)", document.read_text())
    assert match, f"{document} has no section '{title}'"
    return match[1]


def table(text: str) -> Sequence[Sequence[str]]:
    """The cells of the tables in a Markdown text, without the heads of the tables."""
    rows = [line for line in text.splitlines() if line.startswith("| ") and "---" not in line]
    cells = [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows]
    return [row for row in cells if "`" in row[0]]


def links(text: str) -> Sequence[str]:
    """Where the links and pictures of a Markdown text lead."""
    inline = [token for token in MarkdownIt().parse(text) if token.type == "inline"]
    parts = [part for token in inline for part in token.children or []]
    return [str(part.attrs[key]) for part in parts for key in ("href", "src") if key in part.attrs]


def anchors(text: str) -> set[str]:
    """The anchors that GitHub gives to the headings of a Markdown text.

    https://docs.github.com/en/get-started/writing-on-github/getting-started-with-writing-and-formatting-on-github/basic-writing-and-formatting-syntax#section-links
    """
    tokens = MarkdownIt().parse(text)
    titles = [
        "".join(part.content for part in content.children or [])
        for heading, content in pairwise(tokens)
        if heading.type == "heading_open"
    ]
    found: set[str] = set()
    for title in titles:
        plain = anchor = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        number = 0
        while anchor in found:
            anchor = f"{plain}-{(number := number + 1)}"
        found.add(anchor)
    return found


def dead_links(document: Path) -> Sequence[str]:
    """The relative links of a document that lead to no file, or to no heading of a file."""
    dead = []
    for link in links(document.read_text()):
        path, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", link):
            continue
        target = document.parent / unquote(path) if path else document
        if not target.exists() or (anchor and anchor not in anchors(target.read_text())):
            dead.append(link)
    return dead
