"""Small workflows, written as their jobs and steps."""

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

Step = dict[str, Any]
# act gives every step a token. In another home gh finds none either.
FORGET_THE_LOGIN = "unset GH_TOKEN GITHUB_TOKEN; export GH_CONFIG_DIR=$RUNNER_TEMP/no-login"


def script(text: str, **environment: str) -> Step:
    """A step that runs a script."""
    return {"run": text, **({"env": environment} if environment else {})}


def gh(text: str) -> Step:
    """A step that runs gh with the token of its job."""
    return script(text, GH_TOKEN="${{ github.token }}", GH_REPO="${{ github.repository }}")


def action(name: str, /, **inputs: str) -> Step:
    """A step that uses an action: action("actions/upload-artifact", if_no_files_found="error")."""
    given = {key.replace("_", "-"): value for key, value in inputs.items()}
    return {"uses": f"{name}@{'0' * 40}", **({"with": given} if given else {})}


def login(registry: str) -> Step:
    """A step that logs in to a registry with the token of its job."""
    token = "${{ github.token }}"
    return action(
        "docker/login-action", registry=registry, username="${{ github.actor }}", password=token
    )


def job(
    *steps: Step,
    needs: Sequence[str] = (),
    permissions: Mapping[str, str] | None = None,
    runner: str = "ubuntu-24.04",
    **more: Any,
) -> dict[str, Any]:
    """A job."""
    found: dict[str, Any] = {"runs-on": runner, "permissions": dict(permissions or {})}
    found.update({"needs": list(needs)} if needs else {}, **more)
    return {**found, "steps": list(steps)}


def workflow(on: Any = "push", **jobs: dict[str, Any]) -> str:
    """A workflow without rights but those of its jobs."""
    whole = {"name": "Docker image", "on": on, "permissions": {}, "jobs": jobs}
    return yaml.safe_dump(whole, sort_keys=False, width=10_000)
