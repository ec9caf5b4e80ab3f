"""A registry: what it holds, and the gate in front of it that wants GitHub's token, as GHCR does."""

import base64
import hashlib
import http.client
import json
import re
import shutil
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

from tests.support.servers import Quiet, Request, Server, Traffic
from tests.support.tokens import Tokens

MANIFESTS = ", ".join(
    f"application/vnd.{kind}+json"
    for kind in (
        "oci.image.index.v1",
        "oci.image.manifest.v1",
        "docker.distribution.manifest.list.v2",
        "docker.distribution.manifest.v2",
    )
)


def digest(content: bytes) -> str:
    """The digest of some bytes, as a registry writes it."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


class Registry:
    """What a registry holds, asked without any tool of the workflow."""

    def __init__(self, address: str) -> None:
        """Ask the registry at an address: localhost:5000."""
        self.address = address

    def get(self, path: str) -> bytes:
        """Fetch /v2/PATH; a failure raises urllib.error.HTTPError."""
        url = f"http://{self.address}/v2/{path}"
        with urllib.request.urlopen(
            urllib.request.Request(url, headers={"Accept": MANIFESTS})
        ) as a:
            return bytes(a.read())

    def answers(self) -> bool:
        """Whether it is there."""
        try:
            return self.get("") is not None
        except OSError:
            return False

    def all_tags(self, name: str) -> dict[str, str]:
        """The digest of every tag, those of attestations too."""
        try:
            tags = json.loads(self.get(f"{name}/tags/list"))["tags"] or []
        except urllib.error.HTTPError:
            return {}
        return {tag: digest(self.get(f"{name}/manifests/{tag}")) for tag in tags}

    def tags(self, name: str) -> dict[str, str]:
        """The digest of every tag that a person would use."""
        found = self.all_tags(name)
        return {tag: found[tag] for tag in found if not re.fullmatch(r"sha256-[0-9a-f]{64}", tag)}

    def put(self, name: str, content: bytes, media_type: str = "", tag: str = "") -> str:
        """Put a blob, or with a media type a manifest; returns its digest."""
        base, of = f"http://{self.address}/v2/{name}", digest(content)
        url = f"{base}/manifests/{tag or of}"
        if not media_type:
            begun = urllib.request.Request(f"{base}/blobs/uploads/", method="POST")
            with urllib.request.urlopen(begun) as answer:
                url = answer.headers["Location"]
            url += f"{'&' if '?' in url else '?'}digest={of}"
        headers = {"Content-Type": media_type or "application/octet-stream"}
        request = urllib.request.Request(url, content, headers, method="PUT")
        urllib.request.urlopen(request).close()
        return of

    def has(self, name: str, reference: str) -> bool:
        """Whether it has a manifest."""
        try:
            return bool(self.get(f"{name}/manifests/{reference}"))
        except urllib.error.HTTPError:
            return False

    def manifest(self, name: str, reference: str) -> dict[str, Any]:
        """A manifest or an index."""
        found: dict[str, Any] = json.loads(self.get(f"{name}/manifests/{reference}"))
        return found

    def config(self, name: str, reference: str) -> dict[str, Any]:
        """The configuration of an image."""
        blob = self.manifest(name, reference)["config"]["digest"]
        found: dict[str, Any] = json.loads(self.get(f"{name}/blobs/{blob}"))
        return found

    def attestations(self, name: str, of: str) -> list[dict[str, Any]]:
        """The bundles beside an image: https://github.com/opencontainers/distribution-spec#referrers-tag-schema"""
        index = self.manifest(name, of.replace(":", "-"))
        layers = [self.manifest(name, one["digest"])["layers"] for one in index["manifests"]]
        return [json.loads(self.get(f"{name}/blobs/{layer['digest']}")) for [layer] in layers]


