"""Build an image, and find its digest."""

import json
import subprocess
from pathlib import Path

from tests.support.commands import run
from tools.projects import build_arguments


def architecture() -> str:
    """This machine's, as OCI names it."""
    return "amd64" if run("uname", "-m").strip() == "x86_64" else "arm64"


def build(project: Path, *options: str, expect: int = 0) -> str:
    """Build a project's Dockerfile with its versions and return what BuildKit printed."""
    command = ["docker", "buildx", "build", "--progress=plain", *build_arguments(project)]
    result = subprocess.run(
        [*command, *options, "."], cwd=project, capture_output=True, text=True, check=False
    )
    output = result.stdout + result.stderr
    assert result.returncode == expect, output
    return output


def digest(project: Path, scratch: Path, *options: str, epoch: str = "") -> tuple[str, str]:
    """Build a project as its workflow does: what BuildKit printed, and the digest of the image.

    Nothing is compressed, which takes longer than most builds: the same bytes are the same compressed.
    A layer that is in the folder already is not written once more.
    """
    epoch = epoch or run("git", "log", "-1", "--format=%ct", cwd=project).strip()
    output = build(
        project,
        "--provenance=false",
        f"--build-arg=SOURCE_DATE_EPOCH={epoch}",
        f"--output=type=oci,dest={scratch / 'layout'},tar=false,rewrite-timestamp=true,compression=uncompressed",
        f"--metadata-file={scratch / 'image.json'}",
        *options,
    )
    metadata = json.loads((scratch / "image.json").read_text())
    image_digest: str = metadata["containerimage.digest"]
    return output, image_digest
