"""What an app's image and its download hold beside the program: data, metadata, licences, the SBOM."""

import io
import json
import re
import shutil
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.image.building import architecture
from tests.support.commands import run
from tests.support.docker import Docker, local
from tests.support.files import write
from tests.support.samples import sample
from tests.support.sboms import assert_lists
from tools.projects import read_versions, set_versions

NAME = f"my-tool-linux-{architecture()}"
OURS = ("python", "pyinstaller", "rich", "markdown-it-py", "mdurl", "pygments")
EXTRA = '[project.optional-dependencies]\npretty = ["rich==15.0.0"]\n\n[dependency-groups]\n'


@pytest.fixture(scope="module")
def project(
    app: Path, lock_once: Callable[[Path], None], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A project with an extra that is frozen, and a data file; nobody has touched its spec."""
    folder = Path(shutil.copytree(app, tmp_path_factory.mktemp("inside") / "project"))
    metadata = (folder / "pyproject.toml").read_text()
    write(folder, {"pyproject.toml": metadata.replace("[dependency-groups]\n", EXTRA)})
    sample("inside", folder)
    set_versions(folder, {"EXTRAS": "pretty"})
    lock_once(folder)
    return folder


@pytest.fixture(scope="module")
def image(docker: Docker, project: Path) -> str:
    """The image of that project."""
    run("make", "image", f"IMAGE={local('inside')}", cwd=project)
    return local("inside")


@pytest.fixture(scope="module")
def files(docker: Docker, image: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the image that are not its base's."""
    folder = tmp_path_factory.mktemp("files")
    container = docker("create", image).strip()
    for path in ("licenses", "sbom.cdx.json", "app", "usr/lib/libz.so.1"):
        docker("cp", f"{container}:/{path}", folder)
    docker("rm", container)
    return folder


@pytest.fixture(scope="module")
def dist(docker: Docker, project: Path) -> Path:
    """What `make binary` and `make sbom` write."""
    run("make", "binary", "sbom", cwd=project)
    return project / "dist"


def test_data_the_version_and_certificates_are_in_the_image_and_no_tool_is(
    docker: Docker, image: str
) -> None:
    assert docker("run", "--rm", image) == "Hello 0.1.0 True\nTrue\n"


def test_docker_stop_ends_a_service_that_writes_to_a_volume_and_knows_time_zones(
    docker: Docker, image: str
) -> None:
    name = local("service")
    volume = f"--volume={name}:/home/nonroot"
    docker("run", "--detach", "--read-only", volume, f"--name={name}", image, "serve")
    try:
        while not (output := docker("logs", name)):
            assert docker("inspect", "--format={{.State.Status}}", name) == "running\n"
            time.sleep(0.1)
        assert output == "Europe/Berlin\n"
        docker("stop", name)
        # Not 137, with which Docker kills it after ten seconds.
        assert docker("inspect", "--format={{.State.ExitCode}}", name) == "143\n"
    finally:
        docker("rm", "--force", name)
        docker("volume", "rm", name)


def test_package_data_and_the_version_arrive_in_both_downloads_which_run_on_an_old_debian(
    docker: Docker, dist: Path, tmp_path: Path
) -> None:
    name = f"my-tool-linux-{architecture()}"
    with tarfile.open(dist / f"{name}.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    mounts = [f"--volume={dist}:/dist:ro", f"--volume={tmp_path}:/folder:ro"]
    for program in (f"/dist/{name}", "/folder/my-tool/my-tool"):
        output = docker("run", "--rm", *mounts, "debian:bullseye-slim", program)
        assert output.splitlines()[0] == "Hello 0.1.0 True"
        assert "is inside" not in output


def test_the_downloads_are_one_file_and_a_folder_with_their_licences_and_the_sbom(
    dist: Path,
) -> None:
    arch = architecture()
    name = f"my-tool-linux-{arch}"
    assert {file.name for file in dist.iterdir()} == {
        *(name, f"{name}.tar.gz", f"{name}.licenses.txt", f"{name}.cdx.json"),
        f"glibc-linux-{arch}.txt",
        f"sbom-{arch}.json",
    }


def test_the_licence_of_each_part_is_in_the_image_and_beside_the_download(
    files: Path, dist: Path
) -> None:
    texts = {
        file.relative_to(files).as_posix(): file.read_text()
        for file in (files / "licenses").rglob("*")
        if file.is_file()
    }
    # rich's asks for this: "The above copyright notice and this permission notice shall be
    # included in all copies". https://github.com/Textualize/rich/blob/master/LICENSE
    assert "shall be included in all" in texts["licenses/rich/LICENSE"]
    assert "PYTHON SOFTWARE FOUNDATION LICENSE" in texts["licenses/python/LICENSE.txt"]
    assert "Ada Lovelace" in texts["licenses/my-tool/LICENSE"]
    names = {path.split("/")[1] for path in texts}
    assert {*OURS, "my-tool", "zlib1g", "common-licenses"} <= names
    assert "shall be included in all" in (dist / f"{NAME}.licenses.txt").read_text()
    with tarfile.open(dist / f"{NAME}.tar.gz") as archive:
        inside = {
            member.name.removeprefix("my-tool/"): io.TextIOWrapper(content).read()
            for member in archive
            if member.name.startswith("my-tool/licenses/")
            and (content := archive.extractfile(member))
        }
    # Frozen on another system, the downloads hold libraries of other packages.
    assert {path: text for path, text in texts.items() if path.split("/")[1] in OURS} == {
        path: text for path, text in inside.items() if path.split("/")[1] in OURS
    }
    beside = (dist / f"{NAME}.licenses.txt").read_text()
    for path, license_text in inside.items():
        assert f"=== {path.removeprefix('licenses/')}\n\n{license_text.strip()}\n" in beside


def test_the_sbom_lists_all_that_is_inside_and_nothing_else(files: Path, dist: Path) -> None:
    text = (files / "sbom.cdx.json").read_text()
    sbom: dict[str, Any] = json.loads(text)
    # https://github.com/actions/attest/blob/main/src/sbom.ts
    assert sbom["bomFormat"] == "CycloneDX"
    assert re.fullmatch("urn:uuid:[0-9a-f-]{36}", sbom["serialNumber"])
    assert sbom["specVersion"]
    assert sbom["metadata"]["component"]["name"] == "my-tool"
    components = {component["name"]: component for component in sbom["components"]}
    debian = {
        name for name, one in components.items() if one.get("purl", "").startswith("pkg:deb/")
    }
    assert {"zlib1g", "libssl3t64"} <= debian
    assert set(components) - debian == {*OURS, "my-tool"}
    for name, words in (
        ("rich", "shall be included in all"),
        ("python", "PYTHON SOFTWARE FOUNDATION LICENSE"),
    ):
        (text_of,) = components[name]["evidence"]["licenses"]
        assert words in text_of["license"]["text"]["content"]
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    assert text == (dist / f"sbom-{architecture()}.json").read_text()
    downloaded = json.loads((dist / f"{NAME}.cdx.json").read_text())
    assert {*OURS, "my-tool"} <= {component["name"] for component in downloaded["components"]}


def test_each_file_of_the_image_and_of_the_downloads_is_listed_with_its_component(
    files: Path, dist: Path, tmp_path: Path
) -> None:
    inside = {"usr/lib/libz.so.1": files / "libz.so.1"}
    inside |= {path.relative_to(files).as_posix(): path for path in regular(files / "app")}
    assert_lists(json.loads((files / "sbom.cdx.json").read_text()), inside)

    with tarfile.open(dist / f"{NAME}.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    shutil.rmtree(tmp_path / "my-tool/licenses")
    packed = {path.relative_to(tmp_path).as_posix(): path for path in regular(tmp_path)}
    packed |= {NAME: dist / NAME}
    assert_lists(json.loads((dist / f"{NAME}.cdx.json").read_text()), packed)


def regular(folder: Path) -> Iterator[Path]:
    """The files in a folder, without links."""
    return (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def test_the_release_names_the_glibc_that_the_downloads_really_need(
    docker: Docker, project: Path, dist: Path, tmp_path: Path
) -> None:
    with tarfile.open(dist / f"{NAME}.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    script = "find /f -type f -exec objdump -T {} + 2>/dev/null | grep -o 'GLIBC_2[.0-9]*'"
    versions = read_versions(project / "versions.env")
    base = f"quay.io/pypa/manylinux_2_28:{versions['MANYLINUX_VERSION']}"
    found = docker("run", "--rm", f"--volume={tmp_path}:/f:ro", base, "bash", "-c", script).split()
    newest = max(int(version.split(".")[1]) for version in found)
    assert (dist / f"glibc-linux-{architecture()}.txt").read_text() == f"2.{newest}\n"
    assert newest <= int(versions.get("GLIBC_MAX", "2.28").split(".")[1])
