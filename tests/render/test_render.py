"""Rendering: what the questions accept and refuse, and files that any text leaves intact."""

import ast
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import copier
import pytest
import yaml
from copier.errors import UnsafeTemplateError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_copie.plugin import Copie

from tests.support.git import commit
from tests.support.rendering import ANSWERS, Render, combinations
from tools.projects import KINDS, read_versions

NASTY = [
    "Café “Zoë” 工具 🚀 tool",
    "tool \"double\" 'single' \\ back\\slash `tick` ${{ github.token }} {{ jinja }} [[ x ]] [% y %]",
    "tool\nwith\r\nnew\tlines\x0band\x85\u2028separators",
    "tool # not: a comment, <b>html</b> <!-- -- --> *stars* _under_ | pipe & more %s %% \x7f",
    "tool " + "very long " * 30,
    "---\ntool: yes",
]


def parse(project: Path) -> None:
    """Parse every file of a project by its own format; whatever is broken raises."""
    for file in project.rglob("*"):
        if not file.is_file():
            continue
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


@pytest.mark.parametrize("answers", combinations(), ids=str)
def test_every_combination_of_answers_renders_files_that_parse(
    render: Render, answers: dict[str, Any]
) -> None:
    parse(render(**answers))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", NASTY)
def test_no_text_breaks_a_generated_file(render: Render, kind: str, text: str) -> None:
    parse(render(**KINDS[kind], project_name=text, description=text, author_name=text))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=st.text(min_size=1).filter(str.strip))
def test_any_description_arrives_in_pyproject_as_one_line(render: Render, text: str) -> None:
    project = render(description=text, author_name="Ada " + text)
    metadata = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    assert re.sub(r"\s+", " ", metadata["description"]).strip() == metadata["description"]
    visible = re.sub(r"[\s\x00-\x1f\x7f-\x9f]+", "", text)
    assert metadata["description"].replace(" ", "") == visible


def test_pytest_copie_renders_it_too(copie: Copie) -> None:
    result = copie.copy(extra_answers={**ANSWERS, "license": "none"})
    assert result.exit_code == 0, result.exception
    assert result.project_dir
    parse(result.project_dir)
    assert not (result.project_dir / "LICENSE").exists()
    metadata = tomllib.loads((result.project_dir / "pyproject.toml").read_text())["project"]
    assert "license" not in metadata


def test_the_thirteen_questions_are_asked_and_no_more(template: Path) -> None:
    config = yaml.safe_load((template / "copier.yml").read_text())
    asked = [
        name
        for name, question in config.items()
        if not name.startswith("_")
        and question.get("ask") is not False
        and question.get("when") is not False
    ]
    assert asked == [
        "project_name",
        "description",
        "github_owner",
        "repository_name",
        "kind",
        "target",
        "python_version",
        "platforms",
        "tag_scheme",
        "downloads",
        "license",
        "author_name",
        "author_email",
    ]


def test_the_template_uses_nothing_that_needs_trust(template: Path) -> None:
    config = yaml.safe_load((template / "copier.yml").read_text())
    assert not {"_tasks", "_migrations", "_jinja_extensions"} & set(config)


def test_copier_refuses_a_template_that_needs_trust(
    tmp_path: Path,
) -> None:
    """The tests render with unsafe=False: this shows that it can fail."""
    unsafe = tmp_path / "unsafe"
    unsafe.mkdir()
    (unsafe / "copier.yml").write_text("_tasks: ['true']\n")
    with pytest.raises(UnsafeTemplateError):
        copier.run_copy(str(unsafe), tmp_path / "project", unsafe=False, defaults=True)


def test_an_update_needs_no_trust(template: Path, render: Render) -> None:
    project = render()
    commit(project)
    copier.run_update(
        project, unsafe=False, defaults=True, overwrite=True, quiet=True, vcs_ref="v1.0.0"
    )