class Gate(Server):
    """The way to the registry: wants a token, records, and fails what the traffic says.

    `closed` names the images that refuse every workflow: pushed by hand first, without "Manage
    Actions access". `forbidden` names those that an organisation allows nobody to make. `pushed` lists the manifests that came, the oldest first.
    """

    def __init__(self, registry: str, tokens: Tokens, traffic: Traffic) -> None:
        """Stand in front of a registry: localhost:5000."""
        self.registry = registry
        self.tokens = tokens
        self.traffic = traffic
        self.closed: set[str] = set()
        self.forbidden: set[str] = set()
        self.pushed: dict[str, list[str]] = {}
        super().__init__(Passage)

    def refusal(self, bearer: str, method: str, path: str) -> str | None:
        """Why GHCR refuses a request to an image; None if it does not."""
        grant = self.tokens.find(bearer)
        match = re.match(r"/v2/(.+?)/(?:manifests|blobs|tags)/", path)
        if grant is None or match is None:
            return None if grant else "denied"
        writes = method not in ("GET", "HEAD")
        level, right = ("write", "write_package") if writes else ("read", "read_package")
        if writes and match[1] in self.forbidden:
            return "installation not allowed to Create organization package"
        if match[1] in self.closed or match[1] != grant.repository.lower():
            return f"permission_denied: {right}"
        return None if grant.may("packages", level) else f"permission_denied: {right}"


class Passage(Quiet):
    """One request through the gate."""

    server: Gate

    def login(self) -> None:
        """Give a bearer token for a login, as https://ghcr.io/token does."""
        scheme, _, coded = self.headers.get("Authorization", "").partition(" ")
        password = base64.b64decode(coded).decode().partition(":")[2] if scheme == "Basic" else ""
        grant = self.server.tokens.find(password)
        request, fails = self.server.traffic.note(
            "registry", self.command, self.path, grant.job if grant else ""
        )
        request.status = 200 if grant else 403
        if fails:
            self.fail(self.server.traffic.how)
            return
        if grant is None:
            self.answer(403, b'{"errors": [{"code": "DENIED", "message": "denied: denied"}]}')
            return
        token = base64.b64encode(password.encode()).decode()
        self.answer(200, json.dumps({"token": token}).encode(), Content_Type="application/json")

    def handle_request(self) -> None:
        """Number the request; log in, or pass on what the token may ask."""
        body = self.body()
        scheme, _, coded = self.headers.get("Authorization", "").partition(" ")
        if self.path.startswith("/token"):
            # A client may try OAuth2 by POST first; GHCR knows the older way only.
            self.login() if self.command == "GET" else self.answer(404)
            return
        if scheme != "Bearer":
            scope = re.match(r"/v2/(.+?)/(?:manifests|blobs|tags)/", self.path)
            asked = f',scope="repository:{scope[1]}:pull"' if scope else ""
            realm = f'realm="http://{self.server.address}/token",service="ghcr.io"{asked}'
            self.answer(401, WWW_Authenticate=f"Bearer {realm}")
            return
        bearer = base64.b64decode(coded).decode()
        grant = self.server.tokens.find(bearer)
        request, fails = self.server.traffic.note(
            "registry", self.command, self.path, grant.job if grant else ""
        )
        if fails:
            self.fail(self.server.traffic.how)
        elif why := self.server.refusal(bearer, self.command, self.path):
            request.status = 403
            self.answer(403, json.dumps({"errors": [{"code": "DENIED", "message": why}]}).encode())
        elif "/referrers/" in self.path:  # GHCR has no such API
            request.status = 404
            self.answer(404)
        else:
            self.pass_on(request, body)

    def pass_on(self, request: Request, body: bytes) -> None:
        """Hand the request to the registry and its answer back."""
        onward = http.client.HTTPConnection(self.server.registry, timeout=60)
        dropped = ("authorization", "transfer-encoding", "content-length", "connection")
        kept = {name for name in self.headers if name.lower() not in dropped}
        headers = {name: ", ".join(self.headers.get_all(name, [])) for name in kept}
        onward.request(self.command, self.path, body, headers)
        answer = onward.getresponse()
        request.status = answer.status
        match = re.match(r"/v2/(.+)/manifests/", self.path)
        if match and self.command == "PUT" and answer.status == 201:
            manifests = self.server.pushed.setdefault(match[1], [])
            if digest(body) not in manifests:
                manifests.append(digest(body))
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            # GHCR knows no referrers: it does not say that it has filed one.
            if name.lower() not in ("connection", "transfer-encoding", "oci-subject"):
                self.send_header(name, value)
        self.end_headers()
        shutil.copyfileobj(answer, self.wfile)
        onward.close()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = handle_request
