"""The regular expressions of both Renovate configurations, tried with RE2, which Renovate uses.

These tests always run. tests/renovate runs Renovate itself.
"""

import re
import shutil
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import json5
import pytest
import re2  # type: ignore[import-untyped]  # it has no stubs
import yaml

from tests.support.rendering import Render
from tools.projects import KINDS, ROOT


@cache
def parsed(text: str) -> dict[str, Any]:
    """JSON5, parsed once: that takes a tenth of a second."""
    found: dict[str, Any] = json5.loads(text)
    return found


def configuration(folder: Path) -> dict[str, Any]:
    """The Renovate configuration of a repository."""
    return parsed((folder / ".github/renovate.json5").read_text())


def matches(folder: Path, file: str) -> list[dict[str, str]]:
    """What the regular expressions for a file find in it: their groups, and `text`, all of it.

    A pattern for files is a path of its own, or a regular expression between slashes.
    """
    text = (folder / file).read_text()
    return [
        {"text": match.group(), **{k: v for k, v in match.groupdict().items() if v is not None}}
        for manager in configuration(folder)["customManagers"]
        if any(
            re2.search(pattern[1:-1], file) if pattern.startswith("/") else pattern == file
            for pattern in manager["managerFilePatterns"]
        )
        for expression in manager["matchStrings"]
        for match in re2.finditer(expression, text)
    ]


def keys(match: dict[str, str]) -> list[str]:
    """The keys in the lines that matched."""
    return re.findall(r"(?m)^([A-Z]\w*)=", match["text"])


@pytest.mark.parametrize("kind", KINDS)
def test_every_version_of_a_generated_repository_is_kept_by_renovate(
    render: Render, kind: str
) -> None:
    project = render(**KINDS[kind])
    lines = (project / "versions.env").read_text().splitlines()
    value = dict(line.split("=", 1) for line in lines if re.match("[A-Z]", line))
    found = matches(project, "versions.env")
    assert sorted(key for match in found for key in keys(match)) == sorted(value)
    for match in found:
        assert match["datasource"]
        assert match["depName"]
        first, last = keys(match)[0], keys(match)[-1]
        if digest := match.get("currentDigest"):
            assert digest == value[last]
        if first == last and digest:
            tool, prefix = ("UPX", "v") if match["depName"] == "upx/upx" else ("UV", "")
            assert match["currentValue"] == prefix + value[f"{tool}_VERSION"]
        else:
            assert match["currentValue"] == value[first]


@pytest.mark.parametrize(
    ("comment", "value", "groups"),
    [
        ("depName=gh packageName=cli/cli", "v2.102.0", {"packageName": "cli/cli"}),
        ("depName=@scope/name", "1.2", {"depName": "@scope/name"}),
        (
            "depName=a versioning=semver extractVersion=^v(?<version>.+)$ registryUrl=https://a.example/",
            "1.0",
            {
                "versioning": "semver",
                "extractVersion": "^v(?<version>.+)$",
                "registryUrl": "https://a.example/",
            },
        ),
        ("depName=a", f"1.2@sha256:{'a' * 64}", {"currentDigest": f"sha256:{'a' * 64}"}),
    ],
)
@pytest.mark.parametrize("kind", ["app", "windows-builder"])  # their patterns differ
def test_a_key_of_the_project_is_found_with_all_that_its_comment_says(
    render: Render, tmp_path: Path, kind: str, comment: str, value: str, groups: dict[str, str]
) -> None:
    project = tmp_path / "project"
    shutil.copytree(render(**KINDS[kind]), project)
    before = matches(project, "versions.env")
    with (project / "versions.env").open("a") as file:
        file.write(f"\n# renovate: datasource=docker {comment}\nMY_VERSION={value}\n\nALONE=1\n")
    (found,) = (one for one in matches(project, "versions.env") if one not in before)
    assert found["currentValue"] == value.partition("@")[0]
    assert {name: found.get(name) for name in groups} == groups


def test_renovate_and_uv_wait_for_the_same_age_of_a_package(render: Render) -> None:
    """Else Renovate proposes what uv does not take, and its pull request lacks the lock.

    https://docs.astral.sh/uv/guides/integration/renovate/
    """
    project = render()
    uv = tomllib.loads((project / "pyproject.toml").read_text())["tool"]["uv"]
    (rule,) = [
        rule
        for rule in configuration(project)["packageRules"]
        if rule.get("matchManagers") == ["pep621"]
    ]
    assert rule["minimumReleaseAge"] == uv["exclude-newer"]
    (ours,) = [
        rule for rule in configuration(ROOT)["packageRules"] if rule.get("minimumReleaseAge")
    ]
    assert ours["minimumReleaseAge"] == uv["exclude-newer"]
    assert [(ROOT / name).exists() for name in ours["matchFileNames"]] == [True]