@pytest.mark.parametrize(
    ("answers", "rule"),
    [
        ({"project_name": "工具"}, "letter from a to z"),
        ({"project_name": "class"}, "keyword"),
        ({"description": " \n"}, "Say it in a few words"),
        ({"github_owner": "a--b"}, "GitHub user or organisation"),
        ({"repository_name": "a..b"}, "distribution-spec"),
        ({"platforms": []}, "one platform at least"),
        ({"author_name": " "}, "name an author"),
        ({"author_email": "ada"}, "one @ and no spaces"),
        ({"python_version": "2.7"}, "python_version"),
        ({"kind": "library"}, "kind"),
        ({"target": "windows"}, "windows needs kind=builder"),
        ({**KINDS["windows"], "platforms": ["linux/arm64"]}, "there is only linux/amd64"),
        ({**KINDS["windows"], "python_version": "3.15"}, "tried 3.15 under Wine"),
    ],
)
def test_a_wrong_answer_is_refused_with_its_rule(
    render: Render, answers: dict[str, Any], rule: str
) -> None:
    with pytest.raises(ValueError, match=rule):
        render(**answers)


@pytest.mark.parametrize("missing", sorted(ANSWERS))
def test_a_question_without_a_default_must_be_answered(
    template: Path, tmp_path: Path, missing: str
) -> None:
    data = {key: value for key, value in ANSWERS.items() if key != missing}
    with pytest.raises(ValueError, match=missing):
        copier.run_copy(str(template), tmp_path / "project", data=data, defaults=True, quiet=True)
    assert not (tmp_path / "project").exists()


def test_a_forgotten_variable_of_the_template_is_an_error(template: Path) -> None:
    config = yaml.safe_load((template / "copier.yml").read_text())
    assert config["_envops"]["undefined"] == "jinja2.StrictUndefined"


@pytest.mark.parametrize("license", ["MIT", "Apache-2.0", "BSD-3-Clause", "GPL-3.0-or-later"])
def test_the_licence_is_there_in_full_and_named(render: Render, license: str) -> None:
    project = render(license=license, author_name="Zoë O’Neil")
    text = (project / "LICENSE").read_text()
    title = {
        "MIT": "MIT License",
        "Apache-2.0": "Apache License",
        "BSD-3-Clause": "BSD 3-Clause License",
        "GPL-3.0-or-later": "GNU GENERAL PUBLIC LICENSE",
    }[license]
    assert text.split("\n", 2)[0 if text[0] != "\n" else 1].strip() == title
    assert "[[" not in text
    if license in ("MIT", "BSD-3-Clause"):
        year = yaml.safe_load((project / ".copier-answers.yml").read_text())["copyright_year"]
        assert re.search(rf"^Copyright \(c\) {year},? Zoë O’Neil$", text, re.MULTILINE)
    metadata = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    assert metadata["license"] == license


def test_an_app_holds_these_files_and_no_others(render: Render) -> None:
    project = render()
    files = {str(file.relative_to(project)) for file in project.rglob("*") if file.is_file()}
    assert files == {
        ".copier-answers.yml",
        ".dockerignore",
        ".editorconfig",
        ".github/renovate.json5",
        ".github/workflows/ci.yml",
        ".github/workflows/docker-image.yml",
        ".github/workflows/maintenance.yml",
        ".github/workflows/programs.yml",
        ".github/workflows/publish-image.yml",
        ".github/workflows/sign.yml",
        ".gitignore",
        "Dockerfile",
        "LICENSE",
        "Makefile",
        "README.md",
        "SECURITY.md",
        "my-tool.spec",
        "pyproject.toml",
        "ruff.toml",
        ".github/scripts/ids",
        ".github/scripts/gather",
        ".github/scripts/join-platforms.py",
        ".github/scripts/newest.py",
        ".github/scripts/publish",
        ".github/scripts/release",
        ".github/scripts/sign-macos",
        ".github/scripts/start-signed",
        ".github/scripts/summary",
        ".github/scripts/verify",
        "image/freeze.py",
        "image/inventory.py",
        "image/upx-pack",
        "scripts/archive.py",
        "scripts/programs.py",
        "scripts/properties.py",
        "scripts/smoke",
        "scripts/sync",
        "scripts/systems.py",
        "src/my_tool/__init__.py",
        "src/my_tool/__main__.py",
        "src/my_tool/cli.py",
        "tests/test_cli.py",
        "versions.env",
    }


