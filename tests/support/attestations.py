"""Attestations in GitHub's API, and the identity of a job that signs them.

https://docs.github.com/en/rest/repos/attestations
https://docs.github.com/en/actions/reference/security/oidc
"""

import base64
import json
from collections.abc import Mapping
from typing import Any

from tests.support.api import Answer, Call, Refused, route


def coded(value: Any) -> str:
    """A part of a JSON web token."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def claims(
    repository: Mapping[str, Any],
    ref: str,
    sha: str,
    event: str,
    workflow: str,
    called: str,
    run: str,
) -> dict[str, str]:
    """What GitHub's identity token says of a job: `called` is the workflow that the job stands in."""
    name = repository["full_name"]
    ours = f"{name}/{workflow}@{ref}"
    return {
        "iss": "https://token.actions.githubusercontent.com",
        "sub": f"repo:{name}:ref:{ref}",
        "server_url": "https://github.com",
        "repository": name,
        "repository_owner": name.split("/")[0],
        "repository_id": str(repository["id"]),
        "repository_owner_id": str(repository["owner"]["id"]),
        "repository_visibility": repository["visibility"],
        "ref": ref,
        "sha": sha,
        "workflow_ref": ours,
        "workflow_sha": sha,
        "job_workflow_ref": f"{name}/{called}@{ref}",
        "job_workflow_sha": sha,
        "event_name": event,
        "runner_environment": "github-hosted",
        "run_id": run,
        "run_attempt": "1",
    }


@route("GET", "/oidc")
def identity(call: Call) -> Answer:
    """The token that a job signs with; unsigned here, and our Sigstore takes it so."""
    if not call.grant.may("id-token", "write"):
        raise Refused(403, "Resource not accessible by integration")
    said = {**call.grant.claims, "aud": call.query.get("audience", "")}
    # The name that Fulcio gives the certificate is the workflow of the job.
    said["sub"] = f"https://github.com/{said['job_workflow_ref']}"
    return 200, {"value": f"{coded({'alg': 'none'})}.{coded(said)}.x"}


@route("POST", "/repos/{repo}/attestations")
def store(call: Call) -> Answer:
    """Keep a bundle."""
    call.needs("attestations", "write")
    if call.hosted.private and not call.hosted.enterprise:
        raise Refused(
            403, f"Feature not available for the {call.hosted.name.split('/')[0]} organization."
        )
    bundle = call.json["bundle"]
    statement = json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
    call.hosted.attestations.append(
        {"id": call.hosted.next(), "bundle": bundle, "statement": statement}
    )
    return 201, {"id": call.hosted.attestations[-1]["id"]}


@route("GET", "/repos/{repo}/attestations/{digest}")
def fetch(call: Call, digest: str) -> Answer:
    """The bundles of a digest, the newest first."""
    if call.hosted.private and not call.grant.may("attestations", "read"):
        raise Refused(403, "Resource not accessible by integration")
    algorithm, _, value = digest.partition(":")
    predicate_type = call.query.get("predicate_type")
    bundles = [
        {"bundle": one["bundle"], "repository_id": 1, "bundle_url": "", "initiator": "user"}
        for one in reversed(call.hosted.attestations)
        if any(subject["digest"].get(algorithm) == value for subject in one["statement"]["subject"])
        and predicate_type in (None, one["statement"]["predicateType"])
    ]
    if not bundles:
        raise Refused(404, "Not Found")
    return 200, {"attestations": bundles}
