"""The README's jobs: GitHub Actions and GitLab freeze a checkout with the image."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.files import write
from tests.support.freezing import Docker

CHECKOUT = "/builds/group/project"  # where GitLab's runner puts it


def jobs(project: Path) -> list[dict[str, Any]]:
    """The jobs in the README, parsed: that of GitHub Actions, and that of GitLab."""
    blocks = re.findall(r"(?s)```yaml\n(.*?)```", (project / "README.md").read_text())
    github, gitlab = map(yaml.safe_load, blocks)
    return [github["jobs"]["freeze"], gitlab["freeze"]]


def local(text: str, project: Path, image: str) -> str:
    """A text in which the published image is this machine's."""
    name = re.search(r"docker run .*(ghcr\.io/\S+)", (project / "README.md").read_text())
    assert name
    published = f"{name[1]}@sha256:…"
    assert published in text
    return text.replace(published, image)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of a repository with one script."""
    folder = tmp_path / "checkout"
    write(folder, {"main.py": "print('hello')\n"})
    return folder


def test_the_job_of_github_actions_freezes_a_checkout(
    builder: Path, builder_image: str, checkout: Path
) -> None:
    job, _ = jobs(builder)
    script = local(job["steps"][-1]["run"], builder, builder_image)
    bash = shutil.which("bash") or "bash"
    subprocess.run([bash, "-e", "-c", script], cwd=checkout, check=True)
    said = subprocess.run([checkout / "dist/main/main"], capture_output=True, text=True, check=True)
    assert said.stdout == "hello\n"


def test_the_job_of_gitlab_freezes_a_checkout(
    docker: Docker, builder: Path, builder_image: str, checkout: Path
) -> None:
    _, job = jobs(builder)
    image = local(job["image"]["name"], builder, builder_image)
    assert job["image"]["entrypoint"] == [""]
    options = [f"--volume={checkout}:{CHECKOUT}", f"--workdir={CHECKOUT}", "--entrypoint="]
    script = "\n".join(["set -e", *job["script"]])
    docker("run", "--rm", *options, f"--env=CI_PROJECT_DIR={CHECKOUT}", image, "sh", "-c", script)
    assert {path.name for path in checkout.iterdir()} == {"main.py", *job["artifacts"]["paths"]}
    said = subprocess.run([checkout / "dist/main/main"], capture_output=True, text=True, check=True)
    assert said.stdout == "hello\n"
