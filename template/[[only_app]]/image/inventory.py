"""Write what is inside the image: the SBOM, and the texts of the licences.

python image/inventory.py SBOM FOLDER    runs in the environment that the SBOM lists

FOLDER/sbom.cdx.json is the SBOM with Python itself in it, and with a serial number that depends on
nothing but its content. FOLDER/licenses/NAME/ holds the texts of each package.
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
        "licenses": [
            {
                "license": {
                    "id": "PSF-2.0",
                    "text": {"content": PYTHON_LICENSE.read_text(encoding="utf-8")},
                }
            }
        ],
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


def main(arguments: Sequence[str]) -> None:
    """Complete the SBOM, copy the licences, and name the packages that bring none."""
    sbom = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    folder = Path(arguments[1])
    (folder / "licenses/python").mkdir(parents=True)
    shutil.copyfile(PYTHON_LICENSE, folder / "licenses/python/LICENSE.txt")
    for package in distributions():
        found = list(license_files(package))
        for name, source in found:
            target = folder / "licenses" / package.name / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        if not found:
            print(f"warning: {package.name} {package.version} brings no text of its licence")

    sbom.setdefault("components", []).append(python())
    sbom["serialNumber"] = uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(sbom)).urn
    (folder / "sbom.cdx.json").write_text(json.dumps(sbom, indent=2) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
