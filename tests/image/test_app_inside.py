"""What an app's image and its download hold beside the program: data, metadata, licences, the SBOM."""

import io
import json
import re
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.support.commands import run
from tests.support.files import write
from tests.support.freezing import Docker, architecture, build, local

PROGRAM = """\
import json
from importlib.metadata import version
from importlib.resources import files

import rich

try:
    import setuptools
except ImportError:
    setuptools = None

def main():
    data = json.loads((files("my_tool") / "data/words.json").read_text())
    print(data["greeting"], version("my-tool"), rich.get_console() is not None, setuptools)
"""

# In the stage that has the project and PyInstaller: what is made quicker, both ways.
NAMES = """\
import sys, sysconfig
from pathlib import Path

sys.path.insert(0, "image")
import quick_pyinstaller as quick

for file in Path(sysconfig.get_path("stdlib")).glob("**/*.py"):
    code = compile(file.read_bytes(), file, "exec")
    nodes = [quick.Node("module"), quick.Node("module")]
    for scan, node in zip((quick.disassemble, quick.scan), nodes):
        scan(None, node, code, False)
    expected, found = (node._global_attr_names for node in nodes)
    assert expected == found, (file, expected ^ found)
    print(len(found))
"""
PROGRAMS = """\
import marshal
from pathlib import Path

def read(folder):
    files = {file.relative_to(folder): file for file in Path(folder).rglob("*") if file.is_file()}
    return {
        name: marshal.loads(file.read_bytes()[16:]) if name.suffix == ".pyc" else file.read_bytes()
        for name, file in files.items()
    }

slow, quick = read("/tmp/slow/my-tool"), read("/dist/my-tool")
assert slow == quick, [name for name in slow | quick if slow.get(name) != quick.get(name)]
print(len(quick))
"""


