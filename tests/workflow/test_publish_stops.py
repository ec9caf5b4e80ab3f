"""What stops a run, with the reason, and what makes it do less than a release."""

from collections.abc import Callable

import pytest

from tests.support.registry import Gate, Registry
from tests.support.runner import Repository
from tests.support.runs import Run
from tests.workflow.expectations import PROVENANCE, PUBLISHED, SBOM, in_order, without_date

Make = Callable[..., Repository]


@pytest.fixture(scope="module")
def prerel(repository: Make) -> tuple[Repository, Run]:
    """A push of the branch prerel."""
    one = repository(quick=True)
    run = one.run("push", "refs/heads/prerel")
    assert run.passed, run.text
    return one, run


@pytest.fixture(scope="module")
def before(prerel: tuple[Repository, Run], registry: Registry) -> tuple[Repository, dict[str, str]]:
    """A repository that has published, and its tags."""
    return prerel[0], registry.tags(prerel[0].image)


def test_a_branch_reads_and_writes_the_cache_of_its_platform(
    prerel: tuple[Repository, Run],
) -> None:
    [build] = prerel[1].builds
    assert prerel[1].artifacts == {}  # what was published is deleted
    assert "--cache-from type=gha,scope=amd64" in build
    assert "--cache-to type=gha,mode=max,scope=amd64,ignore-error=true" in build


def test_a_failed_smoke_test_publishes_nothing(
    before: tuple[Repository, dict[str, str]], registry: Registry
) -> None:
    one, tags = before
    one.write("tests/smoke", "#!/bin/sh\nexit 1\n", executable=True)
    run = one.run("push", "refs/heads/prerel")
    (one.folder / "tests/smoke").unlink()
    one.commit()
    assert run.jobs == {"check": "success", "build": "failure", "passed": "failure"}, run.text
    assert run.steps("build")["Test the image"] == "failure"
    assert {artifact.days for artifact in run.artifacts.values()} == {"10"}
    assert run.requests == []
    assert registry.tags(one.image) == tags


def test_an_image_that_fails_after_the_push_gets_no_tag(
    before: tuple[Repository, dict[str, str]], registry: Registry
) -> None:
    one, tags = before
    check = '#!/bin/sh\n[ "$GITHUB_JOB" != verify ]\n'
    one.write("tests/smoke", check, executable=True)
    run = one.run("push", "refs/heads/prerel")
    (one.folder / "tests/smoke").unlink()
    one.commit()
    assert run.between == {
        "build": "success",
        "publish / push": "success",
        "publish / verify": "failure",
    }, run.text
    assert registry.tags(one.image) == tags


def test_a_bad_versions_env_stops_before_any_build(
    before: tuple[Repository, dict[str, str]], registry: Registry
) -> None:
    one, tags = before
    file = one.folder / "versions.env"
    good = file.read_text()
    bad = len(good.splitlines()) + 1
    one.write("versions.env", f"{good}GREETING_VERSION=1.0 || reboot\n")
    run = one.run("push", "refs/heads/prerel")
    one.write("versions.env", good)
    assert run.jobs == {"check": "failure", "passed": "failure"}, run.text
    [(message, where)] = run.annotations("error")
    assert where == {"file": "versions.env", "line": str(bad)}
    assert message
    assert registry.tags(one.image) == tags


def test_a_package_that_the_workflow_may_not_write_is_named_with_the_setting(
    before: tuple[Repository, dict[str, str]], gate: Gate, registry: Registry
) -> None:
    one, tags = before
    one.write("sbom.cdx.json", (one.folder / "sbom.cdx.json").read_text() + "\n")
    gate.closed.add(one.image)
    run = one.run("push", "refs/heads/prerel")
    gate.closed.clear()
    assert run.between == {"build": "success", "publish / push": "failure"}, run.text
    [(message, _)] = run.annotations("error")
    assert "Package settings → Manage Actions access" in message
    gate.forbidden.add(one.image)
    again = run.rerun_failed()
    gate.forbidden.clear()
    [(message, _)] = again.annotations("error")
    assert "Settings → Packages → Package creation" in message
    assert registry.tags(one.image) == tags


@pytest.mark.parametrize("event", ["push", "workflow_dispatch"])
def test_tests_that_fail_publish_nothing(
    before: tuple[Repository, dict[str, str]], registry: Registry, event: str
) -> None:
    one, tags = before
    one.write("GNUmakefile", "lint:\n\ntest:\n\tfalse\n")
    one.tests = True
    run = one.run(event, "refs/heads/prerel")
    one.tests = False
    (one.folder / "GNUmakefile").unlink()
    one.commit()
    # After a called workflow that fails, act runs no other job, not even `passed`.
    assert run.between == {"build": "success", "test / test": "failure"}, run.text
    assert "passed" not in run.jobs
    assert run.steps("test / test")["Lint"] == "success"
    assert registry.tags(one.image) == tags


@pytest.mark.parametrize("allowed", [False, True])
def test_a_private_repository_attests_only_when_it_says_that_it_can(
    repository: Make, registry: Registry, allowed: bool
) -> None:
    one = repository(private=True, enterprise=allowed, quick=True, downloads=[])
    variables = {"ATTEST_PRIVATE": "true"} if allowed else {}
    run = one.run("push", "refs/tags/v1.0.0", variables=variables)
    assert run.passed, run.text
    assert in_order(run.jobs, PUBLISHED)
    assert without_date(registry.tags(one.image)) == {"v1.0.0", "latest"}
    kinds = [found["statement"]["predicateType"] for found in one.hosted.attestations]
    assert kinds == ([PROVENANCE, SBOM] if allowed else [])
    notices = [message for message, _ in run.annotations("notice")]
    assert len(notices) == (0 if allowed else 1), notices
    assert ("gh attestation verify" in run.summary_of("publish / tags")) == allowed
