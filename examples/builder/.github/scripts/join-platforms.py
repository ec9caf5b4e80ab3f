#!/usr/bin/env python3
"""Join the images of several platforms under one index, and their SBOMs in one.

  .github/scripts/join-platforms.py FOLDER ARCHITECTURE...

Reads FOLDER/image-ARCHITECTURE/image.tar and sbom.cdx.json, writes FOLDER/layout (an OCI layout) and
FOLDER/sbom.cdx.json, and prints the digest of the index.

The archives come from jobs that ran the project's code, so nothing in them is believed. Nothing is
extracted: of each archive one manifest, its configuration and its layers are copied, each under the
digest that its bytes have. Everything else in it is left.
https://github.com/opencontainers/image-spec/blob/main/image-layout.md
"""

import hashlib
import json
import math
import mmap
import os
import re
import sys
import tarfile
import uuid
from pathlib import Path
from typing import Any

TYPE = "application/vnd.oci.image"
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
KEYS = {"schemaVersion", "mediaType", "config", "layers", "annotations"}
DESCRIPTOR = {"mediaType", "digest", "size", "annotations", "platform"}
# What Python says of bytes that are not an archive, not JSON, or JSON of another shape.
DAMAGED = (tarfile.TarError, RecursionError, ValueError, LookupError, TypeError, AttributeError)
# https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests
JSON_LIMIT = 4 * 2**20
# https://github.com/actions/attest/blob/v4.2.2/src/sbom.ts
SBOM_LIMIT = 16 * 2**20
# https://docs.github.com/en/packages/working-with-a-github-packages-registry/working-with-the-container-registry
IMAGE_LIMIT = 10 * 2**30
MEMBERS_LIMIT = 10_000
LAYERS_LIMIT = 127  # https://docs.docker.com/engine/storage/drivers/overlayfs-driver/


class Refused(Exception):
    """What a build provided is not what it must be."""


def no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON whose keys every reader understands alike: to Go, `OS` is `os`."""
    if len({key.casefold() for key, _ in pairs}) != len(pairs):
        raise Refused("its JSON has a duplicate key")
    return dict(pairs)


def finite(text: str) -> float:
    """A number of JSON, which NaN and 1e999 are not."""
    if not math.isfinite(float(text)):
        raise Refused("its JSON has a number that is not finite")
    return float(text)


def parse(content: bytes) -> dict[str, Any]:
    """Parse a JSON object in UTF-8."""
    found = json.loads(content.decode(), object_pairs_hook=no_key_twice, parse_float=finite, parse_constant=finite)
    if not isinstance(found, dict):
        raise Refused("its JSON is not an object")
    return found


def regular(file: Path, limit: int) -> Path:
    """A file that is one, and not too large."""
    if file.is_symlink() or not file.is_file():
        raise Refused("it is not a regular file")
    if file.stat().st_size > limit:
        raise Refused(f"it is larger than {limit} bytes")
    return file


class Archive:
    """An image in a tar archive, read without extracting it."""

    def __init__(self, file: Path) -> None:
        """List its regular files by its plain headers; of those with the same name, none is used."""
        with regular(file, IMAGE_LIMIT).open("rb") as opened:
            content = memoryview(mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ))
        self.files: dict[str, memoryview | None] = {}
        start = number = 0
        while any(header := content[start : start + 512]):
            member = tarfile.TarInfo.frombuf(header.tobytes(), "utf-8", "strict")
            number, start = number + 1, start + 512
            end = start + member.size
            if number > MEMBERS_LIMIT:
                raise Refused(f"it has more than {MEMBERS_LIMIT} files")
            if not start <= end <= len(content):
                raise Refused("it ends within a file")
            usable = member.type == tarfile.REGTYPE and member.name not in self.files
            self.files[member.name] = content[start:end] if usable else None
            start += -(-member.size // 512) * 512

    def read(self, name: str) -> memoryview:
        """The content of a file of the archive."""
        content = self.files.get(name)
        if content is None:
            raise Refused(f"it does not have exactly one regular file {name}")
        return content

    def json(self, name: str) -> dict[str, Any]:
        """Read a JSON file of the archive."""
        content = self.read(name)
        if len(content) > JSON_LIMIT:
            raise Refused(f"{name} is larger than {JSON_LIMIT} bytes")
        return parse(content.tobytes())

    def copy(self, descriptor: dict[str, Any], blobs: Path) -> None:
        """Copy the blob that a descriptor names, if its bytes have that digest and size."""
        name = blob(descriptor)
        content = self.read(f"blobs/sha256/{name}")
        if descriptor["size"] != len(content):
            raise Refused(f"the blob {name} has another size")
        if hashlib.sha256(content).hexdigest() != name:
            raise Refused(f"the blob {name} has other bytes")
        (blobs / name).write_bytes(content)


def blob(descriptor: dict[str, Any]) -> str:
    """The name of the blob that a descriptor points to."""
    if not DIGEST.fullmatch(descriptor["digest"]) or type(descriptor["size"]) is not int:
        raise Refused("it has a descriptor without a digest or a size")
    if not descriptor.keys() <= DESCRIPTOR:
        raise Refused("it has a descriptor that points elsewhere")  # such as urls
    return str(descriptor["digest"]).removeprefix("sha256:")


def copy_image(file: Path, architecture: str, blobs: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """Copy the one image of an archive, and return its descriptor and its annotations."""
    archive = Archive(file)
    [descriptor] = archive.json("index.json")["manifests"]
    manifest = archive.json(f"blobs/sha256/{blob(descriptor)}")
    if not manifest.keys() <= KEYS or manifest["mediaType"] != f"{TYPE}.manifest.v1+json":
        raise Refused("it is not an image for one platform")
    if len(manifest["layers"]) > LAYERS_LIMIT:
        raise Refused(f"it has more than {LAYERS_LIMIT} layers")
    config = archive.json(f"blobs/sha256/{blob(manifest['config'])}")
    platform = {"os": "linux", "architecture": architecture}
    if {key: config[key] for key in platform} != platform:
        raise Refused(f"it is not for linux/{architecture}")
    for part in (descriptor, manifest["config"], *manifest["layers"]):
        archive.copy(part, blobs)
    kept = {"mediaType": manifest["mediaType"], "digest": descriptor["digest"], "size": descriptor["size"]}
    return {**kept, "platform": platform}, manifest.get("annotations", {})


def referred(component: dict[str, Any]) -> list[dict[str, Any]]:
    """Of a component and those that are nested in it, the ones with a reference."""
    found = [component] if "bom-ref" in component else []
    if not all(isinstance(part["bom-ref"], str) for part in found):
        raise Refused("it has a bom-ref that is not a string")
    return found + [part for inner in component.get("components", []) for part in referred(inner)]


class Joined:
    """The SBOM of all platforms. https://cyclonedx.org/docs/1.6/json/

    What is alike is listed once. A component that differs is listed for each platform, under a
    reference of its own, and what depends on it depends on each. The rest is the first platform's.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self.document: dict[str, Any] = {}
        self.components: dict[str, dict[str, Any]] = {}
        self.references: set[str] = set()
        self.edges: dict[str, dict[str, dict[str, None]]] = {}

    def add(self, sbom: dict[str, Any], platform: str) -> None:
        """Add the SBOM of a platform."""
        if sbom["bomFormat"] != "CycloneDX" or not sbom["specVersion"]:
            raise Refused("it is not a CycloneDX document")
        self.document = self.document or sbom
        main = sbom.get("metadata", {}).get("component")
        names: dict[str, str] = {}
        for component in ([main] if main else []) + sbom.get("components", []):
            content = json.dumps(component, sort_keys=True)
            parts = referred(component)
            own = [part["bom-ref"] for part in parts]
            clash = len({*names, *own}) < len(names) + len(own)
            kept = self.components.setdefault(content, component)
            for part in parts if kept is component else []:
                if part["bom-ref"] in self.references:
                    part["bom-ref"] += f"#{platform}"
                clash = clash or part["bom-ref"] in self.references
                self.references.add(part["bom-ref"])
            if clash:
                raise Refused("it has two components with the same bom-ref")
            names.update(zip(own, [part["bom-ref"] for part in referred(kept)], strict=True))
        for entry in sbom.get("dependencies", []):
            edges = self.edges.setdefault(names.get(entry["ref"], entry["ref"]), {})
            for kind in sorted(entry.keys() - {"ref"}):
                edges.setdefault(kind, {}).update((names.get(to, to), None) for to in entry[kind])

    def json(self, digest: str) -> str:
        """The document that describes the index with this digest."""
        components = list(self.components.values())
        if self.document.get("metadata", {}).get("component"):
            del components[0]  # it stays where it is
        edges = [{"ref": ref, **{kind: list(to) for kind, to in kinds.items()}} for ref, kinds in self.edges.items()]
        serial = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, digest)}"
        changed = {"serialNumber": serial, "components": components, "dependencies": edges}
        return json.dumps({**self.document, **changed})


