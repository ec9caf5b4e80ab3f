"""The files of releases.

https://docs.github.com/en/rest/releases/assets
"""

import hashlib
from typing import Any

from tests.support.api import Answer, Call, Refused, route
from tests.support.releases import already, find, frozen, present, published


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


@route("GET", "/{repo}/releases/download/{tag}/{name}")
def page_download(call: Call, tag: str, name: str) -> Answer:
    """A file at the address that people follow, which asks for no token."""
    release = None if call.hosted.private else published(call.hosted, tag)
    for one in release["assets"] if release else []:
        if one["name"] == name:
            return 200, one["content"]
    raise Refused(404, "Not Found")


@route("GET", "/{repo}/releases/latest/download/{name}")
def page_latest(call: Call, name: str) -> Answer:
    """A file of the release that is marked."""
    return page_download(call, find(call, str(call.hosted.latest or 0))["tag_name"], name)
