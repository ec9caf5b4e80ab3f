"""join-platforms.py on arbitrary bytes: what it copies has its digest, or nothing is joined."""

import contextlib
import io
import json
import sys
import tempfile
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any
from unittest import mock

from hypothesis import event, given, settings
from hypothesis import strategies as st

from tests.support.commands import load
from tests.support.fuzzing import EXAMPLES
from tests.support.images import Image, encode, file
from tests.support.join_platforms import GITHUB, SCRIPT, blobs

join_platforms = load(SCRIPT)

# Values of other types, of the same shape, and of no use.
VALUES: list[Any] = [None, True, -1, 0, 9.0, "", "x", [], {}, [{}], {"bom-ref": "shared"}, "\ud800"]
CHANGES = st.lists(st.tuples(st.integers(0), st.sampled_from(VALUES)), max_size=2)
FLIPS = st.lists(st.tuples(st.integers(0), st.integers(0, 255)), max_size=2)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in JSON: the object or list, and the key or index."""
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from places(value[key])


def change(value: Any, changes: list[tuple[int, Any]]) -> None:
    """Put other values into JSON."""
    for number, new in changes:
        found = list(places(value))
        if found:
            parent, key = found[number % len(found)]
            parent[key] = deepcopy(new)


def outcome(folder: Path, *architectures: str) -> tuple[str, str]:
    """Run the script here: what it prints, and its refusal."""
    printed = io.StringIO()
    with (
        mock.patch.object(sys, "argv", ["join-platforms.py", str(folder), *architectures]),
        mock.patch.dict("os.environ", GITHUB),
        contextlib.redirect_stdout(printed),
    ):
        try:
            join_platforms.main()
        except SystemExit as refused:
            return printed.getvalue(), str(refused.code)
    return printed.getvalue(), ""


def references(part: Any) -> Iterator[str]:
    """The references of components in a document."""
    if isinstance(part, dict):
        if "bom-ref" in part:
            yield part["bom-ref"]
        for value in part.get("components", []):
            yield from references(value)


def check(folder: Path, digest: str) -> None:
    """Check that what was joined is whole, each blob under its own digest."""
    known = blobs(folder)

    def blob(descriptor: dict[str, Any]) -> bytes:
        name = descriptor["digest"].removeprefix("sha256:")
        assert name in known
        content: bytes = (folder / "layout/blobs/sha256" / name).read_bytes()
        assert type(descriptor["size"]) is int
        assert descriptor["size"] == len(content)
        return content

    [descriptor] = json.loads((folder / "layout/index.json").read_text())["manifests"]
    assert descriptor["digest"] == digest
    index = json.loads(blob(descriptor))
    assert index["annotations"]["org.opencontainers.image.revision"] == GITHUB["GITHUB_SHA"]
    assert index["annotations"]["org.opencontainers.image.source"].endswith("/Acme-Org/MyTool")
    for entry in index["manifests"]:
        manifest = json.loads(blob(entry))
        config = json.loads(blob(manifest["config"]))
        assert {"os": config["os"], "architecture": config["architecture"]} == entry["platform"]
        for layer in manifest["layers"]:
            assert blob(layer)
    sbom = json.loads((folder / "sbom.cdx.json").read_text())
    found = [ref for part in sbom["components"] for ref in references(part)]
    assert len(set(found)) == len(found)


@settings(max_examples=2 * EXAMPLES, deadline=None)
@given(where=st.sampled_from(["manifest", "index", "sbom"]), changes=CHANGES, flips=FLIPS)
def test_anything_is_joined_exactly_or_refused(
    where: str, changes: list[tuple[int, Any]], flips: list[tuple[int, int]]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        image = Image()
        if where != "index":
            change(getattr(image, where), changes)
        image.seal()
        if where == "index":
            change(image.index, changes)
            image.members[-2] = file("index.json", encode(image.index))
        archive = image.write(folder) / "image.tar"
        content = bytearray(archive.read_bytes())
        for place, byte in flips:
            content[place % len(content)] = byte
        archive.write_bytes(content)
        whole = Image("arm64")
        whole.seal()
        whole.write(folder)

        printed, refusal = outcome(folder, "amd64", "arm64")
        if refusal:
            assert refusal.startswith("::error::")
            assert refusal.isprintable()
            assert printed == ""
            assert not (folder / "layout/index.json").exists()
        else:
            check(folder, printed.strip())
            event("joined")
