"""Images of a few bytes in a registry."""

import io
import json
import tarfile
from collections.abc import Mapping
from typing import Any

from tests.support.registry import Gate, Registry, digest


def push_image(
    registry: Registry,
    name: str,
    files: Mapping[str, bytes],
    architecture: str,
    tag: str = "",
    through: Gate | None = None,
) -> str:
    """Put an image of files into a registry, and return its digest.

    GitHub knows of what came through its gate only: `through` lets it know of this one.
    """
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        for path, data in files.items():
            about = tarfile.TarInfo(path)
            about.size, about.mode = len(data), 0o755
            tar.addfile(about, io.BytesIO(data))
    layer = content.getvalue()
    config = {
        "os": "linux",
        "architecture": architecture,
        "config": {"Entrypoint": [f"/{next(iter(files))}"]},
        "rootfs": {"type": "layers", "diff_ids": [digest(layer)]},
    }
    oci = "application/vnd.oci.image"

    def blob(kind: str, data: bytes) -> dict[str, Any]:
        return {
            "mediaType": f"{oci}.{kind}",
            "digest": registry.put(name, data),
            "size": len(data),
        }

    manifest = {
        "schemaVersion": 2,
        "mediaType": f"{oci}.manifest.v1+json",
        "config": blob("config.v1+json", json.dumps(config).encode()),
        "layers": [blob("layer.v1.tar", layer)],
    }
    image_digest = registry.put(name, json.dumps(manifest).encode(), f"{oci}.manifest.v1+json", tag)
    if through:
        through.pushed.setdefault(name, []).append(image_digest)
    return image_digest


def push_index(
    registry: Registry,
    name: str,
    parts: Mapping[str, str],
    tag: str,
    through: Gate | None = None,
) -> str:
    """Put an index over the images of some architectures into a registry, and return its digest."""
    manifests = [
        {
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "digest": part,
            "size": len(registry.get(f"{name}/manifests/{part}")),
            "platform": {"os": "linux", "architecture": architecture},
        }
        for architecture, part in parts.items()
    ]
    kind = "application/vnd.oci.image.index.v1+json"
    index = {"schemaVersion": 2, "mediaType": kind, "manifests": manifests}
    index_digest = registry.put(name, json.dumps(index).encode(), kind, tag)
    if through and index_digest not in through.pushed.setdefault(name, []):
        through.pushed[name].append(index_digest)
    return index_digest
