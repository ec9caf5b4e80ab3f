"""Images for other platforms than the runner's, and for two."""

import json
from collections.abc import Callable

import pytest

from tests.support.registry import Registry
from tests.support.runner import Repository
from tests.support.runs import Run
from tests.workflow.expectations import PUBLISHED, SMOKE, files, in_order, layout, without_date

Make = Callable[..., Repository]


@pytest.fixture(scope="module")
def both(repository: Make) -> tuple[Repository, Run]:
    """A release for two platforms."""
    one = repository(quick=True, platforms=["linux/arm64", "linux/amd64"])
    one.write("tests/smoke", SMOKE, executable=True)
    run = one.run("push", "refs/tags/v1.0.0")
    assert run.passed, run.text
    return one, run


def test_two_platforms_are_joined_under_one_index(
    both: tuple[Repository, Run], registry: Registry
) -> None:
    one, run = both
    tags = registry.tags(one.image)
    assert without_date(tags) == {"v1.0.0", "latest"}
    assert len(set(tags.values())) == 1
    manifests = registry.manifest(one.image, "latest")["manifests"]
    for manifest, arch in zip(manifests, ("amd64", "arm64"), strict=True):
        assert manifest["platform"] == {"os": "linux", "architecture": arch}
        assert registry.config(one.image, manifest["digest"])["architecture"] == arch
        [built] = layout(run.artifact(f"image-{arch}") / "image.tar")
        assert manifest["digest"] == built["digest"]


def test_each_platform_is_tested_where_it_runs_before_and_after_it_is_pushed(
    both: tuple[Repository, Run],
) -> None:
    tested = [(line["job"], line["runner"]) for line in both[1].read("smoke")]
    assert sorted(tested) == [
        ("build", "ARM64"),
        ("build", "X64"),
        ("verify", "ARM64"),
        ("verify", "X64"),
    ]


def test_a_release_has_a_program_for_each_platform(both: tuple[Repository, Run]) -> None:
    [release] = both[0].hosted.releases
    names = files("linux-amd64", "linux-arm64")
    given = {asset["name"]: asset["content"] for asset in release["assets"]}
    assert given.keys() == names
    lines = given["SHA256SUMS"].decode().splitlines()
    assert {line.split()[1] for line in lines} == names - {"SHA256SUMS", "my-tool.sigstore.json"}


def test_the_packages_of_both_platforms_are_attested_once(both: tuple[Repository, Run]) -> None:
    [sbom] = [
        found["statement"]["predicate"]
        for found in both[0].hosted.attestations
        if found["statement"]["predicateType"] == "https://cyclonedx.org/bom"
    ]
    given = json.loads((both[0].folder / "sbom.cdx.json").read_text())
    assert sbom["components"] == given["components"]


def test_an_image_for_arm64_alone_is_built_verified_and_published(
    repository: Make, registry: Registry
) -> None:
    one = repository(quick=True, platforms=["linux/arm64"], downloads=[])
    one.write("tests/smoke", SMOKE, executable=True)
    run = one.run("push", "refs/tags/v1.0.0")
    assert run.passed, run.text
    assert in_order(run.jobs, PUBLISHED)
    assert [(line["job"], line["runner"]) for line in run.read("smoke")] == [
        ("build", "ARM64"),
        ("verify", "ARM64"),
    ]
    [manifest] = registry.manifest(one.image, "v1.0.0")["manifests"]
    assert manifest["platform"] == {"os": "linux", "architecture": "arm64"}
