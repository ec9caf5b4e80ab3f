"""Images of a repository, tidied by what tidies them on GHCR."""

from collections.abc import Callable

import pytest

from tests.support.github import GitHub
from tests.support.publishing import push_image, push_index
from tests.support.registry import Gate, Registry
from tests.support.runner import WORKFLOW, Repository
from tests.support.steps import action, gh, job, login, workflow

Small = Callable[..., Repository]

OLD = "2026-01-01T00:00:00Z"
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


def tidy(one: Repository, **inputs: str) -> None:
    """Run the action that tidies."""
    step = action(
        "dataaxiom/ghcr-cleanup-action", owner="acme-org", package=one.image.split("/")[1], **inputs
    )
    rights = {"packages": "write"}
    (one.folder / WORKFLOW).write_text(workflow(tidy=job(step, permissions=rights)))
    run = one.commit().run("push")
    assert run.passed, run.text


def test_what_belongs_to_an_index_or_an_attestation_stays(
    one: Repository, registry: Registry, gate: Gate, github: GitHub
) -> None:
    before = registry.all_tags(one.image)
    pushed = list(gate.pushed[one.image])
    tidy(one, delete_untagged="true")
    assert registry.all_tags(one.image) == before
    assert all(registry.has(one.image, manifest) for manifest in pushed[:2])


def test_a_tag_beside_others_goes_alone_and_the_last_one_takes_all_with_it(
    one: Repository, registry: Registry, gate: Gate, github: GitHub
) -> None:
    digest = registry.tags(one.image)["v1"]
    tidy(one, delete_tags="20*")
    assert registry.tags(one.image) == {"v1": digest}

    push_image(registry, one.image, {"a": b"another"}, "amd64", "v2", through=gate)
    tidy(one, delete_tags="v1")
    assert registry.all_tags(one.image).keys() == {"v2"}
    assert not registry.has(one.image, digest)


def test_only_what_is_old_goes_by_its_age(
    one: Repository, registry: Registry, gate: Gate, github: GitHub
) -> None:
    digest = registry.tags(one.image)["v1"]
    push_image(registry, one.image, {"a": b"another"}, "amd64", "20260102", through=gate)
    assert github.packages
    for date, left in {"2026-11-24T00:00:00Z": {"v1", "20260101"}, OLD: {"v1"}}.items():
        github.packages.dates[digest] = date
        options = {"use_regex": "true", "delete_tags": "^20[0-9]{6}$", "older_than": "90 days"}
        tidy(one, **options)
        assert registry.tags(one.image).keys() == {*left, "20260102"}


def test_the_open_pull_requests_are_listed_for_gh(small: Small) -> None:
    command = gh(
        "gh pr list --state open --limit 1000 --json number --jq 'map(.number)' >\"$RECORDS/pulls\""
    )
    one = small({WORKFLOW: workflow(look=job(command))})
    one.hosted.pulls = [{"number": 2, "state": "OPEN"}, {"number": 3, "state": "CLOSED"}]
    run = one.run("push")
    assert run.passed, run.text
    assert (run.folder / "pulls").read_text() == "[2]\n"
