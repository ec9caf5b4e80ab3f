"""The SBOM of the image itself: the Python packages in some folders.

python -m freezer.image_sbom FILE FOLDER...
"""

import sys
from collections.abc import Sequence
from importlib.metadata import distributions
from pathlib import Path

from freezer.components import Component, distribution
from freezer.sbom import write


def main(arguments: Sequence[str]) -> None:
    """Write the SBOM."""
    file, *folders = arguments
    packages = [distribution(found) for found in distributions(path=folders)]
    write(Component("builder"), sorted(packages, key=lambda one: one.name), Path(file))


if __name__ == "__main__":
    main(sys.argv[1:])
