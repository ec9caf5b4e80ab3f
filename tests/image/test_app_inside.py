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

from tests.support.commands import run
from tests.support.files import write
from tests.support.freezing import Docker, architecture, build

PROGRAM = """\
import json
from importlib.metadata import version
from importlib.resources import files

import rich

data = json.loads((files("my_tool") / "data/words.json").read_text())
print(data["greeting"], version("my-tool"), rich.get_console() is not None)
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
            "src/my_tool/__main__.py": PROGRAM,
        },
    )
    lock_once(folder)
    return folder


@pytest.fixture(scope="module")
def image(docker: Docker, project: Path) -> str:
    """The image of that project."""
    run("make", "image", "IMAGE=test-inside", cwd=project)
    return "test-inside"


@pytest.fixture(scope="module")
def files(docker: Docker, image: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of that image which are not the program's."""
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


def test_package_data_and_the_version_arrive_in_the_image(docker: Docker, image: str) -> None:
    assert docker("run", "--rm", image) == "Hello 0.1.0 True\n"


def test_package_data_and_the_version_arrive_in_the_download_which_runs_on_plain_debian(
    docker: Docker, dist: Path
) -> None:
    program = f"/dist/my-tool-linux-{architecture()}"
    mount = f"--volume={dist}:/dist:ro"
    assert docker("run", "--rm", mount, "debian:bookworm-slim", program) == "Hello 0.1.0 True\n"


def test_the_download_is_one_file_with_its_licences_and_the_sbom_beside_it(dist: Path) -> None:
    arch = architecture()
    assert {file.name for file in dist.iterdir()} == {
        f"my-tool-linux-{arch}",
        f"licenses-{arch}.tar.gz",
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
    with tarfile.open(dist / f"licenses-{architecture()}.tar.gz") as archive:
        beside = {
            member.name: io.TextIOWrapper(content).read()
            for member in archive
            if (content := archive.extractfile(member))
        }
    assert beside == texts


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
    licenses = json.dumps(components["rich"]["licenses"])
    assert "shall be included in all" in licenses, "it carries no text of the licence"
    assert text == (dist / f"sbom-{architecture()}.json").read_text()


def test_the_readme_names_the_glibc_that_the_download_really_needs(
    docker: Docker, app: Path
) -> None:
    build(app, "--build-arg=DEBIAN=bookworm", "--target=freeze", "--load", "--tag=test-glibc")
    script = (
        "find /dist/my-tool -type f -exec objdump -T {} + 2>/dev/null | grep -o 'GLIBC_2[.0-9]*'"
    )
    found = docker("run", "--rm", "test-glibc", "bash", "-c", script).split()
    newest = max(int(version.split(".")[1]) for version in found)
    promised = re.search(r"glibc 2\.(\d+)", (app / "README.md").read_text())
    assert promised
    assert newest <= int(promised[1])
