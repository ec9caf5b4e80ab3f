"""What an SBOM says of the files that it describes."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

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


def listed(dist: Path, name: str) -> set[str]:
    """The components of a folder that a builder made, whose valid document lists each of its files."""
    text = (dist / f"{name}.cdx.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    document = json.loads(text)
    found = [path for path in (dist / name).rglob("*") if path.is_file() and not path.is_symlink()]
    assert_lists(document, {path.relative_to(dist).as_posix(): path for path in found})
    return {component["name"] for component in document["components"]}
