"""Where a repository was made from: how the URL of a template is spelled, compared and shown."""

import re

ANSWERS_FILE = ".copier-answers.yml"
PLACE = r"(?P<host>[\w.-]+(:\d+)?){}(?P<path>[\w~-][\w./~-]*)"
ON_A_SERVER = (
    rf"(git\+)?(https?|ssh|git)://([^/@]*@)?{PLACE.format('/')}",
    rf"[\w.-]+@{PLACE.format(':/?')}",
)
# What may stay as a repository has recorded it: no user, no password, nothing unencrypted.
PLAIN = rf"(https://|ssh://git@){PLACE.format('/')}|git@[\w.-]+:[\w~-][\w./~-]*"


def place(url: str) -> str:
    """The host and the path in the URL of a repository on a server; nothing for all other text."""
    url = re.sub(r"^gh:/?", "https://github.com/", url)
    url = re.sub(r"^gl:/?", "https://gitlab.com/", url)
    found = next(filter(None, (re.fullmatch(form, url, re.ASCII) for form in ON_A_SERVER)), None)
    return f"{found['host']}/{found['path']}" if found else ""


def same(one: str, other: str) -> bool:
    """Whether two URLs name one repository, whichever way they are spelled."""
    first, second = (place(url).rstrip("/").removesuffix(".git").lower() for url in (one, other))
    return one == other or (bool(first) and first == second)


def is_plain(url: str) -> bool:
    """Whether a URL is encrypted, and names neither a user nor a password."""
    return bool(re.fullmatch(PLAIN, url, re.ASCII))


def shown(url: str) -> str:
    """What may be printed of a URL that came from outside; nothing where it is no URL of a server."""
    return url if is_plain(url) else f"https://{place(url)}" if place(url) else ""


def made_from(source: str) -> str:
    """Why a repository is refused that was made from another template."""
    if not source:
        return f"no _src_path in {ANSWERS_FILE}"
    return f"made from {shown(source) or 'another template'}"
