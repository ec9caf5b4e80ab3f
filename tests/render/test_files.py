"""The generated files: any text leaves them intact, and each kind has the files that it should."""

import ast
import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement
from pytest_copie.plugin import Copie

from scripts.answers import PYTHONS
from tests.support.rendering import ANSWERS, Render, combinations, distinct, macros
from tools.projects import KINDS, ROOT, read_versions

TEXT = macros("text")
NASTY = [
    "Café “Zoë” 工具 🚀 tool",
    "tool \"double\" 'single' \\ back\\slash `tick` ${{ github.token }} {{ jinja }} [[ x ]] [% y %]",
    "tool\nwith\r\nnew\tlines\x0band\x85\u2028separators",
    "tool # not: a comment, <b>html</b> <!-- -- --> *stars* _under_ | pipe & more %s %% \x7f",
    "tool " + "very long " * 30,
    "---\ntool: yes",
]


def parse(*projects: Path) -> None:
    """Parse every file of projects by its own format; whatever is broken raises."""
    for file in distinct(projects, "**/*"):
        text = file.read_text()
        assert text.endswith("\n"), file
        assert not re.search(r"[^\S\n]\n|\n\n\Z|\n\n\n\n", text) or file.name == "LICENSE", file
        match file.suffix:
            case ".toml":
                tomllib.loads(text)
            case ".yml":
                yaml.safe_load(text)
            case ".py" | ".spec":
                ast.parse(text)
            case _ if "copier-answers" in file.name:
                yaml.safe_load(text)


def test_every_combination_of_answers_renders_files_that_parse(render: Render) -> None:
    parse(*(render(**answers) for answers in combinations()))


def test_no_line_of_jinja_swallows_the_only_blank_line() -> None:
    for file in sorted((ROOT / "template").rglob("*.jinja")):
        text = file.read_text()
        found = re.search(r"(?m)^(?! *#%).*\S.*\n(?: *#%.*\n)+(?=\n)", text)
        line = text.count("\n", 0, found.end()) if found else 0
        assert not found, f"{file}:{line}: move the blank line above the lines that begin with #%"


@pytest.mark.parametrize("kind", ["app", "linux-builder"])
@pytest.mark.parametrize("text", NASTY)
def test_no_text_breaks_a_generated_file(render: Render, kind: str, text: str) -> None:
    project = render(**KINDS[kind], project_name=text, description=text, author_name=text)
    parse(project)
    if kind == "app":
        metadata = tomllib.loads((project / "pyproject.toml").read_text())["project"]
        assert metadata["description"] == TEXT.one_line(text)


@given(text=st.text(min_size=1).filter(str.strip))
def test_any_text_is_one_line_that_toml_json_and_python_read_alike(text: str) -> None:
    one_line, quoted = TEXT.one_line(text), TEXT.quoted(TEXT.one_line(text))
    assert tomllib.loads(f"x = {quoted}")["x"] == one_line
    assert json.loads(quoted) == ast.literal_eval(quoted) == one_line
    assert re.sub(r"\s+", " ", one_line).strip() == one_line
    assert one_line.replace(" ", "") == re.sub(r"[\s\x00-\x1f\x7f-\x9f]+", "", text)


def test_pytest_copie_renders_it_too(copie: Copie) -> None:
    result = copie.copy(extra_answers={**ANSWERS, "license": "none"})
    assert result.exit_code == 0, result.exception
    assert result.project_dir
    parse(result.project_dir)
    assert not (result.project_dir / "LICENSE").exists()
    metadata = tomllib.loads((result.project_dir / "pyproject.toml").read_text())["project"]
    assert "license" not in metadata


def test_every_licence_has_its_text() -> None:
    choices = yaml.safe_load((ROOT / "copier.yml").read_text())["license"]["choices"]
    texts = {file.stem for file in (ROOT / "licenses").glob("*.txt")}
    wrong = [f"licenses/{name}.txt" for name in sorted(texts ^ (set(choices) - {"none"}))]
    assert not wrong, f"missing, or no choice of `license` in copier.yml: {wrong}"


@pytest.mark.parametrize("license", ["MIT", "BSD-3-Clause", "GPL-3.0-or-later"])
def test_the_licence_is_there_in_full_and_named(render: Render, license: str) -> None:
    project = render(license=license, author_name="Zoë O’Neil")
    text = (project / "LICENSE").read_text()
    answers = yaml.safe_load((project / ".copier-answers.yml").read_text())
    source = (ROOT / f"licenses/{license}.txt").read_text()
    for name, value in {
        "copyright_year": answers["copyright_year"],
        "one_line(author_name)": "Zoë O’Neil",
    }.items():
        source = source.replace(f"[[ {name} ]]", value)
    assert text == source
    assert "[[" not in text
    assert ("Zoë O’Neil" in text) == (license != "GPL-3.0-or-later")
    metadata = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    assert metadata["license"] == license


