"""A token may do what its job's `permissions:` say, and a failed job can be run again."""

from collections.abc import Callable
from typing import Any, get_args

from tests.support.registry import Gate
from tests.support.runner import WORKFLOW, Repository
from tests.support.runs import Run
from tests.support.servers import Failure
from tests.support.tokens import Grant
from tests.workflow.small_workflow import action, gh, job, script, workflow

Small = Callable[..., Repository]

FORK: dict[str, Any] = {
    "number": 2,
    "pull_request": {
        "head": {"ref": "theirs", "repo": {"full_name": "Mallory/MyTool"}},
        "base": {"ref": "main", "repo": {"full_name": "Acme-Org/MyTool"}},
    },
}
DRAFT = gh("gh release create v1.0.0 --draft --notes x")


def test_a_job_without_the_right_is_refused(small: Small) -> None:
    for level, result in {"read": "failure", "write": "success"}.items():
        one = small({WORKFLOW: workflow(release=job(DRAFT, permissions={"contents": level}))})
        run = one.run("push")
        assert run.jobs == {"release": result}, run.text
        assert len(one.hosted.releases) == (level == "write")


def test_a_pull_request_of_a_fork_or_of_dependabot_may_only_read(small: Small) -> None:
    rights = {"contents": "write", "id-token": "write", "attestations": "write"}
    attest = action("actions/attest", subject_path="file")
    one = small({WORKFLOW: workflow("pull_request", release=job(DRAFT, permissions=rights))})
    assert one.run("pull_request", "refs/pull/2/merge", **FORK).jobs == {"release": "failure"}
    ours = {**FORK, "pull_request": {"head": {"ref": "x"}, "base": {"ref": "main"}}}
    run = one.run("pull_request", "refs/pull/2/merge", actor="dependabot[bot]", **ours)
    assert run.jobs == {"release": "failure"}
    assert one.hosted.releases == []
    assert one.run("pull_request", "refs/pull/2/merge", **ours).jobs == {"release": "success"}

    attesting = job(script("touch file"), attest, permissions=rights)
    one = small({WORKFLOW: workflow("pull_request", release=attesting)})
    run = one.run("pull_request", "refs/pull/2/merge", **FORK)
    assert run.jobs == {"release": "failure"}
    assert 'missing "id-token" permission' in run.text


def test_the_default_token_of_an_action_is_that_of_its_job(small: Small) -> None:
    files = script("echo x >file")
    attest = action("actions/attest", subject_path="file")
    for rights in ({"id-token": "write"}, {"id-token": "write", "attestations": "write"}):
        one = small({WORKFLOW: workflow(release=job(files, attest, permissions=rights))})
        run = one.run("push")
        assert run.passed == ("attestations" in rights), run.text
        assert bool(one.hosted.attestations) == run.passed


def test_a_called_workflow_has_at_most_the_rights_of_its_caller(small: Small) -> None:
    called = workflow(
        {"workflow_call": None}, release=job(DRAFT, permissions={"contents": "write"})
    )
    for level, result in {"read": "failure", "write": "success"}.items():
        call = {"permissions": {"contents": level}, "uses": "$/.github/workflows/called.yml"}
        files = {WORKFLOW: workflow(call=call), ".github/workflows/called.yml": called}
        run = small(files).run("push")
        assert set(run.jobs.values()) == {result}, run.text


def test_every_request_has_a_number_and_fails_once(small: Small) -> None:
    ask = gh("gh api repos/$GH_REPO --jq .name || gh api repos/$GH_REPO --jq .name")
    one = small({WORKFLOW: workflow(ask=job(ask, ask))})
    whole = one.run("push")
    assert [(r.number, r.server, r.status) for r in whole.traffic] == [
        (1, "api", 200),
        (2, "api", 200),
    ]
    for how in get_args(Failure):
        run = one.run("push", fail=2, how=how)
        assert run.passed, run.text
        assert [request.status for request in run.traffic] == [200, None, 200]


