"""Renovate's regular expressions, by the engine that it uses, on the files that it reads."""

import re
from pathlib import Path
from typing import Any

import json5
import pytest
import re2  # type: ignore[import-untyped]
import yaml

from conftest import ROOT, Render


def managers(config: Path) -> list[dict[str, Any]]:
    """The custom managers of a configuration."""
    found: list[dict[str, Any]] = json5.loads(config.read_text())["customManagers"]
    return found


def dependencies(config: Path, file: str, text: str) -> list[dict[str, str]]:
    """What the managers of a file find in it, each with the groups of its expression."""
    return [
        {key: value for key, value in match.groupdict().items() if value}
        for manager in managers(config)
        if file in manager["managerFilePatterns"]
        for expression in manager["matchStrings"]
        for match in re2.finditer(expression, text)
    ]


@pytest.mark.parametrize("kind", ["app", "builder"])
def test_renovate_finds_every_value_of_versions_env_once(render: Render, kind: str) -> None:
    project = render(kind=kind)
    text = (project / "versions.env").read_text()
    found = dependencies(project / ".github/renovate.json5", "versions.env", text)
    values = re.findall(r"(?m)^[A-Z][A-Z0-9_]*=(.*)$", text)
    assert sorted(one.get("currentDigest", one["currentValue"]) for one in found) == sorted(values)
    assert {one["depName"]: one["datasource"] for one in found if "currentDigest" not in one} == {
        "python": "docker",
        "pyinstaller": "pypi",
        "pyinstaller-hooks-contrib": "pypi",
        "cyclonedx-bom": "pypi",
        "upx/upx": "github-releases",
    }


def test_a_new_upx_comes_with_its_digests_in_one_pull_request(render: Render) -> None:
    project = render()
    config = project / ".github/renovate.json5"
    text = (project / "versions.env").read_text()
    upx = [one for one in dependencies(config, "versions.env", text) if one["depName"] == "upx/upx"]
    [version] = [one["currentValue"] for one in upx if "currentDigest" not in one]
    digests = [one for one in upx if "currentDigest" in one]
    assert len(digests) == 2
    for digest in digests:
        assert digest["datasource"] == "github-release-attachments"
        assert digest["currentValue"] == f"v{version}"
    [rule] = [
        rule
        for rule in json5.loads(config.read_text())["packageRules"]
        if rule.get("matchDepNames") == ["upx/upx"]
    ]
    assert rule["groupName"]


def test_renovate_leaves_the_templates_files_alone(render: Render) -> None:
    project = render()
    rules = json5.loads((project / ".github/renovate.json5").read_text())["packageRules"]
    [off] = [rule["matchFileNames"] for rule in rules if rule.get("enabled") is False]
    for file in [*(project / ".github/workflows").glob("*.yml"), project / "Dockerfile"]:
        assert str(file.relative_to(project)) in off


def test_here_renovate_keeps_every_recorded_version_of_copier_yml() -> None:
    text = (ROOT / "copier.yml").read_text()
    found = dependencies(ROOT / ".github/renovate.json5", "copier.yml", text)
    values = sorted(one.get("currentDigest", one["currentValue"]) for one in found)
    config = yaml.safe_load(text)
    recorded = [
        question["default"]
        for name, question in config.items()
        if isinstance(question, dict)
        and question.get("ask") is False
        and name not in ("python_release", "copyright_year")
    ]
    pythons = re.findall(r'"\d+\.\d+": "(.*)"', config["python_release"]["default"])
    assert len(pythons) == len(config["python_version"]["choices"])
    assert values == sorted([*recorded, *pythons])