def test_an_app_with_nothing_to_download_has_no_trace_of_it(render: Render) -> None:
    project = render(downloads=[])
    names = {file.name for file in project.glob(".github/*/*")}
    assert not names & {
        "downloads.yml",
        "publish-release.yml",
        "gather",
        "release",
        "start",
    }
    for file in (*project.glob(".github/workflows/*"), *project.rglob("R*.md")):
        assert not re.search(
            "downloads.yml|publish-release.yml|SHA256SUMS|[Dd]ownload ", file.read_text()
        ), file


@pytest.mark.parametrize("kind", ["app", "builder"])
def test_a_readme_stays_right_when_an_answer_changes(render: Render, kind: str) -> None:
    """It is the project's, so no update mends it. What depends on answers is in RELEASES.md."""
    other = {"tag_scheme": "semver", "platforms": ["linux/amd64"]}
    if kind == "app":
        other |= {"downloads": ["windows-amd64"], "signing": ["windows"]}
    projects = [render(kind=kind), render(kind=kind, **other)]
    assert len({(project / "README.md").read_text() for project in projects}) == 1
    assert len({(project / ".github/RELEASES.md").read_text() for project in projects}) == 2


def test_what_signs_is_there_only_where_that_was_answered(render: Render) -> None:
    nothing, windows, macos = (render(signing=signing) for signing in ([], ["windows"], ["darwin"]))
    files = [{file.name for file in one.glob(".github/*/*")} for one in (nothing, windows, macos)]
    assert files[1] - files[0] == {"sign.yml", "renew-sbom.py"}
    assert files[2] - files[1] == {"sign-macos"}
    for name, absent in (("Azure|AZURE", macos), ("MACOS_|Developer ID", windows)):
        for project in (nothing, absent):
            for file in (*project.glob(".github/workflows/*"), *project.rglob("R*.md")):
                assert not re.search(name, file.read_text()), file


@pytest.mark.parametrize("kind", KINDS)
def test_an_apt_txt_of_windows_names_the_same_packages(
    render: Render, kind: str, tmp_path: Path
) -> None:
    dockerfile = (render(**KINDS[kind]) / "Dockerfile").read_text()
    [read] = re.findall(r"(sed .+ )/tmp/apt\.txt", dockerfile)
    (tmp_path / "apt.txt").write_bytes(b"# needed\r\nfile # to look at files\r\nxz-utils\r\n")
    found = subprocess.check_output(["sh", "-c", f"{read}apt.txt"], cwd=tmp_path)
    assert found == b"\nfile \nxz-utils\n"


@pytest.mark.parametrize("python", PYTHONS)
def test_an_app_freezes_the_python_that_was_chosen(render: Render, python: str) -> None:
    project = render(python_version=python)
    metadata = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    assert metadata["requires-python"] == f">={python}"
    assert read_versions(project / "versions.env")["PYTHON_VERSION"].startswith(f"{python}.")


def test_the_builds_backend_is_the_uv_of_uv_txt(render: Render) -> None:
    """uv builds with itself where the backend's version allows it, and downloads nothing.

    https://docs.astral.sh/uv/concepts/build-backend/
    """
    project = render()
    (backend,) = tomllib.loads((project / "pyproject.toml").read_text())["build-system"]["requires"]
    package = Requirement(backend)
    assert package.name == "uv_build"
    uv = re.search(r"(?m)^uv==(\S+)", (project / "scripts/freezer/uv.txt").read_text())
    assert uv and package.specifier.contains(uv[1])


def test_the_versions_are_recorded_so_that_an_update_keeps_them(render: Render) -> None:
    project = render()
    answers = yaml.safe_load((project / ".copier-answers.yml").read_text())
    pairs = dict(
        line.split("=", 1)
        for line in (project / "versions.env").read_text().splitlines()
        if re.match("[A-Z]", line)
    )
    assert pairs == {
        "PYTHON_VERSION": answers["python_full_version"],
        "PYINSTALLER_VERSION": answers["pyinstaller_version"],
        "PYINSTALLER_HOOKS_CONTRIB_VERSION": answers["pyinstaller_hooks_contrib_version"],
        "UPX_VERSION": answers["upx_version"],
        "UPX_SHA256_AMD64": answers["upx_sha256_amd64"],
        "UPX_SHA256_ARM64": answers["upx_sha256_arm64"],
        "MANYLINUX_VERSION": answers["manylinux_version"],
    }
    assert pairs["PYTHON_VERSION"].startswith(answers["python_version"] + ".")
    assert json.dumps(answers)  # plain values only: Renovate reads them too
