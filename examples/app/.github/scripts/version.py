#!/usr/bin/env python3
"""Check that a Git tag names the project's version, and print what --version prints: version=1.2.3

  python3 .github/scripts/version.py TAG

They are the same by PEP 440: v1.2.3-rc.1 is 1.2.3rc1. A version that the build takes from Git, or from the
source, is not in pyproject.toml.
"""

import sys
import tomllib
from pathlib import Path

from packaging.version import InvalidVersion, Version


def parse(text: str) -> Version | str:
    """A version, or the text itself where it is none."""
    try:
        return Version(text)
    except InvalidVersion:
        return text.removeprefix("v")


file = Path(__file__).parents[2] / "pyproject.toml"
text = file.read_text(encoding="utf-8")
tag = parse(sys.argv[1])
project = tomllib.loads(text).get("project", {}).get("version")
if project and parse(project) != tag:
    lines = text.splitlines()
    line = next((n for n, one in enumerate(lines, 1) if one.startswith("version")), 1)
    sys.exit(
        f"::error file=pyproject.toml,line={line}::The Git tag {sys.argv[1]} does not match the version in "
        "pyproject.toml. Delete the tag, set the version, commit, and tag that commit:"
        f"%0A  git push --delete origin {sys.argv[1]} && git tag --delete {sys.argv[1]}%0A  uv version {tag}"
    )
print(f"version={parse(project) if project else tag}")
