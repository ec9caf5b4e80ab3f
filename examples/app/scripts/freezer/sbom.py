"""The list of what is inside a program, as CycloneDX 1.6.

https://cyclonedx.org/docs/1.6/json/

It says of each file what BSI TR-03183-2 asks for:
https://github.com/BSI-Bund/tr-03183-cyclonedx-property-taxonomy
"""

import json
import os
import time
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from freezer.components import Component
from freezer.contents import Entry


def write(program: Component, components: Sequence[Component], file: Path) -> None:
    """Write the list. The same contents at the time that SOURCE_DATE_EPOCH says give the same bytes."""
    now = datetime.fromtimestamp(float(os.environ.get("SOURCE_DATE_EPOCH") or time.time()), UTC)
    tools = [one for one in components if one.name.startswith("pyinstaller")]
    main: dict[str, Any] = {"type": "application", "bom-ref": program.name, "name": program.name}
    metadata: dict[str, Any] = {
        "timestamp": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "tools": {"components": [{**named(one), "type": "application"} for one in tools]},
        "component": main | ({"version": program.version} if program.version else {}),
    }
    if program.author:
        contact = {"contact": [{"email": program.email}]} if program.email else {}
        metadata["manufacturer"] = {"name": program.author, **contact}
    sbom = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": metadata,
        "components": [described(one, one.reference, without_text(components)) for one in components],
        "dependencies": edges(program, components),
    }
    serial = uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(sbom)).urn
    file.write_text(json.dumps({**sbom, "serialNumber": serial}) + "\n", encoding="utf-8")


def named(component: Component) -> dict[str, Any]:
    """What a component is called."""
    values = {"version": component.version, "purl": component.purl, "cpe": component.cpe}
    return {"type": component.kind, "name": component.name, **{key: text for key, text in values.items() if text}}


def described(component: Component, reference: str, without: Sequence[str]) -> dict[str, Any]:
    """A component with its files and its parts, and where the modules are that programs have in archives."""
    found = {**named(component), "bom-ref": reference}
    if component.author:
        found["authors"] = [{"name": component.author}]
    if component.license:
        found["licenses"] = [{"expression": component.license}]
    elif component.license_name:
        found["licenses"] = [{"license": {"name": component.license_name}}]
    evidence: dict[str, Any] = {}
    if component.texts:
        evidence["licenses"] = [
            {"license": {"name": f"{name} of {component.name}", "text": {"content": text(path)}}}
            for name, path in component.texts.items()
        ]
    if archived := [entry.path for entry in component.files if not entry.sha512]:
        evidence["occurrences"] = [
            {"location": path, "additionalContext": f"{archived.count(path)} modules in its archive"}
            for path in dict.fromkeys(archived)
        ]
    if evidence:
        found["evidence"] = evidence
    if component.name in without:
        found["properties"] = [{"name": "freezer:license-text", "value": "none"}]
    parts = [described(part, f"{reference}#{part.reference}", without) for part in component.parts]
    if inside := [*parts, *(described_file(entry) for entry in component.files if entry.sha512)]:
        found["components"] = inside
    return found


def described_file(entry: Entry) -> dict[str, Any]:
    """A file that is inside."""
    values = {
        "executable": "executable" if entry.executable else "non-executable",
        "archive": "archive" if entry.archive else "no archive",
        "structured": "structured" if entry.archive else "unstructured",
    }
    return {
        "type": "file",
        "name": entry.path,
        "hashes": [{"alg": "SHA-512", "content": entry.sha512}],
        "properties": [{"name": f"bsi:component:{key}", "value": text} for key, text in values.items()],
    }


def edges(program: Component, components: Sequence[Component]) -> Sequence[dict[str, Any]]:
    """What needs what: distributions say it, and the program needs what nothing else needs."""
    references = {one.name: one.reference for one in components}
    found = {
        one.reference: sorted({references[name] for name in one.needs if name in references} - {one.reference})
        for one in components
    }
    needed = {reference for needs in found.values() for reference in needs}
    found[program.name] = sorted(found.keys() - needed)
    return [{"ref": reference, "dependsOn": needs} for reference, needs in found.items()]


def text(path: Path) -> str:
    """The text of a file, whatever its encoding."""
    return path.read_text(encoding="utf-8", errors="replace")


def without_text(components: Sequence[Component]) -> Sequence[str]:
    """The components without a text. Those of a wheel's parts are in the wheel, those of Python's may be."""
    found = [component.name for component in components if not component.texts]
    for python in (one for one in components if one.purl.startswith("pkg:generic/python@")):
        texts = "".join(map(text, python.texts.values())).lower()
        found += [part.name for part in python.parts if part.name not in texts]
    return found
