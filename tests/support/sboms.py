"""What an SBOM says of the files that it describes."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

# ELF, PE, and Mach-O.
EXECUTABLE = (b"\x7fELF", b"MZ", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")


def parts(component: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """All that is listed in a document or a component."""
    for part in component.get("components", []):
        yield part
        yield from parts(part)


def assert_lists(document: Mapping[str, Any], files: Mapping[str, Path]) -> None:
    """The document lists these files with their hashes, nothing else, and no component without a file."""
    listed = [part for part in parts(document) if part["type"] == "file"]
    contents = {name: path.read_bytes() for name, path in files.items()}
    assert sorted(part["name"] for part in listed) == sorted(contents)
    for part in listed:
        content = contents[part["name"]]
        assert part["hashes"] == [
            {"alg": "SHA-512", "content": hashlib.sha512(content).hexdigest()}
        ], part["name"]
        said = {pair["name"]: pair["value"] for pair in part["properties"]}
        executable = "executable" if content.startswith(EXECUTABLE) else "non-executable"
        assert said["bsi:component:executable"] == executable, part["name"]
    for component in document["components"]:
        inside = any(part["type"] == "file" for part in parts(component))
        assert inside or component["evidence"]["occurrences"], component["name"]
