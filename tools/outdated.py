"""Say which default Python in copier.yml is too old for a release.

usage: python -m tools.outdated

`make release-check` runs this.
"""

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence

from uv import find_uv_bin

from tools.projects import ROOT

# A Docker image of a new Python can be some days late.
PATCHES = 2


def known() -> Mapping[str, int]:
    """The newest patch release of each minor version of Python that the installed uv knows."""
    command = [find_uv_bin(), "python", "list", "--all-versions", "--only-downloads", "--offline"]
    listed = subprocess.run(
        [*command, "--output-format=json"], check=True, capture_output=True, text=True
    )
    newest: dict[str, int] = {}
    for python in json.loads(listed.stdout):
        if python["implementation"] == "cpython" and re.fullmatch(r"[\d.]+", python["version"]):
            minor, _, patch = python["version"].rpartition(".")
            newest[minor] = max(newest.get(minor, 0), int(patch))
    return newest


def old_pythons(config: str, newest: Mapping[str, int]) -> Sequence[str]:
    """The default Pythons of a copier.yml that are too old, or that uv does not know; a message for each."""
    defaults = re.findall(r'"(3\.\d+)": "\1\.(\d+)"', config)
    assert defaults, "copier.yml has no Pythons where this looks for them"
    return [
        f"copier.yml: Python {minor}.{patch} should be {minor}.{newest[minor]}, the newest that uv knows"
        for minor, patch in defaults
        if not newest[minor] - PATCHES <= int(patch) <= newest[minor]
    ]


def main() -> None:
    """Print what is too old.

    Raises:
        SystemExit: something is.
    """
    if found := old_pythons((ROOT / "copier.yml").read_text(), known()):
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main()
