"""The SBOM and the licences of programs that the real PyInstaller made from real wheels.

One folder holds a program whose modules are files, and one that has them in an archive; the third program
is one file. Some of PyInstaller's own packages get inside, because a program tries to import them.
What else is read from PyInstaller's notes is tested here too, so that it is frozen once.
"""

import json
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from freezer import program, sbom
from freezer.components import Component
from freezer.contents import Entry, entries
from freezer.origins import Origins
from freezer.trial import script_of
from packageurl import PackageURL
from uv import find_uv_bin

from tests.support.commands import run
from tests.support.images import Image
from tests.support.join_platforms import join
from tests.support.sboms import assert_lists, parts
from tools.projects import ROOT

PROJECT = """\
[project]
name = "My.Tool"
version = "1.2"
authors = [{name = "Ada Lovelace", email = "ada@example.org"}]
license = "MIT"
dependencies = ["numpy", "cryptography"]
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
"""
SPEC = """\
first = Analysis(["first.py"], pathex=["lib"], noarchive=True)
second = Analysis(["second.py"])
pyz = PYZ(second.pure)
programs = [
    EXE(PYZ(first.pure), first.scripts, name="first", exclude_binaries=True),
    EXE(pyz, second.scripts, name="second", exclude_binaries=True),
]
COLLECT(*programs, first.binaries, first.datas, second.binaries, second.datas, name="folder")
EXE(pyz, second.scripts, second.binaries, second.datas, name="one")
EXE(pyz, first.scripts + second.scripts, exclude_binaries=True, name="both")
"""


class Made(NamedTuple):
    """What PyInstaller made, and what the tests ask."""

    folder: Path
    python: Path

    def entries(self, name: str, called: str = "") -> Sequence[Entry]:
        found: Sequence[Entry] = entries(
            self.folder / "build/tool", self.folder / "dist" / name, called
        )
        return found

    def origins(self) -> Origins:
        return Origins([self.python], self.folder / "build/tool", self.folder / "src", "tool")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Three programs, frozen in an environment that PyInstaller is not installed in."""
    folder = tmp_path_factory.mktemp("made")
    source = folder / "src"
    (source / "my_tool").mkdir(parents=True)
    (source / "pyproject.toml").write_text(PROJECT)
    (source / "LICENSE").write_text("The licence of Ada Lovelace")
    (source / "my_tool/__init__.py").write_text("import numpy, ssl, cryptography.x509")
    (source / "first.py").write_text("import my_tool")
    (source / "second.py").write_text(
        "try:\n import altgraph\nexcept ImportError: pass\nimport sqlite3"
    )
    (source / "tool.spec").write_text(SPEC)
    pinned = yaml.safe_load((ROOT / "copier.yml").read_text())["pyinstaller_version"]["default"]
    installed = {"venv": f"--editable={source}", "tools": f"pyinstaller=={pinned}"}
    for name, wanted in installed.items():
        run(find_uv_bin(), "venv", "--quiet", "--python", sys.executable, source / "build" / name)
        run(find_uv_bin(), "pip", "install", "--quiet", "--python", source / "build" / name, wanted)
    python = source / "build/venv/bin/python"
    [tools] = source.glob("build/tools/lib/python*/site-packages")
    options = [f"--distpath={folder}/dist", f"--workpath={folder}/build", "--log-level=WARN"]
    environment = {**os.environ, "PYTHONPATH": str(tools)}
    run(python, "-m", "PyInstaller", *options, "tool.spec", cwd=source, env=environment)
    return Made(folder, python)


def foreign(entry: Entry) -> bool:
    """Whether a file is one that a program got from PyInstaller's own packages."""
    return "altgraph" in entry.source


@pytest.fixture(scope="module")
def components(made: Made) -> Sequence[Component]:
    """What the folder is made of."""
    wanted = [entry for entry in made.entries("folder") if not foreign(entry)]
    found: Sequence[Component] = made.origins().sort(wanted)
    return found


