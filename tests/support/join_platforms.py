"""join-platforms.py, run for real: what it makes of what builds provide, or why it refuses it."""

import hashlib
import os
import re
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support.images import Image
from tools.projects import ROOT

SCRIPT = ROOT / "template/.github/scripts/join-platforms.py"

# What GitHub sets.
GITHUB = {
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "Acme-Org/MyTool",
    "GITHUB_SHA": "c" * 40,
}

Spoil = Callable[[Image], Any]


def write(folder: Path, architecture: str = "amd64", spoil: Spoil = lambda image: None) -> Path:
    """Write what a build provides, spoiled before it was sealed."""
    image = Image(architecture)
    spoil(image)
    image.seal()
    return image.write(folder)


def join(
    folder: Path, *architectures: str, limit: int = resource.RLIM_INFINITY
) -> subprocess.CompletedProcess[str]:
    """Run the script in an empty folder, so that what it leaves there is seen.

    No file that it writes may have more bytes than the limit.
    """
    workspace = folder / "workspace"
    workspace.mkdir(exist_ok=True)
    result = subprocess.run(
        [sys.executable, SCRIPT, folder, *architectures],
        cwd=workspace,
        env={**GITHUB, "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert list(workspace.iterdir()) == []
    return result


def blobs(folder: Path) -> set[str]:
    """The blobs of the layout, each of which has the digest that it is named by."""
    found = list((folder / "layout/blobs/sha256").iterdir())
    for path in found:
        assert path.is_file()
        assert not path.is_symlink()
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name
    return {path.name for path in found}


def refusal(folder: Path) -> str:
    """The reason that the script gives for refusing what a build provided."""
    result = join(folder, "amd64")
    assert (result.returncode, result.stdout) == (1, "")
    match = re.fullmatch(
        r"::error::(image\.tar|sbom\.cdx\.json) for linux/amd64 is refused: (.+)\.\n", result.stderr
    )
    assert match, result.stderr
    assert not (folder / "layout/index.json").exists()
    return match[2]