def test_an_app_with_nothing_to_download_has_no_trace_of_it(render: Render) -> None:
    project = render(downloads=[])
    names = {file.name for file in project.glob(".github/*/*")}
    assert not names & {
        "programs.yml",
        "sign.yml",
        "gather",
        "release",
        "sign-macos",
        "start-signed",
    }
    for file in (*project.glob(".github/workflows/*"), project / "README.md"):
        assert not re.search(
            "programs.yml|sign.yml|Azure|MACOS|SHA256SUMS|[Dd]ownload ", file.read_text()
        ), file


def test_only_what_is_signed_for_a_chosen_system_is_there(render: Render) -> None:
    linux, windows, macos = (
        {file.name for file in render(downloads=[system]).glob(".github/*/*")}
        for system in ("linux-arm64", "windows-amd64", "macos-arm64")
    )
    assert windows - linux == {"sign.yml", "start-signed"}
    assert macos - windows == {"sign-macos"}


@pytest.mark.parametrize("python", ["3.15", "3.14", "3.13", "3.12", "3.11"])
def test_an_app_freezes_the_python_that_was_chosen(render: Render, python: str) -> None:
    project = render(python_version=python)
    metadata = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    assert metadata["requires-python"] == f">={python}"
    assert read_versions(project / "versions.env")["PYTHON_VERSION"].startswith(f"{python}.")


def test_the_message_after_the_copy_begins_with_the_lock_that_an_app_needs(
    template: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A template cannot run anything, so the first `uv lock` is the owner's."""
    first = {}
    for kind in ("app", "builder"):
        data = {**ANSWERS, "kind": kind}
        target = tmp_path / kind
        copier.run_copy(str(template), target, data=data, defaults=True, vcs_ref="v1.0.0")
        message = capfd.readouterr().err.split("is ready. Next:")[1]
        first[kind] = re.findall(r"(?m)^ {2}(\w.+)$", message)[:3]
    assert first["app"][0] == f"cd {tmp_path / 'app'}"
    assert first["app"][1].split()[:2] == ["uv", "lock"]
    assert first["app"][2].startswith("git init")
    assert first["builder"][1].startswith("git init")


def test_the_versions_are_recorded_so_that_an_update_keeps_them(render: Render) -> None:
    project = render()
    answers = yaml.safe_load((project / ".copier-answers.yml").read_text())
    pairs = dict(
        line.split("=", 1)
        for line in (project / "versions.env").read_text().splitlines()
        if re.match("[A-Z]", line)
    )
    assert pairs == {
        "PYTHON_VERSION": answers["python_release"],
        "PYINSTALLER_VERSION": answers["pyinstaller_version"],
        "PYINSTALLER_HOOKS_CONTRIB_VERSION": answers["pyinstaller_hooks_contrib_version"],
        "CYCLONEDX_BOM_VERSION": answers["cyclonedx_bom_version"],
        "UV_VERSION": answers["uv_version"],
        "UV_SHA256_AMD64": answers["uv_sha256_amd64"],
        "UV_SHA256_ARM64": answers["uv_sha256_arm64"],
        "UPX_VERSION": answers["upx_version"],
        "UPX_SHA256_AMD64": answers["upx_sha256_amd64"],
        "UPX_SHA256_ARM64": answers["upx_sha256_arm64"],
    }
    assert pairs["PYTHON_VERSION"].startswith(answers["python_version"] + ".")
    assert json.dumps(answers)  # plain values only: Renovate reads them too
