"""Images of a repository, tidied by what tidies them on GHCR."""

from collections.abc import Callable

import pytest

from tests.support.github import GitHub
from tests.support.registry import Gate, Registry
from tests.support.runner import WORKFLOW, Repository
from tests.workflow.small_images import push_image, push_index
from tests.workflow.small_workflow import action, job, login, workflow

Small = Callable[..., Repository]

RIGHTS = {"packages": "write", "id-token": "write", "attestations": "write"}


@pytest.fixture
def one(small: Small, registry: Registry, gate: Gate) -> Repository:
    """A repository with an attested index of two platforms, tagged v1 and 20260101."""
    one = small({WORKFLOW: ""})
    parts = {
        arch: push_image(registry, one.image, {"a": arch.encode()}, arch, through=gate)
        for arch in ("amd64", "arm64")
    }
    for tag in ("v1", "20260101"):
        digest = push_index(registry, one.image, parts, tag, through=gate)
    attest = action(
        "actions/attest",
        subject_name=f"{gate.address}/{one.image}",
        subject_digest=digest,
        push_to_registry="true",
    )
    publish = job(login(gate.address), attest, permissions=RIGHTS)
    (one.folder / WORKFLOW).write_text(workflow(publish=publish))
    run = one.commit().run("push")
    assert run.passed, run.text
    return one


def tidy(one: Repository, passes: bool = True, **inputs: str) -> None:
    """Run the action that tidies."""
    step = action(
        "dataaxiom/ghcr-cleanup-action", owner="acme-org", package=one.image.split("/")[1], **inputs
    )
    rights = {"packages": "write"}
    (one.folder / WORKFLOW).write_text(workflow(tidy=job(step, permissions=rights)))
    run = one.commit().run("push")
    assert run.passed == passes, run.text


def test_what_belongs_to_an_index_or_an_attestation_stays_and_goes_with_it(
    one: Repository, registry: Registry, gate: Gate, github: GitHub
) -> None:
    before = registry.all_tags(one.image)
    pushed = list(gate.pushed[one.image])
    tidy(one, delete_untagged="true")
    assert registry.all_tags(one.image) == before
    assert all(registry.has(one.image, manifest) for manifest in pushed[:2])

    push_image(registry, one.image, {"a": b"another"}, "amd64", "v2", through=gate)
    tidy(one, delete_tags=registry.tags(one.image)["v1"])
    assert registry.all_tags(one.image).keys() == {"v2"}
    assert not any(registry.has(one.image, manifest) for manifest in pushed)

    tidy(one, passes=False, delete_tags=registry.tags(one.image)["v2"])  # the last one
    assert registry.all_tags(one.image).keys() == {"v2"}