@pytest.fixture(scope="module")
def document(made: Made, components: Sequence[Component]) -> dict[str, Any]:
    """The SBOM of the folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "1767225600")
        sbom.write(made.origins().program, components, made.folder / "sbom.cdx.json")
    found: dict[str, Any] = json.loads((made.folder / "sbom.cdx.json").read_text())
    return found


def named(document: dict[str, Any], name: str) -> dict[str, Any]:
    """The only component with a name."""
    [found] = [part for part in parts(document) if part["name"] == name]
    return found


def test_each_file_of_the_folder_is_listed_once_with_its_hash(
    made: Made, document: dict[str, Any]
) -> None:
    found = (made.folder / "dist/folder").rglob("*")
    files = {
        path.relative_to(made.folder / "dist").as_posix(): path
        for path in found
        if path.is_file() and not path.is_symlink()
    }
    assert_lists(document, files)
    told = [part for part in parts(document) if part["type"] == "file"]
    archives = [part["name"] for part in told if part["properties"][1]["value"] == "archive"]
    assert sorted(archives) == [
        "folder/_internal/base_library.zip",
        "folder/first",
        "folder/second",
    ]


def test_the_one_file_lists_what_is_packed_into_it(made: Made) -> None:
    found = [entry for entry in made.entries("one", "tool-linux-amd64") if not foreign(entry)]
    inside = {entry.path for entry in found if entry.sha512}
    assert {"tool-linux-amd64", "tool-linux-amd64/base_library.zip"} <= inside
    assert any("libpython" in path or "sqlite3" in path for path in inside)
    names = [component.name for component in made.origins().sort(found)]
    assert "python" in names
    assert not {"numpy", "cryptography"} & set(names)  # it does not import them


def test_the_script_of_each_program_is_known(made: Made) -> None:
    scripts = [script_of(Path("dist") / name, made.folder) for name in ("first", "one")]
    files = [script.file for script in scripts if script]
    assert files == [made.folder / "src/first.py", made.folder / "src/second.py"]
    assert scripts[0]
    assert made.folder / "src/lib" in scripts[0].paths
    # PyInstaller runs one after the other.
    assert script_of(Path("dist/both"), made.folder) is None
    assert script_of(Path("dist/three"), made.folder) is None


def test_a_file_that_nothing_installed_brings_is_refused_with_its_source(
    made: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as error:
        made.origins().sort(made.entries("folder"))
    told = str(error.value)
    assert "folder/second" in told
    assert str(made.folder / "src/build/tools") in told
    assert "altgraph/__init__.py" in told
    assert "excludes" in told


def test_the_document_is_valid_and_says_when_by_what_and_by_whom_it_was_made(
    made: Made, components: Sequence[Component], document: dict[str, Any]
) -> None:
    text = (made.folder / "sbom.cdx.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    metadata = document["metadata"]
    assert metadata["timestamp"] == "2026-01-01T00:00:00Z"
    assert metadata["component"]["name"], metadata["component"]["version"] == ("my-tool", "1.2")
    assert metadata["manufacturer"] == {
        "name": "Ada Lovelace",
        "contact": [{"email": "ada@example.org"}],
    }
    assert "pyinstaller" in [tool["name"] for tool in metadata["tools"]["components"]]
    references = [part["bom-ref"] for part in parts(document) if "bom-ref" in part]
    assert len(references) == len(set(references))
    needs = {edge["ref"]: edge["dependsOn"] for edge in document["dependencies"]}
    assert named(document, "cffi")["bom-ref"] in needs[named(document, "cryptography")["bom-ref"]]
    assert set(needs) == {part["bom-ref"] for part in document["components"]} | {"my-tool"}


def test_nothing_is_listed_of_which_nothing_is_inside(document: dict[str, Any]) -> None:
    names = {part["name"] for part in document["components"]}
    assert {"my-tool", "numpy", "cryptography", "python", "pyinstaller"} <= names
    assert not {"pip", "setuptools", "altgraph", "packaging"} & names


def test_libraries_in_wheels_are_parts_of_them(document: dict[str, Any]) -> None:
    openssl = [part for part in parts(named(document, "cryptography")) if part["name"] == "openssl"]
    assert any(
        part["purl"].startswith("pkg:generic/openssl@") and part["version"] for part in openssl
    )
    [openblas] = [
        part for part in named(document, "numpy")["components"] if "scipy" in part["name"]
    ]
    assert openblas["version"].startswith("0.")
    assert openblas["components"][0]["name"].startswith("folder/_internal/numpy.libs/")


def test_libraries_that_python_uses_are_listed_once(document: dict[str, Any]) -> None:
    """They are linked into Python, are files beside it, or come from a package of the system."""
    sqlite = [
        part for part in parts(document) if "sqlite" in part["name"] and part["type"] != "file"
    ]
    [found] = sqlite
    assert found["version"]


def test_syft_and_packageurl_read_each_component(made: Made, document: dict[str, Any]) -> None:
    file = made.folder / "sbom.cdx.json"
    syft = shutil.which("syft", path=Path(sys.executable).parent)
    assert syft
    environment = {**os.environ, "SYFT_CHECK_FOR_APP_UPDATE": "false"}
    said = json.loads(run(syft, "convert", file, "-o", "cyclonedx-json", env=environment))
    wanted = {part["purl"]: part for part in parts(document) if "purl" in part}
    read = {part["purl"]: part for part in parts(said) if "purl" in part}
    assert read.keys() == wanted.keys()
    for purl, part in wanted.items():
        assert (read[purl]["name"], read[purl].get("version")) == (
            part["name"],
            part.get("version"),
        )
        parsed = PackageURL.from_string(purl)
        assert parsed.to_string() == purl or parsed.type == "cargo" or "download_url" in purl
        assert parsed.name.lower() == part["name"].lower()


def test_each_licence_has_its_text_or_is_named(
    made: Made, components: Sequence[Component], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program.write_licenses(components, tmp_path / "licenses")
    folders = {path.name for path in (tmp_path / "licenses").iterdir()}
    names = {component.name for component in components}
    told = capsys.readouterr().out
    missing = told.partition(": ")[2].strip().split(", ") if told else []
    assert names - folders <= set(missing)
    assert "Ada Lovelace" in (tmp_path / "licenses/my-tool/LICENSE").read_text()
    assert "numpy" in folders


def test_the_documents_of_two_platforms_are_joined_into_one_with_all_files(
    document: dict[str, Any], tmp_path: Path
) -> None:
    other = json.loads(json.dumps(document))
    changed = named(other, "numpy")["components"][-1]
    changed["hashes"][0]["content"] = "0" * 128
    for architecture, described in (("amd64", document), ("arm64", other)):
        image = Image(architecture)
        image.sbom = described
        image.seal()
        image.write(tmp_path)
    assert join(tmp_path, "amd64", "arm64").returncode == 0
    text = (tmp_path / "sbom.cdx.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None

    def files(document: dict[str, Any]) -> set[str]:
        return {json.dumps(part) for part in parts(document) if part["type"] == "file"}

    assert files(json.loads(text)) == files(document) | files(other)
    joined = [part["name"] for part in json.loads(text)["components"]]
    assert sorted(joined) == sorted([part["name"] for part in document["components"]] + ["numpy"])
