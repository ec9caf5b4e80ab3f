"""The texts of this repository use the usual English phrases: each one below has a better one beside it."""

import re

import pytest

from tests.support.commands import run
from tools.projects import ROOT

BETTER = {
    r"\b(starts|works|runs|comes|goes|needs|wants) not\b": "does not start",
    r"\bend(s|ed)? with [0-9{]": "exits with 0",
    r"\b(one|a line) a line\b|\ba line each\b": "one per line",
    r"\bone \w+ a (platform|system|file|test)\b": "one job per platform",
    r"\bYou have \w[\w ]* already\?": "Already have a repository?",
    r"\bwhich commands has\b": "which commands does it have",
    r"\bset tags too\b": "Other events also set tags",
    r"\bforbids? a program much\b": "restricts signed programs",
    r"\b[Nn]o tag goes\b": "Tags never move backwards",
    r"\bof every day\b": "everyday commands",
    r"\b[Mm]any a \W?\w": "Many .gitignore files",
    r"\b[Aa] failure to ask\b": "A failed request does not mean that there is no release",
    r"\bof that \w+ which\b": "of the Python that",
    r"\bended with success\b": "succeeded",
    r"\bany more\b|\bno more (is|are)\b": "no longer exists",
    r"\bhas a \w+ twice\b": "has a duplicate key",
    r"\bexists already\b": "an existing repository",
    r"\bas you have it\b": "unchanged",
    r"\banew\b": "again",
    r"\bis there (twice|already)\b": "occurs twice, already exists",
    r"\blet it print\b": "make it print",
    r"\bfor ever\b": "forever",
    r"\bline ends\b": "line endings",
    r"\bput behind\b": "put after",
    r"\bthat is none\b": "that is not finite",
    r"\bmail address\b": "email address",
    r"(?<![Tt]here )\b(is|are) no (?!longer|more)[a-z]+": "is not a version",
    r"\b[Tt]hat said\b|\b[Nn]eedless to say\b|\b[Ii]n order to\b": "to",
}
OTHERS = ("examples/", "licenses/", "LICENSE", "tests/lint/test_prose.py", "requirements.lock")


def matches(text: str) -> list[tuple[str, str]]:
    """The phrases in a text, each with how to write it."""
    return [
        (match[0], better)
        for phrase, better in BETTER.items()
        if (match := re.search(phrase, text))
    ]


@pytest.mark.parametrize(
    "text",
    ["it starts not", "make ended with 2", "names, one a line", "the commands of every day"],
)
def test_a_phrase_is_found(text: str) -> None:
    assert matches(text)


def test_no_text_uses_a_phrase_that_has_a_better_one() -> None:
    names = run("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", cwd=ROOT)
    files = [ROOT / name for name in names.split("\0") if name and not name.startswith(OTHERS)]
    assert ROOT / "README.md" in files
    found = [
        f"{file.relative_to(ROOT)}:{number}: {phrase!r}: write as in {better!r}"
        for file in files
        if file.is_file() and file.suffix != ".svg"
        for number, line in enumerate(file.read_text(errors="ignore").splitlines(), 1)
        for phrase, better in matches(line)
    ]
    assert not found, "\n".join(found)
