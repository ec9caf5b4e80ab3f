"""The payloads of events."""

from typing import Any

from tests.support.runner import Repository


def pull_request(
    repository: Repository, number: int, fork: str = "", author: str = "Ada-Lovelace"
) -> dict[str, Any]:
    """The payload of a pull request, from a branch of the repository or from a fork."""
    base = {"ref": "main", "repo": {"full_name": repository.name}}
    head = {"ref": "feature", "repo": {"full_name": fork or repository.name}}
    return {
        "number": number,
        "pull_request": {
            "number": number,
            "head": head,
            "base": base,
            "user": {"login": author},
        },
    }
