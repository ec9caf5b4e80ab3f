"""What a build provides may be hostile: nothing of it runs, and nothing of it is believed."""

import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.registry import Registry
from tests.support.runner import Repository
from tests.workflow.expectations import layout, without_date

Make = Callable[..., Repository]

# Everything that a job with a token runs, reads or might look at.
NAMES = [
    ".github/scripts/ids",
    ".github/scripts/join-platforms.py",
    ".github/scripts/newest.py",
    ".github/scripts/publish",
    ".github/scripts/release",
    ".github/scripts/skopeo",
    ".github/scripts/summary",
    ".github/scripts/verify",
    ".git/hooks/post-checkout",
    ".git/config",
    "scripts/smoke",
    "Makefile",
    "versions.env",
    "layout/index.json",
    "image-evil.tar",
    "json.py",
    "skopeo",
    "gh",
    "jq",
]

# A dependency that runs in the build job, before the image is kept: it adds to what is uploaded, to
# the image's archive, and to the folder that it lies in.
EVIL = """
import io, os, pathlib, subprocess, tarfile
temp = pathlib.Path(os.environ["RUNNER_TEMP"])
evil = b"#!/bin/sh\\ntouch " + os.environ["RECORDS"].encode() + b"/pwned\\nexit 0\\n"
with tarfile.open(temp / "image.tar", "a") as tar:
    for name in {names!r}:
        for path in (name, f"../{{name}}", f"../../{{name}}", f"/{{name}}"):
            member = tarfile.TarInfo(path)
            member.size, member.mode = len(evil), 0o755
            tar.addfile(member, io.BytesIO(evil))
    for path, target in (("blobs/sha256/x", "/etc"), ("evil", "/etc/passwd")):
        link = tarfile.TarInfo(path)
        link.type, link.linkname = tarfile.SYMTYPE, target
        tar.addfile(link)
"""


def infect(one: Repository) -> None:
    """Let the build run the dependency, once the image is loaded."""
    one.write("evil.py", EVIL.format(names=NAMES))
    file = one.folder / ".github/workflows/docker-image.yml"
    text = file.read_text()
    wanted = '          docker rm "$container"\n'
    assert text.count(wanted) == 1
    one.write(
        ".github/workflows/docker-image.yml",
        text.replace(wanted, f"{wanted}          python3 evil.py\n"),
    )


def test_what_a_build_adds_to_its_image_is_left(repository: Make, registry: Registry) -> None:
    one = repository(quick=True)
    infect(one)
    run = one.run("push", "refs/heads/prerel")
    assert run.passed, run.text
    assert not (run.folder / "pwned").exists()
    archive = run.artifact("image-amd64") / "image.tar"
    with tarfile.open(archive) as tar:
        assert set(NAMES) < set(tar.getnames())  # it was provided
    [published] = registry.manifest(one.image, "prerel")["manifests"]
    [built] = layout(archive)
    assert published["digest"] == built["digest"]
    assert without_date(registry.tags(one.image)) == {"prerel"}


def test_an_image_whose_bytes_are_not_what_they_say_is_published_nowhere(
    repository: Make, registry: Registry
) -> None:
    one = repository(quick=True)
    swap = """
import os, pathlib
archive = pathlib.Path(os.environ["RUNNER_TEMP"], "image.tar")
content = archive.read_bytes()
assert content.count(b"Entrypoint")
archive.write_bytes(content.replace(b"Entrypoint", b"EntrypoinT"))
"""
    infect(one)
    one.write("evil.py", swap)
    run = one.run("push", "refs/heads/prerel")
    assert run.between == {"build": "success", "publish / push": "failure"}, run.text
    [(message, _)] = run.annotations("error")
    assert "has other bytes" in message
    assert registry.all_tags(one.image) == {}
    assert not [request for request in run.requests if request.writes]


@pytest.mark.parametrize(
    ("workflow", "instead", "name", "step"),
    [
        (
            "docker-image",
            "COPY sbom.cdx.json /\n",
            "sbom.cdx.json",
            "Load the image and take out its SBOM",
        ),
        (
            "downloads",
            "COPY program /my-tool-linux-${TARGETARCH}\n",
            "my-tool-linux-amd64",
            "Build the programs",
        ),
    ],
)
def test_a_link_in_an_image_leads_to_no_file_of_the_runner(
    repository: Make, tmp_path: Path, workflow: str, instead: str, name: str, step: str
) -> None:
    decoy = tmp_path / "decoy"
    decoy.write_text("decoy")
    one = repository(quick=True)
    (one.folder / "links").mkdir()
    (one.folder / "links" / name).symlink_to(decoy)
    dockerfile = (one.folder / "Dockerfile").read_text()
    assert dockerfile.count(instead) == 1
    one.write("Dockerfile", dockerfile.replace(instead, "COPY links/ /\n"))
    one.file = f".github/workflows/{workflow}.yml"
    run = one.run("workflow_dispatch")
    [job] = run.between
    assert run.steps(job)[step] == "failure", run.text
    assert run.artifacts == {}
