"""The part of docker/metadata-action's rules that the template's workflow uses.

https://github.com/docker/metadata-action#tags-input
"""

import datetime
import json
import os
import re
import urllib.request
from pathlib import Path

# Without `tags:`, and the order in which rules win.
DEFAULT = "type=schedule\ntype=ref,event=branch\ntype=ref,event=tag\ntype=ref,event=pr"
PRIORITY = {"schedule": 1000, "semver": 900, "ref": 600, "raw": 200}
# https://github.com/npm/node-semver#versions, which takes no number above 2**53.
NUMBER = r"(?:0|[1-9]\d{0,14})"
WORD = r"(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)"
VERSION = re.compile(
    rf"v?(?P<version>(?P<major>{NUMBER})\.(?P<minor>{NUMBER})\.{NUMBER}(?P<prerelease>-{WORD}(\.{WORD})*)?)"
    r"(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?",
    re.ASCII,
)


def tag(rule: dict[str, str]) -> tuple[str, bool] | None:
    """The tag that a rule gives for this run, and whether `latest` follows it; None for no tag.

    A `latest` that the first rule does not want is not set by a later one.
    """
    event, kind, name = (
        os.environ[f"GITHUB_{key}"] for key in ("EVENT_NAME", "REF_TYPE", "REF_NAME")
    )
    match rule["type"], rule.get("event"):
        case _ if rule.get("enable") == "false":
            return None
        case "schedule", _:
            return ("nightly", False) if event == "schedule" else None
        case "raw", _:
            return rule["value"], False
        case "ref", "pr":
            return (f"pr-{name.split('/')[0]}", False) if event == "pull_request" else None
        case "ref", "branch":
            return (name, False) if kind == "branch" and event != "pull_request" else None
        case "ref", "tag":
            return (name, True) if kind == "tag" else None
        case "semver", _:
            found = VERSION.fullmatch(name.strip().replace("/", "-")) if kind == "tag" else None
            if not found:
                return None
            if found["prerelease"]:
                return found["version"], False
            return re.sub(r"{{(\w+)}}", lambda key: found[key[1]], rule["pattern"]), True
    raise SystemExit(f"no such rule here: {rule}")


def sanitized(name: str) -> str:
    """A name as a tag."""
    return re.sub(r"[^a-zA-Z0-9._-]+", "-", name)


def pairs(text: str) -> dict[str, str]:
    """KEY=VALUE lines as a dictionary."""
    return dict(line.split("=", 1) for line in text.splitlines() if line.strip())


def output(name: str, lines: list[str]) -> None:
    """Write an output of several lines."""
    with Path(os.environ["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as file:
        file.write("\n".join([f"{name}<<metadata", *lines, "metadata", ""]))


def main() -> None:
    """Write tags, labels and annotations."""
    url = f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['GITHUB_REPOSITORY']}"
    headers = {"Authorization": f"token {os.environ['TOKEN']}"}
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
        repository = json.load(answer)

    rules = [
        dict(part.split("=", 1) for part in line.strip().split(","))
        for line in (os.environ["TAGS"].strip() or DEFAULT).splitlines()
    ]
    rules.sort(key=lambda rule: -PRIORITY[rule["type"]])
    found = [result for result in map(tag, rules) if result]
    tags = [sanitized(name) for name, _ in found]
    flavor = pairs(os.environ["FLAVOR"]).get("latest", "auto")
    if found and (found[0][1] if flavor == "auto" else flavor == "true"):
        tags.append("latest")
    tags = list(dict.fromkeys(tags))

    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
    common = {
        "created": now.replace("+00:00", "Z"),
        "description": repository["description"],
        "licenses": repository["license"]["spdx_id"],
        "revision": os.environ["GITHUB_SHA"],
        "source": repository["html_url"],
        "title": repository["name"],
        "url": repository["html_url"],
        "version": tags[0] if tags else "",
    }
    computed = {f"org.opencontainers.image.{key}": value for key, value in common.items()}
    levels = os.environ.get("DOCKER_METADATA_ANNOTATIONS_LEVELS", "manifest").split(",")
    annotations = {**computed, **pairs(os.environ["ANNOTATIONS"])}
    image = os.environ["IMAGES"].strip().lower()
    output("tags", [f"{image}:{name}" for name in tags])
    output("labels", [f"{k}={v}" for k, v in {**computed, **pairs(os.environ["LABELS"])}.items()])
    output("annotations", [f"{level}:{k}={v}" for level in levels for k, v in annotations.items()])


if __name__ == "__main__":
    main()