def trusted() -> dict[str, str]:
    """The annotations that link a package to its repository: those of this run, not of a build."""
    repository = f"{os.environ['GITHUB_SERVER_URL']}/{os.environ['GITHUB_REPOSITORY']}"
    name = "org.opencontainers.image"
    return {f"{name}.source": repository, f"{name}.revision": os.environ["GITHUB_SHA"]}


def main() -> None:
    """Join what the arguments name."""
    folder, architectures = Path(sys.argv[1]), sys.argv[2:]
    layout = folder / "layout"
    blobs = layout / "blobs/sha256"
    blobs.mkdir(parents=True)
    manifests, annotations, sbom = [], {}, Joined()
    for architecture in architectures:
        platform = f"linux/{architecture}"
        file = folder / f"image-{architecture}/image.tar"
        try:
            manifest, own = copy_image(file, architecture, blobs)
            annotations.update({key: text for key, text in own.items() if isinstance(text, str)})
            file = file.with_name("sbom.cdx.json")
            sbom.add(parse(regular(file, SBOM_LIMIT).read_bytes()), platform)
        except Refused as refused:
            sys.exit(f"::error::{file.name} for {platform} is refused: {refused}.")
        except OSError as error:
            sys.exit(f"::error::{file.name} for {platform} cannot be copied: {error.strerror}.")
        except DAMAGED:
            sys.exit(f"::error::{file.name} for {platform} is refused: it is damaged.")
        manifests.append(manifest)

    kind = f"{TYPE}.index.v1+json"
    index = {"schemaVersion": 2, "mediaType": kind, "manifests": manifests}
    index["annotations"] = {**annotations, **trusted()}
    content = json.dumps(index, separators=(",", ":")).encode()
    name = hashlib.sha256(content).hexdigest()
    (blobs / name).write_bytes(content)
    digest = f"sha256:{name}"
    descriptor = {"mediaType": kind, "digest": digest, "size": len(content)}
    (layout / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [descriptor]}))
    (layout / "oci-layout").write_text(json.dumps({"imageLayoutVersion": "1.0.0"}))
    (folder / "sbom.cdx.json").write_text(sbom.json(digest))
    print(digest)


if __name__ == "__main__":
    main()
