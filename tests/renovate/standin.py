"""A stand-in for GitHub and the package registries, as far as a run of Renovate asks them.

Renovate clones, commits and pushes for real, to bare repositories on this machine; only what it
asks over HTTP is answered here. Everything has a newer release, NEWEST, so that whatever Renovate
manages changes and whatever changes is managed. What Renovate asks beyond that is noted in
`unknown`, for the test to refuse.
"""

import base64
import hashlib
import json
import re
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

NEWEST = "99.1.0"
PUBLISHED = "2026-01-01T00:00:00Z"  # old enough for any rule about the age of a release
# The files of UPX, by the end of the key that has the checksum of each.
UPX_FILES = {"amd64": "amd64_linux.tar.xz", "arm64": "arm64_linux.tar.xz", "win64": "win64.zip"}


def newest(package: str) -> str:
    """The newest version of a package; some are counted by years, or dates."""
    if "manylinux" in package:
        return "2099.01.01-1"
    return "2099.1" if package in ("pefile", "pyinstaller-hooks-contrib") else NEWEST


def archive(name: str) -> bytes:
    """The bytes of a release's file, more than those of a list of checksums."""
    return f"the file {name}\n".encode() * 400


def sha256(file: str) -> str:
    """The checksum of a release's file."""
    return hashlib.sha256(archive(file)).hexdigest()


def upx_sha256(version: str, platform: str) -> str:
    """The checksum of UPX for a platform."""
    return sha256(f"upx-{version}-{UPX_FILES[platform]}")


def windows_python_sha256(version: str) -> str:
    """The checksum of Python for Windows as a zip file."""
    return sha256(f"python-{version}-embeddable-amd64.zip")


def commit_of(action: str) -> str:
    """The commit of an action's newest version."""
    return hashlib.sha1(action.encode()).hexdigest()


def digest_of(image: str) -> str:
    """The digest of an image's newest version."""
    return "sha256:" + hashlib.sha256(image.encode()).hexdigest()


