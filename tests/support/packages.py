"""The versions of an image in GitHub's packages API: one for each manifest, newest first.

https://docs.github.com/en/rest/packages/packages
"""

import urllib.error
import urllib.request
from typing import Any

from tests.support.api import Answer, Call, Hosted, Refused, route
from tests.support.registry import Gate, Registry


class Packages:
    """What the API knows of images: those that came through the gate and still are in the registry."""

    def __init__(self, gate: Gate) -> None:
        """Know what a gate has let through."""
        self.gate = gate
        self.registry = Registry(gate.registry)
        self.dates: dict[str, str] = {}
        self.popular: set[str] = set()  # these have more than 5,000 downloads

    def versions(self, hosted: Hosted) -> list[dict[str, Any]]:
        """Every manifest, with its tags; `dates` may say how old one is."""
        name = hosted.name.lower()
        tags: dict[str, list[str]] = {}
        for tag, of in self.registry.all_tags(name).items():
            tags.setdefault(of, []).append(tag)
        versions = []
        for manifest in self.gate.pushed.get(name, []):
            if self.registry.has(name, manifest):
                date = self.dates.get(manifest, "2026-11-25T00:00:00Z")
                metadata = {
                    "package_type": "container",
                    "container": {"tags": tags.get(manifest, [])},
                }
                number = hosted.versions.setdefault(manifest, 1000 + len(hosted.versions))
                versions.append(
                    {
                        "id": number,
                        "name": manifest,
                        "created_at": date,
                        "updated_at": date,
                        "metadata": metadata,
                    }
                )
        return versions[::-1]

    def delete(self, hosted: Hosted, number: str) -> None:
        """Delete a manifest, and with it its tags."""
        for manifest, known in hosted.versions.items():
            if known == int(number) and self.registry.has(hosted.name.lower(), manifest):
                if hosted.role != "admin":
                    raise Refused(404, "Not Found")
                if manifest in self.popular:
                    message = "Publicly visible package versions with more than 5000 downloads"
                    raise Refused(400, f"{message} cannot be deleted.")
                url = (
                    f"http://{self.registry.address}/v2/{hosted.name.lower()}/manifests/{manifest}"
                )
                urllib.request.urlopen(urllib.request.Request(url, method="DELETE")).close()
                return
        raise Refused(404, "Package not found.")


def of(call: Call, owner: str, package: str) -> tuple[Packages, Hosted]:
    """The packages, and the repository that an image belongs to."""
    packages: Packages | None = getattr(call.github, "packages", None)
    call.hosted = call.github.find(f"{owner}/{package}")
    # A workflow's token reaches the packages that are linked to its repository.
    if packages is None or call.grant.repository != call.hosted.name:
        raise Refused(404, "Package not found.")
    return packages, call.hosted


for kind in ("orgs", "users"):

    @route("GET", f"/{kind}/{{owner}}/packages/container/{{package}}/versions")
    def versions(call: Call, owner: str, package: str) -> Answer:
        """The versions of an image, in pages."""
        packages, hosted = of(call, owner, package)
        if not call.grant.may("packages", "read"):
            raise Refused(403, "Resource not accessible by integration")
        size, page = int(call.query.get("per_page", 30)), int(call.query.get("page", 1))
        found = packages.versions(hosted)
        if not found:
            raise Refused(404, "Package not found.")
        return 200, found[size * (page - 1) : size * page]

    @route("DELETE", f"/{kind}/{{owner}}/packages/container/{{package}}/versions/{{number}}")
    def delete(call: Call, owner: str, package: str, number: str) -> Answer:
        """Delete one; the last tagged one of a package cannot go so."""
        packages, hosted = of(call, owner, package)
        if not call.grant.may("packages", "write"):
            raise Refused(403, "Resource not accessible by integration")
        tagged = [v for v in packages.versions(hosted) if v["metadata"]["container"]["tags"]]
        if [v["id"] for v in tagged] == [int(number)]:
            message = "You cannot delete the last tagged version of a package."
            raise Refused(400, f"{message} You must delete the package instead.")
        packages.delete(hosted, number)
        return 204, None


@route("GET", "/users/{owner}")
def account(call: Call, owner: str) -> Answer:
    """Whether an owner is an organisation: here each one is."""
    return 200, {"login": owner, "type": "Organization"}
