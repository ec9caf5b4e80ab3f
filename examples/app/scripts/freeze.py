#!/usr/bin/env python3
# /// script
# requires-python = ">=3.11"
# dependencies = []
# ///
"""Freeze the program of this repository.

  uv run scripts/freeze.py download COMMAND [SYSTEM]    build the programs to download, on the system that they are for

The Dockerfile takes these steps, each in a layer of its own:

  scripts/freeze.py tools            install PyInstaller
  scripts/freeze.py dependencies     install what uv.lock lists, as far as that needs no file of the source
  scripts/freeze.py project          install the rest, and the project
  scripts/freeze.py image COMMAND    freeze the program, and lay out the image's files in /layers
"""

import sys
from collections.abc import Sequence

from freezer import environment
from freezer.download import download
from freezer.image import image
from freezer.systems import this_system


def main(arguments: Sequence[str]) -> None:
    """Take one step."""
    match arguments:
        case ["tools"]:
            environment.install_tools()
        case ["dependencies"]:
            environment.install_dependencies()
        case ["project"]:
            environment.install_project()
        case ["image", command]:
            image(command)
        case ["download", command]:
            download(command, this_system())
        case ["download", command, system]:
            download(command, system)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
