"""What a run publishes: its files, its tags, its image, and the jobs in their order."""

import datetime
import json
import re
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

OCI = "org.opencontainers.image"
# The kinds of attestations.
PROVENANCE = "https://slsa.dev/provenance/v1"
SBOM = "https://cyclonedx.org/bom"

# A project's own check: writes down which image it was given.
SMOKE = """#!/usr/bin/env bash
docker image inspect --format '{"job": "'"$GITHUB_JOB"'", "runner": "'"$RUNNER_ARCH"'", "id": "{{.Id}}"}' "$1" \
  >>"$RECORDS/smoke.jsonl"
"""


def files(*systems: str) -> set[str]:
    """The names of the files that a release of the app has, for some systems."""
    every = {"SHA256SUMS", "my-tool-sbom.tar.gz", "my-tool.sigstore.json"}
    return every | {f"my-tool-{system}{kind}" for system in systems for kind in ("", ".tar.gz")}


# The jobs of a push that is not a release, and of one that is. `test` is not among them: see Repository.tests.
IMAGE = ["publish / push", "publish / verify", "publish / tags"]
PUBLISHED = ["check", "build", *IMAGE, "clean", "passed"]
RELEASED = ["check", "build", "downloads / linux", *IMAGE, "release / release", "clean", "passed"]


def in_order(jobs: Iterable[str], expected: Sequence[str]) -> bool:
    """Whether these jobs ran, the publishing ones after the builds and in this order.

    Jobs that do not need each other run in any order.
    """
    ran = list(jobs)
    chain = [name for name in expected if name.startswith(("publish", "release"))]
    before = [ran.index(name) for name in ran if name in ("check", "build", "downloads / linux")]
    places = [max(before), *map(ran.index, chain)]
    return sorted(ran) == sorted(expected) and places == sorted(places)


def without_date(tags: Mapping[str, str]) -> set[str]:
    """The tags, with the one date tag that every run sets checked and taken away."""
    dates = {tag for tag in tags if re.fullmatch(r"\d{8}", tag)}
    now = datetime.datetime.now(datetime.UTC)
    assert len(dates) == 1
    assert dates <= {f"{now - datetime.timedelta(days=back):%Y%m%d}" for back in (0, 1)}
    return set(tags) - dates


def layout(archive: Path) -> list[dict[str, Any]]:
    """The descriptors in the index of an image archive."""
    with tarfile.open(archive) as tar:
        index = tar.extractfile("index.json")
        assert index
        descriptors: list[dict[str, Any]] = json.load(index)["manifests"]
        return descriptors
