"""Attestations are really signed and really verified: by Sigstore of this machine and the real gh."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.registry import Gate, Registry
from tests.support.runner import WORKFLOW, Repository
from tests.workflow.small_images import push_image
from tests.workflow.small_workflow import (
    FORGET_THE_LOGIN,
    Step,
    action,
    gh,
    job,
    login,
    script,
    workflow,
)

Small = Callable[..., Repository]

RIGHTS = {"id-token": "write", "attestations": "write", "packages": "write"}
SBOM = json.dumps({"bomFormat": "CycloneDX", "serialNumber": "urn:uuid:1", "specVersion": "1.6"})
STRICT = (
    "--repo $GH_REPO --signer-workflow $GH_REPO/.github/workflows/docker-image.yml"
    " --source-ref $GITHUB_REF --source-digest $GITHUB_SHA"
)


def verify(what: str = "file", options: str = STRICT) -> Step:
    """Verify, as strictly as gh can."""
    return gh(f"gh attestation verify {what} {options}")


def attesting(*more: Step, content: str = "x") -> dict[str, Any]:
    """A job that attests a file, and does more."""
    make = script(f"echo {content} >file")
    return job(make, action("actions/attest", subject_path="file"), *more, permissions=RIGHTS)


def test_a_file_is_attested_with_the_claims_of_its_run(small: Small) -> None:
    one = small({WORKFLOW: workflow(publish=attesting(verify()))})
    run = one.run("push", "refs/tags/v1.0.0")
    assert run.passed, run.text
    [kept] = one.hosted.attestations
    built = kept["statement"]["predicate"]["buildDefinition"]
    assert built["externalParameters"]["workflow"] == {
        "ref": "refs/tags/v1.0.0",
        "repository": f"https://github.com/{one.name}",
        "path": WORKFLOW,
    }
    assert "Attestation Created" in run.summary_of("publish")


@pytest.mark.parametrize(
    "options",
    [
        STRICT.replace("docker-image.yml", "another.yml"),
        STRICT.replace("$GITHUB_REF", "refs/heads/main"),
        STRICT.replace("$GITHUB_SHA", "0" * 40),
        STRICT.replace("$GH_REPO ", "Acme-Org/another "),
        f"{STRICT} --predicate-type https://cyclonedx.org/bom",
    ],
)
def test_what_was_signed_for_something_else_is_refused(small: Small, options: str) -> None:
    """Another workflow, another ref, another commit, another repository, another predicate."""
    one = small({WORKFLOW: workflow(publish=attesting(verify(options=options)))})
    run = one.run("push", "refs/tags/v1.0.0")
    assert run.jobs == {"publish": "failure"}
    assert one.hosted.attestations
    assert list(run.steps("publish").values())[-1] == "failure"


def test_another_file_is_refused(small: Small) -> None:
    change = script("echo y >file")
    one = small({WORKFLOW: workflow(publish=attesting(change, verify()))})
    assert one.run("push").jobs == {"publish": "failure"}


def test_a_bundle_of_another_workflow_of_the_repository_is_not_enough(small: Small) -> None:
    """`--repo` alone takes it: whoever may write another workflow signs for that one only."""
    attest = workflow(publish=attesting())
    check = workflow(
        "workflow_dispatch", look=job(script("echo x >file"), verify(), permissions={})
    )
    loose = check.replace(STRICT, "--repo $GH_REPO")
    other, third = ".github/workflows/other.yml", ".github/workflows/third.yml"
    one = small({other: attest, WORKFLOW: check, third: loose})
    one.file = other
    assert one.run("push").passed
    one.file = WORKFLOW
    assert one.run("workflow_dispatch").jobs == {"look": "failure"}
    one.file = third
    assert one.run("workflow_dispatch").jobs == {"look": "success"}


@pytest.mark.parametrize(
    ("change", "options", "verified"),
    [
        ("true", "--bundle attested.sigstore.json", True),
        ("echo y >file", "--bundle attested.sigstore.json", False),
        ("true", "", False),
    ],
)
def test_a_file_is_verified_by_its_bundle_without_a_login_or_a_network(
    small: Small, change: str, options: str, verified: bool
) -> None:
    attest = {**action("actions/attest", subject_path="file"), "id": "attest"}
    lines = [
        'cp "$BUNDLE" attested.sigstore.json',
        f"{change}; {FORGET_THE_LOGIN} GITHUB_PROXY=http://localhost:9",
        f"gh attestation verify file {STRICT} {options}",
    ]
    bundle = "${{ steps.attest.outputs.bundle-path }}"
    look = script("\n".join(lines), BUNDLE=bundle, GH_REPO="${{ github.repository }}")
    steps = job(script("echo x >file"), attest, look, permissions=RIGHTS)
    run = small({WORKFLOW: workflow(publish=steps)}).run("push", "refs/tags/v1.0.0")
    assert run.passed == verified, run.text
    assert ("set the GH_TOKEN environment variable" in run.text) == (not options)


def test_a_called_workflow_signs_by_its_own_name(small: Small) -> None:
    called = ".github/workflows/called.yml"
    call = {"permissions": RIGHTS, "uses": "$/.github/workflows/called.yml"}
    for name, result in {"called.yml": "success", "docker-image.yml": "failure"}.items():
        options = STRICT.replace("docker-image.yml", name)
        files = {
            WORKFLOW: workflow(call=call),
            called: workflow({"workflow_call": None}, publish=attesting(verify(options=options))),
        }
        run = small(files).run("push")
        assert set(run.jobs.values()) == {result}, run.text


def test_a_private_repository_attests_with_enterprise_only(small: Small) -> None:
    for enterprise in (False, True):
        one = small({WORKFLOW: workflow(publish=attesting())}, private=True, enterprise=enterprise)
        run = one.run("push")
        assert run.passed == enterprise, run.text
        assert bool(one.hosted.attestations) == enterprise


def test_an_image_is_attested_beside_itself_in_the_registry(
    small: Small, registry: Registry, gate: Gate
) -> None:
    """GHCR has no referrers: the action leaves a tag sha256-… for both of its attestations."""
    one = small({"sbom.json": SBOM, WORKFLOW: ""})
    digest = push_image(registry, one.image, {"README.md": b"x"}, "arm64")
    name = f"{gate.address}/{one.image}"
    about = {"subject_name": name, "subject_digest": digest, "push_to_registry": "true"}
    found = f"oci://{name}@{digest}"
    steps = [
        action("actions/checkout"),
        login(gate.address),
        action("actions/attest", **about),
        action("actions/attest", **about, sbom_path="sbom.json"),
        verify(found),
        verify(found, f"{STRICT} --predicate-type https://cyclonedx.org/bom"),
        verify(found, f"{STRICT} --bundle-from-oci"),
        verify(found, f"{STRICT} --bundle-from-oci --predicate-type https://cyclonedx.org/bom"),
        # As RELEASES.md says: gh asks for a token, and sends it nowhere.
        script(
            f"{FORGET_THE_LOGIN}; export GH_TOKEN=none GITHUB_PROXY=http://localhost:9\n"
            f"gh attestation verify {found} {STRICT} --bundle-from-oci",
            GH_REPO="${{ github.repository }}",
        ),
    ]
    (one.folder / WORKFLOW).write_text(workflow(publish=job(*steps, permissions=RIGHTS)))
    run = one.commit().run("push", "refs/tags/v1.0.0")
    assert run.passed, run.text
    assert registry.all_tags(one.image).keys() == {digest.replace(":", "-")}
    assert registry.tags(one.image) == {}
    assert len(registry.attestations(one.image, digest)) == 2
    types = [kept["statement"]["predicateType"] for kept in one.hosted.attestations]
    assert types == ["https://slsa.dev/provenance/v1", "https://cyclonedx.org/bom"]
