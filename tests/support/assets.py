"""The files of releases, and the few GraphQL queries that gh asks about releases.

https://docs.github.com/en/rest/releases/assets
"""

import hashlib
import re
from typing import Any

from tests.support.api import Answer, Call, Refused, route
from tests.support.releases import already, find, frozen, present, published, tags


@route("GET", "/repos/{repo}/releases/{number}/assets")
def list_assets(call: Call, number: str) -> Answer:
    """The files of a release."""
    return 200, present(call, find(call, number))["assets"]


@route("POST", "/repos/{repo}/releases/{number}/assets")
def upload(call: Call, number: str) -> Answer:
    """Attach a file."""
    call.needs("contents", "write")
    release, name = find(call, number), call.query["name"]
    frozen(release, "upload assets to")
    if any(asset["name"] == name for asset in release["assets"]):
        raise already("name")
    checksum = hashlib.sha256(call.body).hexdigest()
    release["assets"].append(
        {
            "id": call.hosted.next(),
            "name": name,
            "label": call.query.get("label", ""),
            "state": "uploaded",
            "size": len(call.body),
            "digest": f"sha256:{checksum}",
            "content": call.body,
        }
    )
    return 201, present(call, release)["assets"][-1]


def asset(call: Call, number: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A file and its release."""
    for release in call.hosted.releases:
        for one in release["assets"]:
            if one["id"] == int(number):
                return release, one
    raise Refused(404, "Not Found")


@route("GET", "/repos/{repo}/releases/assets/{number}")
def download(call: Call, number: str) -> Answer:
    """A file, or what is known of it."""
    release, one = asset(call, number)
    if call.headers.get("accept") == "application/octet-stream":
        return 200, one["content"]
    [found] = [a for a in present(call, release)["assets"] if a["id"] == one["id"]]
    return 200, found


@route("DELETE", "/repos/{repo}/releases/assets/{number}")
def remove(call: Call, number: str) -> Answer:
    """Take a file away."""
    call.needs("contents", "write")
    release, one = asset(call, number)
    frozen(release, "delete assets from")
    release["assets"].remove(one)
    return 204, None


@route("POST", "/graphql")
def graphql(call: Call) -> Answer:
    """The queries of `gh release`, by their names."""
    query, given = call.json["query"], call.json.get("variables", {})
    name = re.match(r"\s*query (\w+)", query)
    if name and name[1] == "Release_fields":  # gh asks what this GitHub knows
        return 200, {"data": {"Release": {"fields": [{"name": "immutable"}]}}}
    hosted = call.hosted = call.github.find(f"{given.get('owner')}/{given.get('name')}")
    match name and name[1]:
        case "RepositoryReleaseByTag":
            wanted = given["tagName"]
            drafts = [one for one in hosted.releases if one["tag_name"] == wanted]
            if not call.grant.may("contents", "write"):
                drafts = [one for one in drafts if not one["draft"]]
            release = published(hosted, wanted) or (drafts[0] if drafts else None)
            found = release and {"databaseId": release["id"], "isDraft": release["draft"]}
            return 200, {"data": {"repository": {"release": found}}}
        case "RepositoryFindRef":
            ref = given["tagName"].removeprefix("refs/tags/")
            found = {"id": ref} if ref in tags(hosted) else None
            return 200, {"data": {"repository": {"ref": found}}}
        case "RepositoryReleaseList":
            nodes = [
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
            page = {"hasNextPage": False, "endCursor": ""}
            return 200, {"data": {"repository": {"releases": {"nodes": nodes, "pageInfo": page}}}}
    call.github.unknown.append(f"{query} {given}")
    raise Refused(400, f"the tests know no such query: {query}")