def test_windows_python_comes_with_its_checksum(render: Render) -> None:
    project = render(**KINDS["windows-builder"])
    found = matches(project, "versions.env")
    (python,) = [match for match in found if match["depName"] == "python"]
    assert keys(python) == ["PYTHON_VERSION", "PYTHON_SHA256"]
    name = python["datasource"].removeprefix("custom.")
    datasources = configuration(project)["customDatasources"]
    assert set(datasources) == {name}
    assert datasources == configuration(ROOT)["customDatasources"]
    assert "customDatasources" not in configuration(render())


def test_python_stays_within_its_minor_version(render: Render) -> None:
    versionings = {
        match["versioning"]
        for match in matches(render(), "versions.env")
        if match["depName"] == "python"
    }
    versionings |= {
        manager["versioningTemplate"]
        for manager in configuration(ROOT)["customManagers"]
        if manager.get("depNameTemplate") == "python"
    }
    (versioning,) = versionings
    expression = versioning.removeprefix("regex:")
    assert re2.search(expression, "3.14.6").groupdict() == {"compatibility": "3.14", "patch": "6"}
    for other in ("3.14", "3.15.0rc1", "3.14.6-slim"):
        assert not re2.search(expression, other)


def test_what_renovate_leaves_to_the_template_is_there(render: Render) -> None:
    """A change of Renovate there would conflict with the template's next update."""
    others: list[dict[str, Any]] = [{"downloads": []}, {"signing": ["windows"]}]
    wrong = set()
    for answers in (*KINDS.values(), *others):
        project = render(**answers)
        (rule,) = [
            rule for rule in configuration(project)["packageRules"] if rule.get("enabled") is False
        ]
        files = {str(file.relative_to(project)) for file in project.glob(".github/workflows/*")}
        listed, there = set(rule["matchFileNames"]), {*files, "Dockerfile"}
        wrong |= {f'add "{name}",' for name in there - listed}
        wrong |= {f'leave out "{name}" where it is not' for name in listed - there}
    assert not wrong, f"template/.github/renovate.json5.jinja, the last rule: {sorted(wrong)}"


def test_every_version_that_copier_yml_records_is_kept_by_renovate() -> None:
    questions = yaml.safe_load((ROOT / "copier.yml").read_text())
    recorded = {
        key: question["default"]
        for key, question in questions.items()
        if isinstance(question, dict) and question.get("ask") is False
    }
    table = re.findall(r'"3\.\d+": "(.+)"', recorded.pop("python_full_version"))
    pythons = questions["python_version"]["choices"]
    assert [version.rpartition(".")[0] for version in table] == pythons, (
        "copier.yml: python_full_version has a version of each choice of python_version"
    )
    recorded.pop("python_sha256")
    recorded.pop("copyright_year")
    recorded.pop("mirrors")  # addresses, not versions
    recorded.pop("default_branch")
    windows = yaml.safe_load(questions["windows_pythons"]["default"])
    assert [*windows] == pythons[-len(windows) :], "copier.yml: windows_pythons has a gap"
    found = matches(ROOT, "copier.yml")
    kept = {
        re.findall(r"(?m)^(\w+):$", match["text"])[0]: match.get("currentDigest")
        or match["currentValue"]
        for match in found
        if "depName" in match
    }
    assert kept == recorded
    pythons = [match for match in found if "depName" not in match]
    assert [match["currentValue"] for match in pythons if "currentDigest" not in match] == table
    assert [
        [match["currentValue"], match["currentDigest"]]
        for match in pythons
        if "currentDigest" in match
    ] == list(windows.values())
    digests = {match["currentValue"] for match in found if "digestVersion" in match["text"]}
    assert digests == {"v" + recorded["upx_version"]}, (
        "copier.yml: each digestVersion of upx_sha256_… is the one of upx_version, with its checksum"
    )


def test_every_package_that_the_template_pins_is_kept_by_renovate() -> None:
    """In its Jinja files. Renovate's own managers find those in other files."""
    for file in sorted((ROOT / "template").rglob("*.jinja")):
        pins = re.findall(r"[\w.-]+==\d[\w.]*", file.read_text())
        found = matches(ROOT, str(file.relative_to(ROOT)))
        assert [match["text"] for match in found if "==" in match["text"]] == pins


def test_every_runner_that_builds_a_download_is_kept_by_renovate() -> None:
    """Also the newest ones, for which Renovate opens no pull request."""
    runners = re.findall(r"': '(.+)'", (ROOT / "hooks/runners.jinja").read_text())
    assert [match["text"] for match in matches(ROOT, "hooks/runners.jinja")] == runners
