"""The SBOM of the image itself: Python, UPX, and the Python packages in some folders.

python -m freezer.image_sbom NAME FILE FOLDER...
"""

import os
import sys
from collections.abc import Sequence
from importlib.metadata import distributions
from pathlib import Path

from freezer.components import Component, distribution, generic
from freezer.sbom import write


def main(arguments: Sequence[str]) -> None:
    """Write the SBOM."""
    name, file, *folders = arguments
    found = [generic(one, os.environ[f"{one.upper()}_VERSION"]) for one in ("python", "upx")]
    found += map(distribution, distributions(path=folders))
    write(Component(name), sorted(found, key=lambda one: one.name), Path(file))


if __name__ == "__main__":
    main(sys.argv[1:])
