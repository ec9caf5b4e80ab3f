"""The README's jobs: GitHub Actions and GitLab freeze a checkout with the image."""

import re
from pathlib import Path
from typing import Any

import yaml

from tests.support.commands import run
from tests.support.docker import Docker
from tests.support.files import write

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


def test_the_job_of_github_actions_runs_the_image_as_the_tests_do(
    builder: Path, builder_image: str
) -> None:
    """tests/image/test_builder.py freezes a script by this command."""
    job, _ = jobs(builder)
    script = local(job["steps"][-1]["run"], builder, builder_image)
    assert script == f'docker run --rm --volume "$PWD:/src" {builder_image}'


def test_the_job_of_gitlab_freezes_a_checkout(
    docker: Docker, builder: Path, builder_image: str, tmp_path: Path
) -> None:
    checkout = tmp_path / "checkout"
    write(checkout, {"main.py": "print('hello')\n"})
    _, job = jobs(builder)
    image = local(job["image"]["name"], builder, builder_image)
    assert job["image"]["entrypoint"] == [""]
    options = [f"--volume={checkout}:{CHECKOUT}", f"--workdir={CHECKOUT}", "--entrypoint="]
    script = "\n".join(["set -e", *job["script"]])
    docker("run", "--rm", *options, f"--env=CI_PROJECT_DIR={CHECKOUT}", image, "sh", "-c", script)
    assert {path.name for path in checkout.iterdir()} == {"main.py", *job["artifacts"]["paths"]}
    assert run(checkout / "dist/main/main") == "hello\n"