class StandIn:
    """The server, before a folder with OWNER/NAME.git, the bare repositories.

    Attributes:
        url: its address.
        upx: the version of UPX before NEWEST.
        pinned: for each action and image that has a digest, the version before NEWEST, and its digest.
        pulls: the pull requests that were opened, as GitHub's API writes them.
        unknown: the requests that it has no answer to.
    """

    def __init__(self, repositories: Path, upx: str, pinned: dict[str, tuple[str, str]]) -> None:
        self.repositories = repositories
        self.upx = upx
        self.pinned = pinned
        self.pulls: list[dict[str, Any]] = []
        self.unknown: list[str] = []
        standin = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"] or 0)) or "0")
                path = unquote(urlsplit(self.path).path)
                found = standin.answer(self.command, path, body)
                data = found if isinstance(found, bytes) else json.dumps(found).encode()
                self.send_response(404 if found is None else 200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                if image := re.fullmatch(r"/v2/(.+)/manifests/(.+)", path):
                    version, digest = standin.pinned.get(image[1], ("", ""))
                    if image[2] != version:
                        digest = digest_of(image[1])
                    self.send_header("Docker-Content-Digest", digest)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(data)

            do_GET = do_HEAD = do_POST = do_PATCH = answer

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop the server."""
        self.server.shutdown()
        self.server.server_close()

    def answer(self, method: str, path: str, body: Any) -> Any:
        """The answer to a request; None is 404."""
        for pattern, handler in (
            (r"/api/graphql", lambda: self.graphql(body["query"], body["variables"])),
            (r"/api/v3/", dict),
            (r"/api/v3/user", lambda: {"login": "renovate", "name": "Renovate", "id": 1}),
            (r"/api/v3/repos/(.+?/.+?)/contents/(.+)", self.contents),
            (r"/api/v3/repos/upx/upx/releases/tags/v(.+)", self.release),
            (r"/api/v3/repos/.+/pulls", lambda: self.pull(method, body)),
            (r"/api/v3/repos/.+/pulls/(\d+)", lambda number: self.pulls[int(number) - 1]),
            (
                r"/api/v3/repos/.+/issues",
                lambda: {"number": 1000, "state": "open", "updated_at": PUBLISHED, **body},
            ),
            (r"/api/v3/repos/.+/commits/.+/status", lambda: {"state": "pending", "statuses": []}),
            (r"/api/v3/repos/.+/commits/.+/statuses", list),
            (r"/api/v3/repos/.+/statuses/.+", dict),
            (r"/api/v3/repos/.+/check-runs", lambda: {"check_runs": []}),
            (r"/api/v3/repos/.+/rules/branches/.+", list),
            (r"/api/v3/repos/.+/branches/.+/protection", lambda: None),
            (r"/api/v3/repos/.+/git/matching-refs/.+", list),
            (r"/api/v3/repos/.+/dependabot/alerts", list),
            (r"/download/(.+)", archive),
            (r"/v2/", dict),
            (r"/v2/.+/manifests/.+", dict),
            (r"/v2/(.+)/tags/list", image_tags),
            (r"/pypi/(.+)/json", self.package),
            (r"/npm/(.+)", npm_package),
            (r"/ftp/python/index-windows\.json", windows_index),
        ):
            if match := re.fullmatch(pattern, path):
                return handler(*match.groups())
        self.unknown.append(f"{method} {path}")
        return None

    def graphql(self, query: str, variables: dict[str, Any]) -> Any:
        """The answers to Renovate's questions: the repository, its issues, releases and tags."""
        name = f"{variables['owner']}/{variables['name']}"
        nodes: list[Any] = []
        if "defaultBranchRef" in query:
            repository = {
                "id": name,
                "nameWithOwner": name,
                "hasIssuesEnabled": True,
                "hasVulnerabilityAlertsEnabled": True,
                "squashMergeAllowed": True,
                "defaultBranchRef": {"name": "main", "target": {"oid": "0" * 40}},
                "issues": {"nodes": nodes},
            }
            return {"data": {"repository": repository}}
        if "refs/tags" in query:
            tags = [(f"v{NEWEST}", commit_of(name))]
            tags += [self.pinned[name]] if name in self.pinned else []
            nodes = [
                {
                    "version": tag,
                    "target": {"type": "Commit", "oid": commit, "releaseTimestamp": PUBLISHED},
                }
                for tag, commit in tags
            ]
        elif "tagName" in query:
            versions = [self.upx, NEWEST] if name == "upx/upx" else [NEWEST]
            nodes = [
                {
                    "version": f"v{version}",
                    "releaseTimestamp": PUBLISHED,
                    "isDraft": False,
                    "isPrerelease": False,
                    "url": self.url,
                    "id": 1,
                    "name": version,
                    "description": "",
                }
                for version in versions
            ]
        page = {"pageInfo": {"hasNextPage": False, "endCursor": None}, "nodes": nodes}
        return {"data": {"repository": {"isRepoPrivate": False, "payload": page, "issues": page}}}

    def contents(self, repository: str, file: str) -> Any:
        """A file of a repository's default branch, as Renovate reads a preset."""
        result = subprocess.run(
            ["git", "-C", self.repositories / f"{repository}.git", "show", f"main:{file}"],
            capture_output=True,
            check=False,
        )
        return {"content": base64.b64encode(result.stdout).decode()} if result.stdout else None

    def package(self, name: str) -> Any:
        """A package on PyPI."""
        file = f"{name}-{newest(name)}.tar.gz"
        found = {"filename": file, "upload_time": PUBLISHED, "digests": {"sha256": sha256(file)}}
        return {"info": {}, "releases": {newest(name): [found]}}

    def release(self, version: str) -> Any:
        """A release of UPX, with its files."""
        assets = [
            {
                "name": name,
                "size": len(archive(name)),
                "browser_download_url": f"{self.url}/download/{name}",
            }
            for name in (f"upx-{version}-{file}" for file in (*UPX_FILES.values(), "src.tar.xz"))
        ]
        return {"tag_name": f"v{version}", "html_url": f"{self.url}/{version}", "assets": assets}

    def pull(self, method: str, body: Any) -> Any:
        """Open a pull request, or list them."""
        if method == "GET":
            return self.pulls
        number = len(self.pulls) + 1
        pull = {
            "number": number,
            "node_id": str(number),
            "state": "open",
            "title": body["title"],
            "body": body["body"],
            "head": {"ref": body["head"].rpartition(":")[2]},
            "base": {"ref": body["base"]},
            "updated_at": PUBLISHED,
        }
        self.pulls.append(pull)
        return pull


def image_tags(name: str) -> Any:
    """The tags of an image; Python has a newer release of each minor version, and newer ones."""
    tags = [newest(name)]
    if name.endswith("python"):
        tags += [tag for n in range(9, 18) for tag in (f"3.{n}.99", f"3.{n}.100-slim", f"3.{n}")]
    return {"name": name, "tags": tags}


def npm_package(name: str) -> Any:
    """A package on npm."""
    return {
        "name": name,
        "dist-tags": {"latest": NEWEST},
        "versions": {NEWEST: {"name": name, "version": NEWEST}},
        "time": {NEWEST: PUBLISHED},
    }


def windows_index() -> Any:
    """Python for Windows, as python.org lists it: of each minor version the newest, for each CPU."""
    files = {
        "pythoncore-{}-64": "amd64.zip",
        "pythonembed-{}-32": "embeddable-win32.zip",
        "pythonembed-{}-arm64": "embeddable-arm64.zip",
        "pythonembed-{}-64": "embeddable-amd64.zip",
    }
    versions = [
        {
            "id": identifier.format(minor),
            "sort-version": version,
            "url": f"https://www.python.org/ftp/python/{version}/python-{version}-{file}",
            "hash": {"sha256": sha256(f"python-{version}-{file}")},
        }
        for minor in (f"3.{n}" for n in range(17, 10, -1))
        for version in (f"{minor}.100rc1", f"{minor}.99")
        for identifier, file in files.items()
    ]
    return {"versions": versions, "next": "index-windows-recent.json"}