@pytest.fixture(scope="module")
def project(
    app: Path, lock_once: Callable[[Path], None], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A project with a dependency and a data file; nobody has touched its spec."""
    folder = Path(shutil.copytree(app, tmp_path_factory.mktemp("inside") / "project"))
    metadata = (folder / "pyproject.toml").read_text()
    write(
        folder,
        {
            "pyproject.toml": metadata.replace(
                "dependencies = []", 'dependencies = ["rich==15.0.0"]'
            ),
            "src/my_tool/data/words.json": '{"greeting": "Hello"}\n',
            "src/my_tool/cli.py": PROGRAM,
        },
    )
    lock_once(folder)
    return folder


@pytest.fixture(scope="module")
def image(docker: Docker, project: Path) -> str:
    """The image of that project."""
    run("make", "image", f"IMAGE={local('inside')}", cwd=project)
    return local("inside")


@pytest.fixture(scope="module")
def stage(docker: Docker, project: Path) -> str:
    """The stage in which the program is frozen, before it is."""
    build(project, "--target=project", "--load", f"--tag={local('inside-stage')}")
    return local("inside-stage")


@pytest.fixture(scope="module")
def files(docker: Docker, image: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the image that are not the program's."""
    folder = tmp_path_factory.mktemp("files")
    container = docker("create", image).strip()
    for path in ("licenses", "sbom.cdx.json"):
        docker("cp", f"{container}:/{path}", folder)
    docker("rm", container)
    return folder


@pytest.fixture(scope="module")
def dist(docker: Docker, project: Path) -> Path:
    """What `make binary` and `make sbom` write."""
    run("make", "binary", "sbom", cwd=project)
    return project / "dist"


def test_data_and_version_arrive_in_the_image_and_what_pyinstaller_needs_does_not(
    docker: Docker, image: str
) -> None:
    assert docker("run", "--rm", image) == "Hello 0.1.0 True None\n"


def test_the_quick_way_to_a_modules_global_names_finds_those_that_pyinstaller_finds(
    docker: Docker, stage: str
) -> None:
    found = docker("run", "--rm", stage, "/opt/venv/bin/python", "-c", NAMES).split()
    # An argument above 255 takes a second instruction, so a module with more names has to be there.
    assert max(map(int, found)) > 256


def test_a_program_has_the_same_files_and_code_as_without_what_makes_freezing_quick(
    docker: Docker, stage: str
) -> None:
    quick = "/opt/venv/bin/python -P scripts/freezer/image.py my-tool.spec /dist/my-tool/my-tool"
    slow = "/opt/venv/bin/pyinstaller --distpath /tmp/slow --workpath /tmp/work my-tool.spec"
    script = f"{quick} && {slow} && /opt/venv/bin/python - <<'END'\n{PROGRAMS}END\n"
    assert int(docker("run", "--rm", stage, "bash", "-c", script)) > 100


def test_package_data_and_the_version_arrive_in_both_downloads_which_run_on_plain_debian(
    docker: Docker, dist: Path, tmp_path: Path
) -> None:
    name = f"my-tool-linux-{architecture()}"
    with tarfile.open(dist / f"{name}.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    mounts = [f"--volume={dist}:/dist:ro", f"--volume={tmp_path}:/folder:ro"]
    for program in (f"/dist/{name}", "/folder/my-tool/my-tool"):
        said = docker("run", "--rm", *mounts, "debian:bookworm-slim", program)
        assert said == "Hello 0.1.0 True None\n"


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
    assert names == {
        *("my-tool", "python", "pyinstaller"),
        *("rich", "markdown-it-py", "mdurl", "Pygments"),
    }
    with tarfile.open(dist / f"my-tool-linux-{architecture()}.tar.gz") as archive:
        inside = {
            member.name.removeprefix("my-tool/"): io.TextIOWrapper(content).read()
            for member in archive
            if member.name.startswith("my-tool/licenses/")
            and (content := archive.extractfile(member))
        }
    assert inside == texts
    beside = (dist / f"my-tool-linux-{architecture()}.licenses.txt").read_text()
    for path, license_text in texts.items():
        assert f"=== {path.removeprefix('licenses/')}\n\n{license_text.strip()}\n" in beside


def test_the_sbom_lists_what_was_locked_pyinstaller_and_python_and_nothing_else(
    files: Path, dist: Path
) -> None:
    text = (files / "sbom.cdx.json").read_text()
    sbom: dict[str, Any] = json.loads(text)
    # https://github.com/actions/attest/blob/main/src/sbom.ts
    assert sbom["bomFormat"] == "CycloneDX"
    assert re.fullmatch("urn:uuid:[0-9a-f-]{36}", sbom["serialNumber"])
    assert sbom["specVersion"]
    assert sbom["metadata"]["component"]["name"] == "my-tool"
    components = {component["name"]: component for component in sbom["components"]}
    assert set(components) == {
        *("python", "pyinstaller", "rich", "markdown-it-py", "mdurl", "Pygments"),
    }
    for name, words in (
        ("rich", "shall be included in all"),
        ("python", "PYTHON SOFTWARE FOUNDATION LICENSE"),
    ):
        (text_of,) = components[name]["evidence"]["licenses"]
        assert words in text_of["license"]["text"]["content"]
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    assert text == (dist / f"sbom-{architecture()}.json").read_text()
    downloaded = json.loads((dist / f"my-tool-linux-{architecture()}.cdx.json").read_text())
    assert {component["name"] for component in downloaded["components"]} == set(components)


def test_the_readme_and_the_release_name_the_glibc_that_the_downloads_really_need(
    docker: Docker, project: Path, dist: Path, tmp_path: Path
) -> None:
    with tarfile.open(dist / f"my-tool-linux-{architecture()}.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    build(
        project,
        "--build-arg=DEBIAN=bookworm",
        "--target=toolchain",
        "--load",
        f"--tag={local('glibc')}",
    )
    script = "find /f -type f -exec objdump -T {} + 2>/dev/null | grep -o 'GLIBC_2[.0-9]*'"
    mount = f"--volume={tmp_path}:/f:ro"
    found = docker("run", "--rm", mount, local("glibc"), "bash", "-c", script).split()
    newest = max(int(version.split(".")[1]) for version in found)
    said = (dist / f"glibc-linux-{architecture()}.txt").read_text()
    assert said == f"2.{newest}\n"
    promised = re.search(r"glibc 2\.(\d+)", (project / "README.md").read_text())
    assert promised
    assert newest <= int(promised[1])
