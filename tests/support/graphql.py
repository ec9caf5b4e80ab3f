"""The few GraphQL queries that gh asks: about releases, tags and pull requests, by their names."""

import re
from collections.abc import Sequence
from typing import Any

from tests.support.api import Answer, Call, Hosted, Refused, route
from tests.support.releases import published, tags

# gh asks what this GitHub knows before it asks for it.
FIELDS = {"Release": ["immutable"], "PullRequest": [], "StatusCheckRollupContextConnection": []}


def page(nodes: Sequence[Any]) -> dict[str, Any]:
    """All of a list on one page."""
    info = {"hasNextPage": False, "endCursor": ""}
    return {"nodes": nodes, "pageInfo": info, "totalCount": len(nodes)}


def release_by_tag(call: Call, hosted: Hosted, tag: str) -> dict[str, Any] | None:
    """A published release, or a draft for those who may write."""
    drafts = [one for one in hosted.releases if one["tag_name"] == tag]
    if not call.grant.may("contents", "write"):
        drafts = [one for one in drafts if not one["draft"]]
    release = published(hosted, tag) or (drafts[0] if drafts else None)
    return release and {"databaseId": release["id"], "isDraft": release["draft"]}


def releases(call: Call, hosted: Hosted) -> dict[str, Any]:
    """All releases."""
    return page(
        [
            {
                "name": one["name"],
                "tagName": one["tag_name"],
                "isDraft": one["draft"],
                "immutable": one["immutable"],
                "isLatest": one["id"] == hosted.latest,
                "isPrerelease": one["prerelease"],
                "createdAt": one["created_at"],
                "publishedAt": one["published_at"],
            }
            for one in reversed(hosted.releases)
            if not one["draft"] or call.grant.may("contents", "write")
        ]
    )


@route("POST", "/graphql")
def graphql(call: Call) -> Answer:
    """Answer a query by its name."""
    query, given = call.json["query"], call.json.get("variables", {})
    name = (re.search(r"\bquery (\w+)", query) or ["", ""])[1]
    if name.endswith("_fields"):
        kinds = re.findall(r"(\w+): *__type", query)
        known = {kind: {"fields": [{"name": n} for n in FIELDS.get(kind, [])]} for kind in kinds}
        return 200, {"data": known}
    owner, repository = given.get("owner"), given.get("name") or given.get("repo")
    hosted = call.hosted = call.github.find(f"{owner}/{repository}")
    match name:
        case "RepositoryReleaseByTag":
            found: Any = {"release": release_by_tag(call, hosted, given["tagName"])}
        case "RepositoryFindRef":
            ref = given["tagName"].removeprefix("refs/tags/")
            found = {"ref": {"id": ref} if ref in tags(hosted) else None}
        case "RepositoryReleaseList":
            found = {"releases": releases(call, hosted)}
        case "PullRequestList":
            call.needs("pull-requests", "read")
            states = given.get("state", ["OPEN"])
            found = {"pullRequests": page([one for one in hosted.pulls if one["state"] in states])}
        case _:
            call.github.unknown.append(f"{query} {given}")
            raise Refused(400, f"the tests know no such query: {query}")
    return 200, {"data": {"repository": found}}
