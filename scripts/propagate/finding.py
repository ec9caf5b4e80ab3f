"""Find the repositories of an owner on GitHub that were made from this template."""

import json
import math
import re
from collections.abc import Sequence

from scripts.propagate.commands import Failed, run
from scripts.propagate.origins import ANSWERS_FILE, same

# A workflow's matrix has at most 256 jobs: https://docs.github.com/actions/reference/limits
MATRIX = 256

# Asks the repositories themselves. The code search ends at 1000 results, answers ten requests a
# minute, and does not index a repository that nobody has touched for a year.
QUERY = f"""
query($owner: String!, $endCursor: String) {{
  repositoryOwner(login: $owner) {{
    repositories(first: 100, after: $endCursor, ownerAffiliations: OWNER) {{
      pageInfo {{ hasNextPage endCursor }}
      nodes {{
        name
        isArchived
        isFork
        answers: object(expression: "HEAD:{ANSWERS_FILE}") {{ ... on Blob {{ text }} }}
      }}
    }}
  }}
}}
"""


def check_names(owner: str, names: Sequence[str]) -> list[str]:
    """The names of an owner's repositories, with or without the owner before them.

    Raises:
        Failed: one is not a name, or is of another owner.
    """
    names = [name.removeprefix(f"{owner}/") for name in names]
    for name in names:
        if not re.fullmatch(r"[A-Za-z0-9._-]+", name):
            raise Failed(f"{name}: not a repository of {owner}")
    return names


def find_names(owner: str, urls: Sequence[str]) -> list[str]:
    """The names of an owner's repositories that record one of these URLs as their template.

    Raises:
        Failed: GitHub does not answer, or knows no such owner.
    """
    query = ("--raw-field", f"query={QUERY}", "--raw-field", f"owner={owner}")
    pages = run("gh", "api", "graphql", "--paginate", *query).strip()
    names = []
    while pages:  # one document after another
        page, end = json.JSONDecoder().raw_decode(pages)
        pages = pages[end:].strip()
        account = page["data"]["repositoryOwner"]
        if not account:
            raise Failed(f"{owner}: GitHub knows no such user or organisation")
        for node in account["repositories"]["nodes"]:
            answers = (node["answers"] or {}).get("text") or ""
            # A fork takes updates from where it was forked.
            if node["isArchived"] or node["isFork"]:
                continue
            # Without a parser of YAML, so this needs nothing but Python. `update` looks again.
            match = re.search(r"(?m)^_src_path: *['\"]?([^\s'\"]+)", answers)
            if match and any(same(match[1], url) for url in urls):
                names.append(node["name"])
    return names


def matrix(names: Sequence[str]) -> list[str]:
    """Names for the jobs of a workflow's matrix: one for each job, or several with commas between."""
    names = sorted(dict.fromkeys(names))
    size = math.ceil(len(names) / MATRIX) or 1
    return [",".join(names[at : at + size]) for at in range(0, len(names), size)]
