"""The core of GitHub's API: repositories, routes, rights. What answers a route is in modules of its own.

It answers its own address, which is $GITHUB_API_URL of a run, and as a proxy what the real gh asks
of https://api.github.com.
"""

import json
import re
import ssl
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.servers import Server, Traffic
from tests.support.tls import Tunnel, serving
from tests.support.tokens import Grant, Tokens

# Who asks without a token may read what is public.
NOBODY = Grant("", "", {})


class Refused(Exception):
    """An answer that is an error: Refused(422, "Validation Failed")."""

    def __init__(self, status: int, message: str, **more: Any) -> None:
        """Keep what is answered."""
        super().__init__(message)
        self.status = status
        self.body = {"message": message, **more}


@dataclass
class Hosted:
    """What the server holds of a repository. Tests read it, and turn its switches.

    `immutable`: releases are immutable; `enterprise`: a private repository may attest; `role`: what the
    repository may do with its package; `has_issues`: the owner has not turned issues off.
    """

    name: str
    folder: Path
    private: bool = False
    immutable: bool = False
    enterprise: bool = False
    releases: list[dict[str, Any]] = field(default_factory=list)
    latest: int | None = None
    attestations: list[dict[str, Any]] = field(default_factory=list)
    pulls: list[dict[str, Any]] = field(default_factory=list)
    dispatches: list[dict[str, Any]] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)
    artifacts: Path = Path()
    role: str = "admin"
    has_issues: bool = True
    issues: list[dict[str, Any]] = field(default_factory=list)
    number: int = 1

    def next(self) -> int:
        """A number for something new."""
        self.number += 1
        return self.number

    def describe(self) -> dict[str, Any]:
        """The repository as GitHub's API and its events describe it."""
        owner, name = self.name.split("/")
        return {
            "id": 1,
            "name": name,
            "full_name": self.name,
            "owner": {"login": owner, "id": 2, "type": "Organization"},
            "html_url": f"https://github.com/{self.name}",
            "description": "Greets people.",
            "default_branch": "main",
            "has_issues": self.has_issues,
            "private": self.private,
            "visibility": "private" if self.private else "public",
            "license": {"spdx_id": "MIT"},
            "permissions": {"admin": False, "push": False, "pull": True},
        }


@dataclass
class Call:
    """One request, to a repository if its path names one."""

    github: "Api"
    grant: Grant
    base: str
    path: str
    query: dict[str, str]
    body: bytes
    headers: dict[str, str]
    hosted: Hosted = field(default_factory=lambda: Hosted("", Path()))

    @property
    def json(self) -> dict[str, Any]:
        """The body, if it is JSON."""
        found: dict[str, Any] = json.loads(self.body or b"{}")
        return found

    def needs(self, right: str, level: str) -> None:
        """Refuse what the token may not do. Anybody may read a public repository."""
        if level == "read" and not self.hosted.private:
            return
        if not self.grant.may(right, level):
            raise Refused(403, "Resource not accessible by integration")


# What an answer may be: a status with JSON, or bytes of a type, or nothing.
Answer = tuple[int, Any]
Handler = Callable[..., Answer]
ROUTES: list[tuple[str, re.Pattern[str], Handler]] = []


def route(method: str, path: str) -> Callable[[Handler], Handler]:
    """Let a function answer METHOD PATH; {repo} is OWNER/NAME, {rest...} may hold slashes."""
    pattern = path.replace("{repo}", "(?P<repo>[^/]+/[^/]+)")
    pattern = re.sub(r"\{(\w+)\.\.\.\}", r"(?P<\1>.+)", pattern)
    pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern)

    def add(handler: Handler) -> Handler:
        ROUTES.append((method, re.compile(f"{pattern}$"), handler))
        return handler

    return add


class Api(Server):
    """GitHub's API, for the repositories of the tests."""

    context: ssl.SSLContext | None = None
    operations: dict[str, Callable[[Call, Any], dict[str, Any]]]  # of GraphQL, by their names

    def __init__(self, tokens: Tokens, traffic: Traffic) -> None:
        """Know no repository yet."""
        self.repositories: dict[str, Hosted] = {}
        self.tokens = tokens
        self.traffic = traffic
        self.unknown: list[str] = []
        self.certificate: Path | None = None
        super().__init__(Handling)

    def secure(self, certificate: Path) -> None:
        """Answer as github.com too, with a certificate and its key."""
        self.certificate = certificate
        self.context = serving(certificate)

    def find(self, name: str) -> Hosted:
        """A repository, by its name in any case."""
        for hosted in self.repositories.values():
            if hosted.name.lower() == name.lower():
                return hosted
        raise Refused(404, "Not Found")

    def handle(self, method: str, call: Call) -> Answer:
        """Find what answers."""
        for wanted, pattern, handler in ROUTES:
            match = pattern.match(call.path)
            if wanted == method and match:
                parts = {
                    key: urllib.parse.unquote(value) for key, value in match.groupdict().items()
                }
                if name := parts.pop("repo", None):
                    call.hosted = self.find(name)
                    # A token of one repository writes to no other, nor reads a private one.
                    if call.grant.repository != call.hosted.name and (
                        method not in ("GET", "HEAD") or call.hosted.private
                    ):
                        raise Refused(404, "Not Found")
                return handler(call, **parts)
        self.unknown.append(f"{method} {call.path}")
        raise Refused(404, f"the tests know no {method} {call.path}")


class Handling(Tunnel):
    """One request to GitHub's API."""

    server: Api

    def setup(self) -> None:
        """Know the certificate of this server."""
        super().setup()
        self.context = self.server.context

    def handle_request(self) -> None:
        """Number it, check its token, and answer."""
        body = self.body()
        url = urllib.parse.urlsplit(self.path)
        token = self.headers.get("Authorization", "").partition(" ")[2]
        grant = self.server.tokens.find(token) if token else NOBODY
        short = f"{url.path}?{url.query}" if url.query else url.path
        request, fails = self.server.traffic.note(
            "api", self.command, short, grant.job if grant else ""
        )
        if fails:
            self.fail(self.server.traffic.how)
            return
        try:
            if grant is None:
                raise Refused(401, "Bad credentials")
            query = dict(urllib.parse.parse_qsl(url.query))
            headers = {name.lower(): value for name, value in self.headers.items()}
            call = Call(self.server, grant, self.base, url.path, query, body, headers)
            method = "GET" if self.command == "HEAD" else self.command
            status, content = self.server.handle(method, call)
        except Refused as refused:
            status, content = refused.status, refused.body
        request.status = status
        raw = isinstance(content, bytes)
        kind = "application/octet-stream" if raw else "application/json; charset=utf-8"
        coded = content if raw else b"" if content is None else json.dumps(content).encode()
        self.answer(status, coded, Content_Type=kind)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = handle_request
