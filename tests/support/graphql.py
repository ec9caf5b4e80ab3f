"""The few GraphQL queries that gh asks, by their names: about releases, tags and pull requests."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.support.api import Answer, Call, Hosted, Refused, route
from tests.support.releases import published, tags

Given = Mapping[str, Any]  # the variables of a query
# Returns the data that a query or a mutation asks for.
Operation = Callable[[Call, Given], dict[str, Any]]

# gh asks what this GitHub knows before it asks for it.
FIELDS = {"Release": ["immutable"], "PullRequest": [], "StatusCheckRollupContextConnection": []}


def page(nodes: Sequence[Any]) -> dict[str, Any]:
    """All of a list on one page."""
    info = {"hasNextPage": False, "endCursor": ""}
    return {"nodes": nodes, "pageInfo": info, "totalCount": len(nodes)}


def release_by_tag(call: Call, hosted: Hosted, given: Given) -> dict[str, Any] | None:
    """A published release, or a draft for those who may write."""
    tag = given["tagName"]
    drafts = [one for one in hosted.releases if one["tag_name"] == tag]
    if not call.grant.may("contents", "write"):
        drafts = [one for one in drafts if not one["draft"]]
    release = published(hosted, tag) or (drafts[0] if drafts else None)
    return release and {"databaseId": release["id"], "isDraft": release["draft"]}


def releases(call: Call, hosted: Hosted, given: Given) -> dict[str, Any]:
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


def ref(call: Call, hosted: Hosted, given: Given) -> dict[str, Any] | None:
    """A tag."""
    tag = given["tagName"].removeprefix("refs/tags/")
    return {"id": tag} if tag in tags(hosted) else None


def pull_requests(call: Call, hosted: Hosted, given: Given) -> dict[str, Any]:
    """The pull requests in some states."""
    call.needs("pull-requests", "read")
    states = given.get("state", ["OPEN"])
    return page([one for one in hosted.pulls if one["state"] in states])


def of_repository(key: str, find: Callable[[Call, Hosted, Given], Any]) -> Operation:
    """A query for one thing of a repository."""

    def operation(call: Call, given: Given) -> dict[str, Any]:
        owner, repository = given.get("owner"), given.get("name") or given.get("repo")
        call.hosted = call.github.find(f"{owner}/{repository}")
        return {"repository": {key: find(call, call.hosted, given)}}

    return operation


OPERATIONS: Mapping[str, Operation] = {
    "RepositoryReleaseByTag": of_repository("release", release_by_tag),
    "RepositoryFindRef": of_repository("ref", ref),
    "RepositoryReleaseList": of_repository("releases", releases),
    "PullRequestList": of_repository("pullRequests", pull_requests),
}


@route("POST", "/graphql")
def graphql(call: Call) -> Answer:
    """Answer a query or a mutation by its name."""
    query, given = call.json["query"], call.json.get("variables") or {}
    name = (re.search(r"\b(?:query|mutation) (\w+)", query) or ["", ""])[1]
    if name.endswith("_fields"):
        kinds = re.findall(r"(\w+): *__type", query)
        known = {kind: {"fields": [{"name": n} for n in FIELDS.get(kind, [])]} for kind in kinds}
        return 200, {"data": known}
    if name not in call.github.operations:
        call.github.unknown.append(f"{query} {given}")
        raise Refused(400, f"the tests know no such query: {query}")
    return 200, {"data": call.github.operations[name](call, given)}
