#!/usr/bin/env python3
"""Write the hashes of programs that were signed into their SBOM.

  .github/scripts/renew-sbom.py SBOM FOLDER...

The SBOM names each file by its path in one of the folders. A build that ran the project's code has written
it, so only files that are in a folder are read.
"""

import hashlib
import json
import sys
import uuid
from pathlib import Path
from typing import Any

sbom, *folders = map(Path, sys.argv[1:])
hashes = {
    file.relative_to(folder).as_posix(): hashlib.sha512(file.read_bytes()).hexdigest()
    for folder in folders
    for file in folder.rglob("*")
    if file.is_file() and not file.is_symlink()
}


def renew(components: list[dict[str, Any]]) -> None:
    """Renew components, and those that are nested in them."""
    for one in components:
        if one["type"] == "file" and one["name"] in hashes:
            one["hashes"] = [{"alg": "SHA-512", "content": hashes[one["name"]]}]
        renew(one.get("components", []))


try:
    document = json.loads(sbom.read_text(encoding="utf-8"))
    renew(document["components"])
    # It says what is inside, and that has changed.
    del document["serialNumber"]
    document["serialNumber"] = uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(document)).urn
except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
    sys.exit(f"::error::{sbom.name} is damaged: {type(error).__name__}")
sbom.write_text(json.dumps(document) + "\n", encoding="utf-8")
