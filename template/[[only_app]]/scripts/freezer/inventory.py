"""Write what is inside the image: the SBOM, and the texts of the licences.

python scripts/freezer/inventory.py SBOM FOLDER    runs in the environment that the SBOM lists

FOLDER/licenses/NAME/ gets the texts of each package. FOLDER/sbom.cdx.json is the SBOM with those texts
and with Python itself in it. Its serial number depends on nothing but its content.
"""

import json
import shutil
import sys
import sysconfig
import uuid
from collections.abc import Iterator, Sequence
from importlib.metadata import Distribution, distributions
from pathlib import Path, PurePath
from platform import python_version
from typing import Any

# On Windows it is beside python.exe.
PLACES = (Path(sysconfig.get_path("stdlib")), Path(sys.base_prefix))
PYTHON_LICENSE = next(file for place in PLACES if (file := place / "LICENSE.txt").is_file())


def python() -> dict[str, Any]:
    """The component that Python itself is. Scanners know it by its CPE."""
    version = python_version()
    return {
        "type": "platform",
        "bom-ref": f"python=={version}",
        "name": "python",
        "version": version,
        "cpe": f"cpe:2.3:a:python:python:{version}:*:*:*:*:*:*:*",
        "purl": f"pkg:generic/python@{version}",
        "licenses": [{"license": {"id": "PSF-2.0"}}],
    }


def license_files(package: Distribution) -> Iterator[tuple[PurePath, Path]]:
    """The licence files of a package: their names, and where they are."""
    for file in package.files or ():
        folder, *rest = file.parts
        if not folder.endswith(".dist-info"):
            continue
        if rest[0] in ("licenses", "license_files") and len(rest) > 1:
            yield PurePath(*rest[1:]), Path(str(package.locate_file(file)))
        elif rest[0].upper().startswith(("LICENSE", "LICENCE", "COPYING", "NOTICE", "AUTHORS")):
            yield PurePath(*rest), Path(str(package.locate_file(file)))


def evidence(name: str, texts: Sequence[Path]) -> dict[str, Any]:
    """What a component says of its licences' texts. https://cyclonedx.org/docs/1.6/json/#components_items_evidence"""
    return {
        "licenses": [
            {
                "license": {
                    "name": f"{text.name} of {name}",
                    "text": {"content": text.read_text(errors="replace")},
                }
            }
            for text in texts
        ]
    }


def main(arguments: Sequence[str]) -> None:
    """Copy the licences, name the packages that bring none, and complete the SBOM."""
    sbom = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    folder = Path(arguments[1])
    found = {package.name: dict(license_files(package)) for package in distributions()}
    found["python"] = {PurePath(PYTHON_LICENSE.name): PYTHON_LICENSE}
    for package, texts in found.items():
        for name, source in texts.items():
            target = folder / "licenses" / package / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        if not texts:
            print(f"warning: {package} brings no text of its licence")

    components = [*sbom.get("components", []), python()]
    for component in components:
        if texts := found.get(component["name"]):
            component["evidence"] = evidence(component["name"], list(texts.values()))
    sbom["components"] = components
    sbom["serialNumber"] = uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(sbom)).urn
    (folder / "sbom.cdx.json").write_text(json.dumps(sbom, indent=2) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
