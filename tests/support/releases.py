"""Releases as GitHub's API keeps them: drafts, "Latest", pre-releases, immutable ones, and the tags.

https://docs.github.com/en/rest/releases/releases
"""

import re
from typing import Any

from tests.support.api import Answer, Call, Hosted, Refused, route
from tests.support.git import git

NOW = "2026-11-25T00:00:00Z"


def tags(hosted: Hosted) -> dict[str, str]:
    """The tags of a repository and their commits."""
    lines = git(
        hosted.folder,
        "for-each-ref",
        "refs/tags",
        "--format=%(refname:strip=2) %(objectname) %(*objectname)",
    )
    parts = [line.split() for line in lines.splitlines()]
    return {part[0]: part[-1] for part in parts}


def present(call: Call, release: dict[str, Any]) -> dict[str, Any]:
    """A release as the API describes it."""
    url = f"{call.base}/repos/{call.hosted.name}/releases"
    page = f"https://github.com/{call.hosted.name}/releases"
    uploads = call.base.replace("//api.", "//uploads.")
    number = release["id"]
    assets = [
        {
            **{key: asset[key] for key in ("id", "name", "size", "state", "label", "digest")},
            "url": f"{url}/assets/{asset['id']}",
            "browser_download_url": f"{page}/download/{release['tag_name']}/{asset['name']}",
            "content_type": "application/octet-stream",
            "download_count": 0,
            "created_at": NOW,
            "updated_at": NOW,
        }
        for asset in release["assets"]
    ]
    slug = f"untagged-{number}" if release["draft"] else release["tag_name"]
    return {
        **release,
        "assets": assets,
        "node_id": f"RE_{number}",
        "author": {"login": "github-actions[bot]"},
        "url": f"{url}/{number}",
        "assets_url": f"{url}/{number}/assets",
        "upload_url": f"{uploads}/repos/{call.hosted.name}/releases/{number}/assets{{?name,label}}",
        "html_url": f"{page}/tag/{slug}",
        "tarball_url": "",
        "zipball_url": "",
    }


def find(call: Call, number: str) -> dict[str, Any]:
    """A release by its number."""
    for release in call.hosted.releases:
        if release["id"] == int(number):
            return release
    raise Refused(404, "Not Found")


def version(release: dict[str, Any]) -> tuple[int, ...]:
    """The numbers in a tag, to compare them."""
    return tuple(map(int, re.findall(r"\d+", release["tag_name"])))


def published(hosted: Hosted, tag: str) -> dict[str, Any] | None:
    """The published release of a tag."""
    for release in hosted.releases:
        if release["tag_name"] == tag and not release["draft"]:
            return release
    return None


def publish(call: Call, release: dict[str, Any], make_latest: str) -> None:
    """Publish a release: make its tag where there is none, and say whether it is "Latest"."""
    hosted = call.hosted
    other = published(hosted, release["tag_name"])
    if other and other is not release:
        raise already("tag_name")
    if release["tag_name"] in hosted.removed:
        message = "tag_name was used by an immutable release"
        raise Refused(422, "Validation Failed", errors=[{"message": message}])
    if release["tag_name"] not in tags(hosted):
        # A workflow's token makes no tag of a commit that changes workflows: cli/cli#9514.
        if release["target_commitish"] != hosted.describe()["default_branch"]:
            raise Refused(403, "Resource not accessible by integration")
        git(hosted.folder, "tag", release["tag_name"], release["target_commitish"])
    date = git(hosted.folder, "log", "-1", "--format=%cI", release["tag_name"], "--").strip()
    release.update(draft=False, published_at=NOW, created_at=date, immutable=hosted.immutable)
    if release["prerelease"] or make_latest == "false":
        return
    now = next((one for one in hosted.releases if one["id"] == hosted.latest), None)
    # Legacy: by the date of the commit, and the higher version.
    newer = now is None or (date, version(release)) >= (now["created_at"], version(now))
    if make_latest == "true" or newer:
        hosted.latest = release["id"]


def already(what: str) -> Refused:
    """What the API says when a name is taken."""
    resource = "Release" if what == "tag_name" else "ReleaseAsset"
    error = {"resource": resource, "code": "already_exists", "field": what}
    return Refused(422, "Validation Failed", errors=[error])


def frozen(release: dict[str, Any], what: str) -> None:
    """Refuse to change the files of an immutable release: softprops/action-gh-release#653."""
    if release["immutable"]:
        raise Refused(422, f"Cannot {what} an immutable release.")


@route("GET", "/repos/{repo}/releases")
def list_releases(call: Call) -> Answer:
    """The newest first; drafts for those who may write."""
    seen = [
        one
        for one in reversed(call.hosted.releases)
        if not one["draft"] or call.grant.may("contents", "write")
    ]
    return 200, [present(call, one) for one in seen]


@route("GET", "/repos/{repo}/releases/latest")
def latest(call: Call) -> Answer:
    """The one that is marked."""
    return 200, present(call, find(call, str(call.hosted.latest or 0)))


@route("GET", "/repos/{repo}/releases/tags/{tag...}")
def by_tag(call: Call, tag: str) -> Answer:
    """A published one by its tag: drafts are not found so."""
    call.needs("contents", "read")
    release = published(call.hosted, tag)
    if release is None:
        raise Refused(404, "Not Found")
    return 200, present(call, release)


@route("POST", "/repos/{repo}/releases")
def create(call: Call) -> Answer:
    """Make a release, or a draft of one."""
    call.needs("contents", "write")
    request = call.json
    release = {
        "id": call.hosted.next(),
        "tag_name": request["tag_name"],
        "target_commitish": request.get("target_commitish") or "main",
        "name": request.get("name") or request["tag_name"],
        "body": request.get("body") or ("Notes." if request.get("generate_release_notes") else ""),
        "draft": True,
        "prerelease": bool(request.get("prerelease")),
        "immutable": False,
        "created_at": NOW,
        "published_at": None,
        "assets": [],
    }
    if not request.get("draft"):
        publish(call, release, request.get("make_latest", "true"))
    call.hosted.releases.append(release)
    return 201, present(call, release)


@route("POST", "/repos/{repo}/releases/generate-notes")
def generate_notes(call: Call) -> Answer:
    """Notes of a kind."""
    call.needs("contents", "write")
    return 200, {"name": call.json["tag_name"], "body": "Notes."}


@route("GET", "/repos/{repo}/releases/{number}")
def read(call: Call, number: str) -> Answer:
    """One release."""
    return 200, present(call, find(call, number))


@route("PATCH", "/repos/{repo}/releases/{number}")
def edit(call: Call, number: str) -> Answer:
    """Change it, or publish a draft."""
    call.needs("contents", "write")
    release, request = find(call, number), call.json
    for key in ("name", "body", "prerelease", "tag_name", "target_commitish"):
        if key in request and release[key] != request[key]:
            if key == "tag_name":
                frozen(release, "change the tag of")
            release[key] = request[key]
    if release["draft"] and request.get("draft") is False:
        publish(call, release, str(request.get("make_latest", "true")))
    elif str(request.get("make_latest", "")) == "true" and not release["prerelease"]:
        call.hosted.latest = release["id"]
    return 200, present(call, release)


@route("DELETE", "/repos/{repo}/releases/{number}")
def delete(call: Call, number: str) -> Answer:
    """Delete it; an immutable one's tag name is never free again."""
    call.needs("contents", "write")
    release = find(call, number)
    call.hosted.releases.remove(release)
    if release["immutable"]:
        call.hosted.removed.append(release["tag_name"])
    return 204, None
