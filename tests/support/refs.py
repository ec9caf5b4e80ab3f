"""A repository and its references in GitHub's API, and the start of its workflows.

https://docs.github.com/en/rest/git/refs
"""

import re
import subprocess
from pathlib import Path
from typing import Any

from tests.support.api import Answer, Call, Refused, route
from tests.support.artifacts import delete, lines
from tests.support.git import git
from tests.support.releases import tags


def reference(name: str, commit: str) -> dict[str, Any]:
    """A reference as the API describes it."""
    return {"ref": name, "object": {"sha": commit, "type": "commit"}}


@route("GET", "/repos/{repo}/git/matching-refs/{prefix...}")
def matching(call: Call, prefix: str) -> Answer:
    """The references that begin so."""
    call.needs("contents", "read")
    text = git(call.hosted.folder, "for-each-ref", "--format=%(refname) %(objectname)")
    lines = [line.split() for line in text.splitlines()]
    return 200, [reference(*line) for line in lines if line[0].startswith(f"refs/{prefix}")]


@route("GET", "/repos/{repo}/git/ref/{name...}")
def one_ref(call: Call, name: str) -> Answer:
    """One reference."""
    call.needs("contents", "read")
    known = git(call.hosted.folder, "for-each-ref", "--format=%(refname) %(objectname)")
    found = dict(line.rsplit(" ", 1) for line in known.splitlines()).get(f"refs/{name}")
    if not found:
        raise Refused(404, "Not Found")
    return 200, reference(f"refs/{name}", found)


@route("POST", "/repos/{repo}/git/refs")
def make_ref(call: Call) -> Answer:
    """A new reference."""
    call.needs("contents", "write")
    name, commit = call.json["ref"], call.json["sha"]
    if git(call.hosted.folder, "for-each-ref", name):
        raise Refused(422, "Reference already exists")
    git(call.hosted.folder, "update-ref", name, commit)
    return 201, reference(name, commit)


@route("GET", "/repos/{repo}/tags")
def list_tags(call: Call) -> Answer:
    """The tags, the highest version last named first."""
    call.needs("contents", "read")
    return 200, [
        {"name": tag, "commit": {"sha": commit}}
        for tag, commit in sorted(tags(call.hosted).items(), reverse=True)
    ]


@route("GET", "/repos/{repo}/commits/{ref...}")
def one_commit(call: Call, ref: str) -> Answer:
    """A commit by its name, a branch or a tag."""
    call.needs("contents", "read")
    name = f"{ref}^{{commit}}"
    result = subprocess.run(
        ["git", "rev-parse", "--verify", "--quiet", "--end-of-options", name],
        cwd=call.hosted.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        raise Refused(422, f"No commit found for SHA: {ref}")
    return 200, {"sha": result.stdout.strip()}


@route("GET", "/repos/{repo}")
def repository(call: Call) -> Answer:
    """What the repository is."""
    return 200, call.hosted.describe()


def workflow(call: Call, file: str) -> dict[str, Any]:
    """A workflow, by the name of its file or by its number."""
    folder = call.hosted.folder / ".github/workflows"
    for number, path in enumerate(sorted(folder.glob("*.y*ml")), start=101):
        if file in (path.name, str(number)):
            where = f".github/workflows/{path.name}"
            return {"id": number, "name": path.name, "path": where, "state": "active"}
    raise Refused(404, "Not Found")


@route("GET", "/repos/{repo}/actions/workflows/{file}")
def read_workflow(call: Call, file: str) -> Answer:
    """What gh asks for before it starts one."""
    call.needs("actions", "read")
    return 200, workflow(call, file)


@route("POST", "/repos/{repo}/actions/workflows/{file}/dispatches")
def dispatch(call: Call, file: str) -> Answer:
    """Start a workflow: here it is written down. A workflow's token may do so too.

    https://docs.github.com/en/rest/actions/workflows#create-a-workflow-dispatch-event
    """
    call.needs("actions", "write")
    path, request = workflow(call, file)["path"], call.json
    refs = git(call.hosted.folder, "for-each-ref", "--format=%(refname)").split()
    if not {f"refs/{kind}/{request['ref']}" for kind in ("heads", "tags")} & set(refs):
        raise Refused(422, f"No ref found for: {request['ref']}")
    text = git(call.hosted.folder, "show", f"{request['ref']}:{path}")
    if not re.search(r"\bworkflow_dispatch\b", text):
        raise Refused(422, "Workflow does not have 'workflow_dispatch' trigger")
    started = {key: request[key] for key in ("ref", "inputs") if request.get(key)}
    call.hosted.dispatches.append({"workflow": Path(path).name, **started})
    return 204, None


@route("GET", "/repos/{repo}/actions/runs/{run}/artifacts")
def list_artifacts(call: Call, run: str) -> Answer:
    """The artifacts of the newest run.

    https://docs.github.com/en/rest/actions/artifacts
    """
    call.needs("actions", "read")
    found = [{"id": one["id"], "name": one["name"]} for one in lines(call.hosted.artifacts)]
    return 200, {"total_count": len(found), "artifacts": found}


@route("DELETE", "/repos/{repo}/actions/artifacts/{number}")
def delete_artifact(call: Call, number: str) -> Answer:
    """Delete one."""
    call.needs("actions", "write")
    if not delete(call.hosted.artifacts, int(number)):
        raise Refused(404, "Not Found")
    return 204, None
