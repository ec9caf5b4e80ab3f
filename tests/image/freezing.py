"""Programs to freeze, and what runs the image of a builder on them."""

import os
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.support.docker import Docker, local

Freeze = Callable[..., subprocess.CompletedProcess[str]]

OWNER = 65531  # of /src; no user of this number exists in the image or here
STRICT = ["--read-only", "--tmpfs=/tmp:exec", "--cap-drop=ALL", "--security-opt=no-new-privileges"]

PYPROJECT = """\
[project]
name = "sample"
version = "1.2.3"
dependencies = [{dependencies}]
[project.scripts]
sample = "sample.cli:main"
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
"""


def files(source: Path) -> set[str]:
    """The names in the mounted folder."""
    return {path.name for path in source.iterdir()}


def freezer(image: str, source: Path) -> Freeze:
    """What runs an image on a folder, which belongs to OWNER."""

    def freeze(
        *arguments: str, options: Sequence[str] = (), mode: str = "rw"
    ) -> subprocess.CompletedProcess[str]:
        for path in [source, *source.rglob("*")]:
            os.chown(path, OWNER, OWNER, follow_symlinks=False)
        command = ["docker", "run", "--rm", f"--volume={source}:/src:{mode}", *options]
        return subprocess.run(
            [*command, image, *arguments], capture_output=True, text=True, check=False
        )

    if os.geteuid() != 0:
        pytest.skip("only root can give a folder to another user")
    return freeze


def start(docker: Docker, source: Path, program: str, *arguments: str) -> str:
    """Start what was frozen for Linux, where there is no Python."""
    mount = f"--volume={source / 'dist'}:/dist:ro"
    return docker("run", "--rm", mount, "debian:bookworm-slim", f"/dist/{program}", *arguments)


def seconds_to_stop(docker: Docker, freeze: Freeze, source: Path) -> float:
    """How long `docker stop` takes while PyInstaller is at work."""
    (source / "hello.spec").write_text(
        "print('waiting', flush=True)\nimport time\ntime.sleep(60)\n"
    )
    name = local(f"stop-{os.getpid()}")  # the tests of the other target may run beside these
    freeze(options=["--detach", f"--name={name}"])
    try:
        while "waiting" not in docker("logs", name):
            time.sleep(0.2)
        begin = time.monotonic()
        docker("stop", name)
        return time.monotonic() - begin
    finally:
        subprocess.run(["docker", "rm", "--force", name], capture_output=True, check=False)
