"""Images as a build hands them over, made byte by byte."""

import hashlib
import io
import json
import tarfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TYPE = "application/vnd.oci.image"
LAYER = f"{TYPE}.layer.v1.tar+gzip"

Member = tuple[tarfile.TarInfo, bytes]


def file(name: str, content: bytes) -> Member:
    """A regular file of an archive."""
    member = tarfile.TarInfo(name)
    member.size = len(content)
    return member, content


def encode(value: Any) -> bytes:
    """A value as JSON."""
    return json.dumps(value).encode()


@dataclass
class Image:
    """An image archive, as BuildKit writes one; tests spoil it before it is written."""

    architecture: str = "amd64"
    layers: list[bytes] = field(default_factory=lambda: [b"libraries", b"program"])
    members: list[Member] = field(default_factory=list)
    sbom: Any = None

    def __post_init__(self) -> None:
        """Make the parts that belong together."""
        self.config = encode({"os": "linux", "architecture": self.architecture})
        self.manifest: dict[str, Any] = {
            "schemaVersion": 2,
            "mediaType": f"{TYPE}.manifest.v1+json",
            "config": self.describe(self.config, f"{TYPE}.config.v1+json"),
            "layers": [self.describe(layer, LAYER) for layer in self.layers],
            "annotations": {"org.opencontainers.image.title": "tool"},
        }
        self.index: dict[str, Any] = {"schemaVersion": 2}
        self.sbom = {
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "components": [
                {"bom-ref": name, "name": name} for name in ("shared", self.architecture)
            ],
            "dependencies": [{"ref": name} for name in ("shared", self.architecture)],
        }

    def describe(self, content: bytes, kind: str) -> dict[str, Any]:
        """Keep some bytes as a blob, and return its descriptor."""
        digest = hashlib.sha256(content).hexdigest()
        self.members.append(file(f"blobs/sha256/{digest}", content))
        return {"mediaType": kind, "digest": f"sha256:{digest}", "size": len(content)}

    def seal(self) -> None:
        """Add the manifest and the index, as they are now."""
        described = self.describe(encode(self.manifest), f"{TYPE}.manifest.v1+json")
        self.index.setdefault("manifests", [described])
        self.members.append(file("index.json", encode(self.index)))
        self.members.append(file("oci-layout", b'{"imageLayoutVersion": "1.0.0"}'))

    def write(self, folder: Path) -> Path:
        """Write what a build provides to FOLDER/image-ARCHITECTURE."""
        target = folder / f"image-{self.architecture}"
        target.mkdir(parents=True, exist_ok=True)
        with tarfile.open(target / "image.tar", "w") as tar:
            for member, content in self.members:
                tar.addfile(member, io.BytesIO(content))
        sbom = self.sbom if isinstance(self.sbom, bytes) else encode(self.sbom)
        (target / "sbom.cdx.json").write_bytes(sbom)
        return target
