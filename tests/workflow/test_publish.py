"""One release of a real app, looked at from all sides."""

import datetime
import hashlib
import json
import subprocess
from collections.abc import Callable

import pytest

from tests.support.git import git
from tests.support.registry import Registry
from tests.support.runner import Repository
from tests.support.runs import Run
from tests.workflow.expectations import (
    OCI,
    PROVENANCE,
    RELEASED,
    SBOM,
    SMOKE,
    files,
    in_order,
    layout,
    without_date,
)
from tools.projects import set_versions

Make = Callable[..., Repository]


@pytest.fixture(scope="module")
def released(repository: Make) -> tuple[Repository, Run]:
    """A push of the tag v0.1.0 to a repository with a version of its own and a smoke test of its own."""
    one = repository()
    set_versions(one.folder, {"GREETING_VERSION": "7.8.9"})
    dockerfile = one.folder / "Dockerfile"
    dockerfile.write_text(
        f"{dockerfile.read_text()}ARG GREETING_VERSION\nLABEL greeting=${{GREETING_VERSION}}\n"
    )
    one.write("tests/smoke", SMOKE, executable=True)
    run = one.run("push", "refs/tags/v0.1.0")
    assert run.passed, run.text
    return one, run


@pytest.fixture(scope="module")
def published(released: tuple[Repository, Run], registry: Registry) -> str:
    """The digest of its index."""
    tags = registry.tags(released[0].image)
    assert without_date(tags) == {"v0.1.0", "latest"}
    assert len(set(tags.values())) == 1
    return tags["latest"]


def test_every_job_of_a_release_runs_in_this_order(released: tuple[Repository, Run]) -> None:
    assert in_order(released[1].jobs, RELEASED)


def test_the_tags_are_set_last_and_latest_after_the_version(
    released: tuple[Repository, Run], registry: Registry, published: str
) -> None:
    writes = [request for request in released[1].requests if request.writes]
    tags = [request.tag for request in writes if request.tag and "sha256-" not in request.tag]
    assert tags[0] == "v0.1.0"
    assert tags[-1] == "latest"
    jobs = ["publish / push", "publish / tags"]
    assert [request.job for request in writes] == sorted(
        (one.job for one in writes), key=jobs.index
    )
    setting = {one.job for one in writes if one.tag and "sha256-" not in one.tag}
    assert setting == {"publish / tags"}


def test_the_index_names_its_platforms_and_says_where_it_is_from(
    released: tuple[Repository, Run], registry: Registry, published: str
) -> None:
    one = released[0]
    index = registry.manifest(one.image, published)
    assert index["mediaType"] == "application/vnd.oci.image.index.v1+json"
    platforms = [(m["platform"]["os"], m["platform"]["architecture"]) for m in index["manifests"]]
    assert platforms == [("linux", "amd64")]
    annotations = index["annotations"]
    assert annotations[f"{OCI}.source"] == f"https://github.com/{one.name}"
    assert annotations[f"{OCI}.description"] == "Greets people."
    assert annotations[f"{OCI}.licenses"] == "MIT"
    assert annotations[f"{OCI}.revision"] == git(one.folder, "rev-parse", "HEAD").strip()


def test_the_image_is_labelled_and_dated_by_its_commit(
    released: tuple[Repository, Run], registry: Registry, published: str
) -> None:
    one = released[0]
    manifest = registry.manifest(one.image, published)["manifests"][0]["digest"]
    config = registry.config(one.image, manifest)
    labels = config["config"]["Labels"]
    date = git(one.folder, "log", "-1", "--format=%ct")
    created = datetime.datetime.fromtimestamp(int(date), datetime.UTC)
    assert labels[f"{OCI}.source"] == f"https://github.com/{one.name}"
    assert labels[f"{OCI}.revision"] == git(one.folder, "rev-parse", "HEAD").strip()
    assert labels[f"{OCI}.version"] == "v0.1.0"
    assert labels[f"{OCI}.licenses"] == "MIT"
    assert datetime.datetime.fromisoformat(labels[f"{OCI}.created"]) == created
    assert datetime.datetime.fromisoformat(config["created"]) == created
    annotations = registry.manifest(one.image, manifest)["annotations"]
    assert annotations[f"{OCI}.source"] == f"https://github.com/{one.name}"


