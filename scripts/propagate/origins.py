"""Where a repository was made from, as its answers file records it."""

import re

ANSWERS_FILE = ".copier-answers.yml"


def identity(url: str) -> str:
    """A repository's host, owner and name, whichever way its URL is spelled."""
    url = re.sub(r"^gh:/?", "https://github.com/", url)
    url = re.sub(r"^gl:/?", "https://gitlab.com/", url)
    url = re.sub(r"^(git\+)?(https?|ssh|git)://([^@/]+@)?", "", url)
    url = re.sub(r"^[\w.-]+@([\w.-]+):", r"\1/", url)
    return url.rstrip("/").removesuffix(".git").lower()


def recorded(answers: str, key: str) -> str:
    """A value that Copier itself writes into the answers file, such as `_commit`, or nothing.

    This needs no YAML parser, so `find` needs nothing but Python.
    """
    found = re.search(rf"(?m)^{key}: *(['\"]?)(.+?)\1 *$", answers)
    return found[2] if found else ""
