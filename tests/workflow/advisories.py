"""A service of advisories, as uv asks it, and the packages that it knows.

https://google.github.io/osv.dev/api/, and for a package's state https://peps.python.org/pep-0792/
"""

import json
from pathlib import Path
from typing import Any

from tests.support.servers import Quiet, Server

LOCK = """version = 1
revision = 3
requires-python = ">=3.11"

[[package]]
name = "my-tool"
source = {{ editable = "." }}
dependencies = [{dependencies}]

[package.dev-dependencies]
dev = [{{ name = "linter" }}]
{packages}
[[package]]
name = "linter"
version = "1.0"
source = {{ registry = "{index}" }}
"""
PACKAGE = """
[[package]]
name = "{name}"
version = "{version}"
source = {{ registry = "{index}" }}
"""


def advisory(package: str, fixed: str, name: str, summary: str = "It fails.") -> dict[str, Any]:
    """An advisory about each version of a package before the one that is fixed."""
    events = [{"introduced": "0"}, {"fixed": fixed}]
    about = {"package": {"name": package, "ecosystem": "PyPI"}}
    time = "2026-11-01T00:00:00Z"
    return {
        "id": name,
        "summary": summary,
        "modified": time,
        "published": time,
        "affected": [{**about, "ranges": [{"type": "ECOSYSTEM", "events": events}]}],
    }


class Advisories(Server):
    """The service. A test sets what it knows, and lets it fail."""

    def __init__(self) -> None:
        """Know nothing."""
        self.known: list[dict[str, Any]] = []
        self.status = 200
        self.reason: str | None = None  # why each package is archived
        super().__init__(Handling)

    def lock(self, project: Path, **packages: str) -> None:
        """Write the uv.lock of a project that needs these packages, and for its development `linter`."""
        index = f"http://{self.address}/simple"
        dependencies = ", ".join(f'{{ name = "{name}" }}' for name in packages)
        parts = [PACKAGE.format(name=n, version=v, index=index) for n, v in packages.items()]
        text = LOCK.format(dependencies=dependencies, packages="".join(parts), index=index)
        (project / "uv.lock").write_text(text)

    def about(self, query: dict[str, Any]) -> list[dict[str, Any]]:
        """The advisories about a package of a version, which is compared as a number here."""
        found = []
        for one in self.known:
            [affected] = one["affected"]
            fixed = affected["ranges"][0]["events"][1]["fixed"]
            if affected["package"] == query["package"] and float(query["version"]) < float(fixed):
                found.append(one)
        return found


class Handling(Quiet):
    """One request to the service, or to the index of the packages."""

    server: Advisories

    def reply(self, found: Any, kind: str = "application/json") -> None:
        """Answer with JSON."""
        coded = json.dumps(found).encode()
        self.answer(self.server.status, coded, Content_Type=kind)

    def do_POST(self) -> None:
        """Name the advisories about some packages."""
        queries = json.loads(self.body())["queries"]
        short = [
            [{"id": one["id"], "modified": one["modified"]} for one in self.server.about(query)]
            for query in queries
        ]
        self.reply({"results": [{"vulns": found} if found else {} for found in short]})

    def do_GET(self) -> None:
        """Show one advisory, or the state of a package."""
        name = self.path.strip("/").rpartition("/")[2]
        if self.path.startswith("/v1/vulns/"):
            [found] = [one for one in self.server.known if one["id"] == name]
            self.reply(found)
            return
        about: dict[str, Any] = {"meta": {"api-version": "1.4"}, "name": name, "files": []}
        if self.server.reason:
            about["project-status"] = {"status": "archived", "reason": self.server.reason}
        self.reply(about, "application/vnd.pypi.simple.v1+json")