def test_a_new_key_of_versions_env_reaches_the_dockerfile(
    released: tuple[Repository, Run], registry: Registry, published: str
) -> None:
    one = released[0]
    manifest = registry.manifest(one.image, published)["manifests"][0]["digest"]
    assert registry.config(one.image, manifest)["config"]["Labels"]["greeting"] == "7.8.9"


def test_the_bytes_that_were_tested_are_the_bytes_that_were_published(
    released: tuple[Repository, Run], registry: Registry, published: str
) -> None:
    one, run = released
    [manifest] = registry.manifest(one.image, published)["manifests"]
    [built] = layout(run.artifact("image-amd64") / "image.tar")
    assert manifest["digest"] == built["digest"]
    # An engine calls an image by its configuration, its manifest, or the index that it came from.
    config = registry.manifest(one.image, manifest["digest"])["config"]["digest"]
    smoked = {line["job"]: line["id"] for line in run.read("smoke")}
    assert smoked["build"] in (config, manifest["digest"])
    assert smoked["verify"] in (config, manifest["digest"], published)


def test_the_index_is_attested_with_its_provenance_and_the_sbom_of_the_image(
    released: tuple[Repository, Run], published: str
) -> None:
    one, run = released
    found = {
        each["statement"]["predicateType"]: each["statement"]
        for each in one.hosted.attestations
        if each["statement"]["subject"][0]["digest"]["sha256"] == published.removeprefix("sha256:")
    }
    assert found.keys() == {PROVENANCE, SBOM}
    for statement in found.values():
        assert [subject["name"] for subject in statement["subject"]] == [
            f"{one.gate.address}/{one.image}"
        ]
    inside = json.loads((run.artifact("image-amd64") / "sbom.cdx.json").read_text())
    assert found[SBOM]["predicate"]["components"] == inside["components"]
    names = {component["name"] for component in inside["components"]}
    assert names  # the image's own list, which its tests know


def test_the_summary_says_what_was_published_and_how_to_use_it(
    released: tuple[Repository, Run], registry: Registry, published: str
) -> None:
    one, run = released
    name = f"{one.gate.address}/{one.image}"
    lines = [line for line in run.summary_of("publish / tags").splitlines() if line]
    [manifest] = registry.manifest(one.image, published)["manifests"]
    parts = registry.manifest(one.image, manifest["digest"])
    size = sum(part["size"] for part in [parts["config"], *parts["layers"]])
    assert lines[:2] == [f"### {name}", f"`{published}`"]
    assert f"| linux/amd64 | {size // 100_000 / 10} MB | `{manifest['digest']}` |" in lines
    for tag in registry.tags(one.image):
        assert f"- `{name}:{tag}`" in lines
    assert f"docker run --rm {name}@{published} --version" in lines
    signer = f"{one.name}/.github/workflows/publish-image.yml"
    verify = f"gh attestation verify oci://{name}@{published} --repo {one.name}"
    assert f"{verify} --signer-workflow {signer}" in lines


def test_a_release_offers_the_program_with_its_checksum_and_provenance(
    released: tuple[Repository, Run],
) -> None:
    one, run = released
    [release] = one.hosted.releases
    given = {asset["name"]: asset["content"] for asset in release["assets"]}
    assert given.keys() == files("linux-amd64")
    checksums = {name: hashlib.sha256(content).hexdigest() for name, content in given.items()}
    del checksums["my-tool.sigstore.json"]  # the attestation of the others
    subjects = [each["statement"]["subject"] for each in one.hosted.attestations]
    assert {
        subject["name"]: subject["digest"]["sha256"] for subject in max(subjects, key=len)
    } == checksums
    del checksums["SHA256SUMS"]
    listed = [line.split() for line in given["SHA256SUMS"].decode().splitlines()]
    assert {name: checksum for checksum, name in listed} == checksums
    program = run.folder / "downloaded"
    program.write_bytes(given["my-tool-linux-amd64"])
    program.chmod(0o755)  # as a download must be
    assert subprocess.run([program, "--version"], capture_output=True, check=True).stdout.strip()


def test_a_release_neither_reads_nor_writes_a_cache(released: tuple[Repository, Run]) -> None:
    [build] = released[1].builds
    assert "--cache-from" not in build
    assert "--cache-to" not in build
