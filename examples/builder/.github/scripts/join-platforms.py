#!/usr/bin/env python3
"""Join the images of several platforms under one index, and their SBOMs in one.

  .github/scripts/join-platforms.py FOLDER ARCHITECTURE...

Reads FOLDER/image-ARCHITECTURE/image.tar and sbom.cdx.json, writes FOLDER/layout (an OCI layout) and
FOLDER/sbom.cdx.json, and prints the digest of the index.

The archives come from jobs that ran the project's code, so nothing in them is believed. Nothing is
unpacked: of each archive one manifest, its configuration and its layers are copied, each under the
digest that its bytes have. Everything else in it is left.
https://github.com/opencontainers/image-spec/blob/main/image-layout.md
"""

import hashlib
import json
import os
import re
import shutil
import sys
import tarfile
import uuid
from pathlib import Path
from typing import IO, Any

TYPE = "application/vnd.oci.image"
# What is in several SBOMs alike is listed once: https://cyclonedx.org/docs/1.6/json/
JOINED = {"components": "bom-ref", "dependencies": "ref"}
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
KEYS = {"schemaVersion", "mediaType", "config", "layers", "annotations"}
DESCRIPTOR = {"mediaType", "digest", "size", "annotations", "platform"}
# What Python says of bytes that are no archive, no JSON, or JSON of another shape.
DAMAGED = (tarfile.TarError, RecursionError, ValueError, LookupError, TypeError, AttributeError)
# https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests
JSON_LIMIT = 4 * 2**20
# https://github.com/actions/attest/blob/v4.2.2/src/sbom.ts
SBOM_LIMIT = 16 * 2**20
# https://docs.github.com/en/packages/working-with-a-github-packages-registry/working-with-the-container-registry
IMAGE_LIMIT = 10 * 2**30
MEMBERS_LIMIT = 10_000


class Refused(Exception):
    """What a build handed over is not what it must be."""


def no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON whose keys every reader understands alike."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Refused("it has JSON with a key twice")
    return found


def parse(content: bytes) -> dict[str, Any]:
    """Parse a JSON object."""
    found = json.loads(content, object_pairs_hook=no_key_twice)
    if not isinstance(found, dict):
        raise Refused("it has JSON that is no object")
    return found


def regular(file: Path, limit: int) -> Path:
    """A file that is one, and not too large."""
    if file.is_symlink() or not file.is_file():
        raise Refused("it is no file")
    if file.stat().st_size > limit:
        raise Refused(f"it is larger than {limit} bytes")
    return file


class Archive:
    """An image in a tar archive, read without unpacking it."""

    def __init__(self, file: Path) -> None:
        """List its files; of those with the same name, none is used."""
        self.tar = tarfile.open(regular(file, IMAGE_LIMIT), "r:")  # noqa: SIM115 - for all of this run
        self.members: dict[str, tarfile.TarInfo | None] = {}
        for member in self.tar:
            usable = member.isreg() and not member.issparse() and member.name not in self.members
            self.members[member.name] = member if usable else None
            if len(self.members) > MEMBERS_LIMIT:
                raise Refused(f"it has more than {MEMBERS_LIMIT} files")

    def open(self, name: str, limit: int) -> IO[bytes]:
        """Open a file of the archive, up to a size."""
        member = self.members.get(name)
        file = member and self.tar.extractfile(member)
        if not member or not file:
            raise Refused(f"it has no regular file {name}, or two")
        if member.size > limit:
            raise Refused(f"{name} is larger than {limit} bytes")
        return file

    def json(self, name: str) -> dict[str, Any]:
        """Read a JSON file of the archive."""
        return parse(self.open(name, JSON_LIMIT).read())

    def copy(self, descriptor: dict[str, Any], layout: Path) -> None:
        """Copy the blob that a descriptor names, if its bytes have that digest."""
        name = blob(descriptor)
        target = layout / "blobs/sha256" / name
        with (
            self.open(f"blobs/sha256/{name}", descriptor["size"]) as source,
            target.open("wb") as copy,
        ):
            shutil.copyfileobj(source, copy, 2**20)
        with target.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != name:
                raise Refused(f"the blob {name} has other bytes")


