"""The image of an app: its program runs anywhere, as anybody, and ends when it is told to."""

import json
import subprocess
import time
from pathlib import Path

import pytest

from tests.support.commands import run
from tests.support.freezing import Docker, local

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


@pytest.mark.parametrize(("signal", "code"), [("TERM", 143), ("INT", 130)])
def test_a_signal_ends_it_within_a_second(
    docker: Docker, app_image: str, signal: str, code: int
) -> None:
    name = local(f"signal-{signal.lower()}")
    docker("run", "--detach", f"--name={name}", app_image, "hello", "--every", "60")
    try:
        while docker("logs", name) != "Hello, World!\n":
            time.sleep(0.1)
        start = time.monotonic()
        docker("stop", "--signal", signal, name)
        assert time.monotonic() - start < 1
        assert docker("inspect", "--format={{.State.ExitCode}}", name) == f"{code}\n"
    finally:
        docker("rm", "--force", name)


def test_wrong_usage_exits_with_2(docker: Docker, app_image: str) -> None:
    done = subprocess.run(["docker", "run", "--rm", app_image, "x"], check=False)
    assert done.returncode == 2


def test_the_smoke_test_passes(app: Path, app_image: str) -> None:
    assert "my-tool 0.1.0" in run("bash", "scripts/smoke", app_image, cwd=app).splitlines()


def test_a_project_adds_its_own_smoke_test(copy: Path, app_image: str) -> None:
    own = copy / "tests/smoke"
    own.write_text('#!/bin/sh\necho "checked $1"\nexit 7\n')
    own.chmod(0o755)
    done = subprocess.run(
        ["bash", "scripts/smoke", app_image], cwd=copy, capture_output=True, text=True, check=False
    )
    assert done.returncode == 7
    assert done.stdout.splitlines()[-1] == f"checked {app_image}"


def test_the_smoke_test_refuses_root(docker: Docker, app: Path, app_image: str) -> None:
    dockerfile = f"FROM {app_image}\nUSER root\n"
    run("docker", "build", "--builder=default", f"--tag={local('root')}", "-", input=dockerfile)
    done = subprocess.run(
        ["bash", "scripts/smoke", local("root")],
        cwd=app,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "file=Dockerfile" in done.stderr
