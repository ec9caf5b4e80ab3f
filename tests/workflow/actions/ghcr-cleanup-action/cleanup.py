"""The rules of dataaxiom/ghcr-cleanup-action v1.2.2 that the template's workflow uses.

https://github.com/dataaxiom/ghcr-cleanup-action/blob/v1.2.2/src/cleanup-orchestrator.ts
"""

import base64
import datetime
import fnmatch
import json
import os
import re
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

INPUTS = json.loads(os.environ["INPUTS"])
OWNER = INPUTS["owner"] or os.environ["GITHUB_REPOSITORY_OWNER"]
PACKAGE = INPUTS["package"] or os.environ["GITHUB_REPOSITORY"].partition("/")[2].lower()
API = f"{INPUTS['github-api-url']}/orgs/{OWNER}/packages/container/{PACKAGE}/versions"
REGISTRY = f"{INPUTS['registry-url'].rstrip('/')}/v2/{OWNER}/{PACKAGE}/manifests".lower()
MANIFESTS = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json"

Version = dict[str, Any]


def ask(url: str, method: str = "GET", body: Any = None, **headers: str) -> Any:
    """Ask the API, or with a bearer token the registry."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    given.setdefault("Authorization", f"token {INPUTS['token']}")
    data = json.dumps(body).encode() if body is not None else None
    with urllib.request.urlopen(urllib.request.Request(url, data, given, method=method)) as answer:
        content = answer.read()
    return json.loads(content) if content else None


def bearer() -> str:
    """Log in to the registry, as its answer says."""
    try:
        urllib.request.urlopen(f"{REGISTRY}/latest").close()
    except urllib.error.HTTPError as error:
        asked = dict(re.findall(r'(\w+)="([^"]*)"', error.headers["WWW-Authenticate"]))
    login = base64.b64encode(f"token:{INPUTS['token']}".encode()).decode()
    url = f"{asked['realm']}?service={asked['service']}&scope={asked['scope']}"
    return f"Bearer {ask(url, Authorization=f'Basic {login}')['token']}"


def versions() -> dict[str, Version]:
    """All versions by digest."""
    found: list[Version] = []
    while page := ask(f"{API}?per_page=100&page={len(found) // 100 + 1}"):
        found += page
        if len(page) < 100:
            break
    return {version["name"]: version for version in found}


def tags(version: Version) -> list[str]:
    """The tags of a version."""
    found: list[str] = version["metadata"]["container"]["tags"]
    return found


def matches(wanted: str, tag: str) -> bool:
    """Whether a tag is meant by an input."""
    return any(fnmatch.fnmatchcase(tag, part.strip()) for part in wanted.split(",") if part)


def old(version: Version) -> bool:
    """Whether a version is as old as it must be."""
    if not INPUTS["older-than"]:
        return True
    number, unit = INPUTS["older-than"].split()
    days = int(number) * {"day": 1, "year": 365}[unit.removesuffix("s")]
    age = datetime.datetime.now(datetime.UTC) - datetime.datetime.fromisoformat(
        version["updated_at"]
    )
    return age > datetime.timedelta(days=days)


def delete(version: Version) -> None:
    """Delete a version. What is not found is taken for deleted; any other refusal ends the run."""
    print(f"delete {version['name']} {' '.join(tags(version))}")
    try:
        ask(f"{API}/{version['id']}", "DELETE")
    except urllib.error.HTTPError as error:
        if error.code != 404:
            raise
        print(f"::warning::version id {version['id']} wasn't found; treating as already deleted")


def children(manifest: dict[str, Any]) -> list[str]:
    """What an index holds."""
    return [one["digest"] for one in manifest.get("manifests", [])]


def main() -> None:
    """Choose, take tags away, delete."""
    with Path(os.environ["RECORDS"], "cleanup.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(INPUTS) + "\n")
    token = bearer()

    def manifest(of: str) -> dict[str, Any]:
        found: dict[str, Any] = ask(f"{REGISTRY}/{of}", Authorization=token, Accept=MANIFESTS)
        return found

    def candidates(known: dict[str, Version]) -> dict[str, Version]:
        below = {child for name in known for child in children(manifest(name))}
        return {
            name: version
            for name, version in known.items()
            if name not in below
            and not any(re.match("sha256-", tag) for tag in tags(version))
            and old(version)
        }

    # A tag beside others is moved to an empty manifest, which is then deleted with it.
    known = versions()
    for name, version in candidates(known).items():
        wanted = [tag for tag in tags(version) if matches(INPUTS["delete-tags"], tag)]
        for tag in wanted[: len(tags(version)) - 1]:
            print(f"untag {tag}")
            body = manifest(name)
            body["manifests" if "manifests" in body else "layers"] = []
            body["annotations"] = {**body.get("annotations", {}), "untagged": tag}
            kind = {"Authorization": token, "Content_Type": body["mediaType"]}
            ask(f"{REGISTRY}/{tag}", "PUT", body, **kind)
            [empty] = [one for one in versions().values() if tag in tags(one)]
            delete(empty)

    known = versions()
    chosen = {
        name
        for name, version in candidates(known).items()
        if (not tags(version) and INPUTS["delete-untagged"] == "true")
        or matches(INPUTS["delete-tags"], name)
        or (tags(version) and all(matches(INPUTS["delete-tags"], tag) for tag in tags(version)))
    }
    for name in list(chosen):
        below = {
            child for other in known if other not in chosen for child in children(manifest(other))
        }
        chosen |= set(children(manifest(name))) - below
    for name in list(chosen):
        for one in known.values():
            if name.replace(":", "-") in tags(one):  # its attestations
                chosen |= {one["name"], *children(manifest(one["name"]))}
    for name in sorted(chosen & known.keys()):
        delete(known[name])


main()