def blob(descriptor: dict[str, Any]) -> str:
    """The name of the blob that a descriptor points to."""
    if not DIGEST.fullmatch(descriptor["digest"]) or not isinstance(descriptor["size"], int):
        raise Refused("it has a descriptor without a digest or a size")
    if not descriptor.keys() <= DESCRIPTOR:
        raise Refused("it has a descriptor that points elsewhere")  # such as urls
    return str(descriptor["digest"]).removeprefix("sha256:")


def copy_image(
    file: Path, architecture: str, layout: Path
) -> tuple[dict[str, Any], dict[str, str]]:
    """Copy the one image of an archive, and return its descriptor and its annotations."""
    archive = Archive(file)
    [descriptor] = archive.json("index.json")["manifests"]
    manifest = archive.json(f"blobs/sha256/{blob(descriptor)}")
    if not manifest.keys() <= KEYS or manifest["mediaType"] != f"{TYPE}.manifest.v1+json":
        raise Refused("it is no image of one platform")
    config = archive.json(f"blobs/sha256/{blob(manifest['config'])}")
    for part in (descriptor, manifest["config"], *manifest["layers"]):
        archive.copy(part, layout)
    platform = {"os": "linux", "architecture": architecture}
    if {key: config[key] for key in platform} != platform:
        raise Refused(f"it is for {config['os']}/{config['architecture']}")
    kept = {
        "mediaType": manifest["mediaType"],
        "digest": descriptor["digest"],
        "size": descriptor["size"],
    }
    return {**kept, "platform": platform}, manifest.get("annotations", {})


def join_sboms(sboms: list[dict[str, Any]], digest: str) -> dict[str, Any]:
    """One CycloneDX document of all platforms."""
    joined = {**sboms[0], "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, digest)}"}
    for key, name in JOINED.items():
        every = [entry for sbom in sboms for entry in sbom.get(key, [])]
        joined[key] = list({entry.get(name, json.dumps(entry)): entry for entry in every}.values())
    return joined


def trusted() -> dict[str, str]:
    """The annotations that link a package to its repository: those of this run, not of a build."""
    repository = f"{os.environ['GITHUB_SERVER_URL']}/{os.environ['GITHUB_REPOSITORY']}"
    name = "org.opencontainers.image"
    return {f"{name}.source": repository, f"{name}.revision": os.environ["GITHUB_SHA"]}


def write(layout: Path, content: bytes) -> dict[str, Any]:
    """Write an index as a blob, and return its descriptor."""
    digest = hashlib.sha256(content).hexdigest()
    (layout / "blobs/sha256" / digest).write_bytes(content)
    return {
        "mediaType": f"{TYPE}.index.v1+json",
        "digest": f"sha256:{digest}",
        "size": len(content),
    }


def main() -> None:
    """Join what the arguments name."""
    folder, architectures = Path(sys.argv[1]), sys.argv[2:]
    layout = folder / "layout"
    (layout / "blobs/sha256").mkdir(parents=True)
    manifests, annotations, sboms = [], {}, []
    for architecture in architectures:
        image = folder / f"image-{architecture}"
        file = image / "image.tar"
        try:
            manifest, said = copy_image(file, architecture, layout)
            annotations.update({key: text for key, text in said.items() if isinstance(text, str)})
            file = image / "sbom.cdx.json"
            sbom = parse(regular(file, SBOM_LIMIT).read_bytes())
            if sbom["bomFormat"] != "CycloneDX" or not sbom["specVersion"]:
                raise Refused("it is no CycloneDX document")
            entries = [entry for key in JOINED for entry in sbom.get(key, [])]
            if not all(isinstance(entry, dict) for entry in entries):
                raise Refused("it is no CycloneDX document")
        except Refused as refused:
            sys.exit(f"::error::{file.name} for linux/{architecture} is refused: {refused}.")
        except DAMAGED:
            sys.exit(f"::error::{file.name} for linux/{architecture} is refused: it is damaged.")
        manifests.append(manifest)
        sboms.append(sbom)

    index = {"schemaVersion": 2, "mediaType": f"{TYPE}.index.v1+json", "manifests": manifests}
    index["annotations"] = {**annotations, **trusted()}
    descriptor = write(layout, json.dumps(index, separators=(",", ":")).encode())
    (layout / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [descriptor]}))
    (layout / "oci-layout").write_text(json.dumps({"imageLayoutVersion": "1.0.0"}))
    (folder / "sbom.cdx.json").write_text(json.dumps(join_sboms(sboms, descriptor["digest"])))
    print(descriptor["digest"])


if __name__ == "__main__":
    main()
