"""The image of an app: its program runs anywhere, as anybody, and the smoke test says what is wrong."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.support.commands import run
from tests.support.docker import Docker, local

STRICT = ["--rm", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges"]


def test_the_program_runs(docker: Docker, app_image: str) -> None:
    assert docker("run", "--rm", app_image, "hello", "Ada") == "Hello, Ada!\n"


def test_it_runs_without_root_writes_capabilities_network_or_programs_in_tmp(
    docker: Docker, app_image: str
) -> None:
    limits = [*STRICT, "--network=none", "--tmpfs=/tmp:noexec"]
    assert docker("run", *limits, app_image, "--version") == "my-tool 0.1.0\n"


def test_its_user_is_a_number(docker: Docker, app_image: str) -> None:
    config = json.loads(docker("image", "inspect", app_image))[0]["Config"]
    assert config["User"] == "65532:65532"


def test_wrong_usage_exits_with_2(docker: Docker, app_image: str) -> None:
    result = subprocess.run(["docker", "run", "--rm", app_image, "x"], check=False)
    assert result.returncode == 2


def test_the_smoke_test_passes(app_image: str, app: Path) -> None:
    assert "my-tool 0.1.0" in run("bash", "scripts/smoke", app_image, cwd=app).splitlines()


def test_a_project_adds_its_own_smoke_test(app_image: str, copy: Path) -> None:
    own = copy / "tests/smoke"
    own.write_text('#!/bin/sh\necho "checked $1"\nexit 7\n')
    own.chmod(0o755)
    result = subprocess.run(
        ["bash", "scripts/smoke", app_image], cwd=copy, capture_output=True, text=True, check=False
    )
    assert result.returncode == 7
    assert result.stdout.splitlines()[-1] == f"checked {app_image}"


def test_a_program_that_keeps_caches_passes_and_what_it_needs_is_said(
    docker: Docker, app: Path
) -> None:
    dockerfile = """FROM debian:bookworm-slim
RUN install --directory --owner 65532 /home/nonroot
ENV HOME=/home/nonroot
USER 65532:65532
ENTRYPOINT ["sh", "-c", "mkdir -p ~/.cache/tool && touch /tmp/lock && echo 1.0 >&2"]
"""
    run("docker", "build", "--builder=default", f"--tag={local('caches')}", "-", input=dockerfile)
    said = run("bash", "scripts/smoke", local("caches"), cwd=app).splitlines()
    needs = "--tmpfs /tmp --tmpfs /home/nonroot:uid=65532"
    assert said[-2:] == [f"It writes files: with --read-only it needs {needs}", "1.0"]


@pytest.mark.parametrize(
    ("instruction", "said"),
    [
        ("USER root", "::error file=Dockerfile::USER is 'root'"),
        (
            'ENTRYPOINT ["/app/my-tool", "unknown"]',
            "::error::--version exits with 2 when it is run with --network none --read-only --cap-drop ALL",
        ),
    ],
)
def test_the_smoke_test_fails_and_says_why(
    docker: Docker, app: Path, app_image: str, instruction: str, said: str
) -> None:
    dockerfile = f"FROM {app_image}\n{instruction}\n"
    run("docker", "build", "--builder=default", f"--tag={local('bad')}", "-", input=dockerfile)
    result = subprocess.run(
        ["bash", "scripts/smoke", local("bad")],
        cwd=app,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert any(line.startswith(said) for line in result.stderr.splitlines()), result.stderr
