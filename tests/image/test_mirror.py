"""Base images come from where the keys in versions.env say."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.image.building import build
from tests.support.commands import run
from tests.support.docker import local
from tests.support.rendering import Scaffold
from tools.projects import set_versions

Docker = Callable[..., str]


@pytest.fixture
def mirror(docker: Docker) -> str:
    """A registry for base images; without one the test is skipped, with the reason."""
    address = os.environ.get("REGISTRY", "localhost:5000")
    try:
        urlopen(f"http://{address}/v2/", timeout=5).close()
    except URLError:
        pytest.skip(f"no registry answers at {address}: set REGISTRY, or start one")
    return f"{address}/mirror"


def bases(project: Path) -> set[str]:
    """The base images of a project's image and its downloads, as the Dockerfile names them."""
    lines = run("bash", ".github/scripts/ids", "echo", cwd=project)
    text = (project / "Dockerfile").read_text()
    values = dict(re.findall(r"(?m)^ARG (\w+)=(.+)$", text))
    values |= dict(re.findall(r"--build-arg (\w+)=(\S+)", lines))
    named = re.findall(r"(?m)^FROM (\$\{(?:DOCKER_HUB|DISTROLESS)\}\S+)", text)
    return {re.sub(r"\$\{(\w+)\}", lambda name: values[name[1]], base) for base in named}


def test_an_image_is_built_with_nothing_but_a_mirrors_base_images(
    docker: Docker, scaffold: Scaffold, mirror: str
) -> None:
    project = scaffold(project_name="Mirrored")
    originals = bases(project)
    assert len(originals) == 3
    set_versions(project, {"DOCKER_HUB": mirror, "DISTROLESS": mirror})
    copies = bases(project)
    for original in originals:
        (copy,) = [name for name in copies if name.endswith(original.rpartition("/")[2])]
        docker("tag", original, copy)
        docker("push", "--quiet", copy)
        docker("rmi", copy)
    output = build(project, "--pull", f"--tag={local('mirrored')}")
    loaded = set(re.findall(r"load metadata for (\S+)", output))
    # The third one is for the downloads.
    assert loaded == {copy for copy in copies if "/debian:" not in copy}
    assert all(copy.startswith(f"{mirror}/") for copy in copies)
    assert docker("run", "--rm", local("mirrored"), "--version").startswith("mirrored ")