def test_failed_jobs_run_again_with_what_the_others_left(small: Small) -> None:
    count = script(
        'echo "$GITHUB_JOB $ARCH" >>"$ARTIFACTS-ran"; echo x >"$ARCH.txt"',
        ARCH="${{ matrix.arch }}",
    )
    keep = action("actions/upload-artifact", name="built-${{ matrix.arch }}", path="*.txt")
    # The one of arm64 fails in the first attempt, after its upload.
    break_once = script(
        "[[ $GITHUB_RUN_ATTEMPT != 1 || $ARCH == amd64 ]]", ARCH="${{ matrix.arch }}"
    )
    say = {"id": "say", "run": 'printf "said<<E\\none\\ntwo\\nE\\n" >>"$GITHUB_OUTPUT"'}
    take = script('printf "%s" "$SAID" >"$RECORDS/said"', SAID="${{ needs.first.outputs.said }}")
    jobs = {
        "first": job(
            say,
            script('echo first >>"$ARTIFACTS-ran"'),
            outputs={"said": "${{ steps.say.outputs.said }}"},
        ),
        "build": job(
            count,
            keep,
            break_once,
            strategy={"fail-fast": False, "matrix": {"arch": ["amd64", "arm64"]}},
        ),
        "publish": job(take, action("actions/download-artifact"), needs=["first", "build"]),
        "never": {**job(script("false")), "if": "github.event_name == 'schedule'"},
    }
    one = small({WORKFLOW: workflow(**jobs)})
    run = one.run("push")
    assert run.jobs == {"first": "success", "build": "failure"}, run.text
    again = run.rerun_failed()
    assert again.passed, again.text
    assert again.jobs == {"build": "success", "publish": "success"}
    assert (again.folder / "said").read_text() == "one\ntwo"
    assert ran(run) == ["build amd64", "build arm64", "build arm64", "first"]
    assert {name: kept.attempt for name, kept in again.artifacts.items()} == {
        "built-amd64": 1,
        "built-arm64": 2,
    }


def test_failed_jobs_of_a_called_workflow_run_again_alone(small: Small) -> None:
    say = {"id": "say", "run": 'echo said=1 >>"$GITHUB_OUTPUT"'}
    push = job(say, outputs={"said": "${{ steps.say.outputs.said }}"})
    once = script(
        "[[ $GITHUB_RUN_ATTEMPT != 1 && $SAID == 1 ]]", SAID="${{ needs.push.outputs.said }}"
    )
    called = workflow(
        {"workflow_call": {"outputs": {"said": {"value": "${{ jobs.push.outputs.said }}"}}}},
        push=push,
        tags=job(once, needs=["push"]),
    )
    look = script('echo "$SAID" >"$RECORDS/said"', SAID="${{ needs.publish.outputs.said }}")
    jobs = {
        "publish": {"uses": "$/.github/workflows/called.yml"},
        "release": job(look, needs=["publish"]),
    }
    files = {WORKFLOW: workflow(**jobs), ".github/workflows/called.yml": called}
    run = small(files).run("push")
    assert run.jobs == {"publish / push": "success", "publish / tags": "failure"}, run.text
    again = run.rerun_failed()
    assert again.jobs == {"publish / tags": "success", "release": "success"}, again.text
    assert (again.folder / "said").read_text() == "1\n"


def ran(run: Run) -> list[str]:
    """The jobs that ran, in all attempts."""
    return sorted((run.folder.parent / "artifacts-ran").read_text().splitlines())


def test_a_package_that_somebody_pushed_by_hand_refuses_the_workflow(gate: Gate) -> None:
    gate.closed.add("acme-org/by-hand")
    token = gate.tokens.issue(Grant("Acme-Org/By-Hand", "publish", {"packages": "write"}))
    path = "/v2/acme-org/by-hand/blobs/uploads/"
    assert gate.refusal(token, "POST", path) == "permission_denied: write_package"
    gate.closed.remove("acme-org/by-hand")
    assert gate.refusal(token, "POST", path) is None
    reader = gate.tokens.issue(Grant("Acme-Org/By-Hand", "verify", {"packages": "read"}))
    assert gate.refusal(reader, "POST", path) == "permission_denied: write_package"
    assert gate.refusal(reader, "GET", "/v2/acme-org/by-hand/manifests/v1") is None
    other = "/v2/acme-org/other/blobs/uploads/"
    assert gate.refusal(token, "POST", other) == "permission_denied: write_package"
