"""An organisation decides once: its defaults and its mirrors reach every repository."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.adopt.repositories import copy
from tests.support.commands import run
from tests.support.copier_cli import copier_cli
from tests.support.documents import section, table
from tests.support.files import tree
from tests.support.git import commit
from tests.support.ownership import answers, assert_clean, release
from tests.support.rendering import Render
from tools.projects import KINDS, ROOT, read_versions

ADOPTING = ROOT / "docs/adopting.md"
TITLE = "Decide once for an organisation"


def example() -> str:
    """The settings that the documents give as an example."""
    (found,) = re.findall(r"(?s)```yaml\n(.*?)```", section(ADOPTING, TITLE))
    return str(found)


def chosen() -> Mapping[str, Any]:
    """What those settings decide."""
    settings = yaml.safe_load(example())
    assert set(settings) == {"defaults"}
    return dict(settings["defaults"])


@pytest.fixture
def settings(tmp_path: Path) -> str:
    """Copier's settings file, with the example of the documents."""
    file = tmp_path / "settings.yml"
    file.write_text(example())
    return str(file)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An empty folder."""
    folder = tmp_path / "my-tool"
    folder.mkdir()
    return folder


def test_the_settings_file_gives_the_defaults(template: Path, project: Path, settings: str) -> None:
    result = copy(
        template,
        project,
        "--defaults",
        answers={"description": "Greets people."},
        COPIER_SETTINGS_PATH=settings,
    )
    assert result.returncode == 0, result.stderr
    assert chosen().items() <= answers(project).items()
    assert chosen()["mirrors"].items() <= read_versions(project / "versions.env").items()
    planned = run("make", "--dry-run", "image", cwd=project)
    assert planned.startswith("bash .github/scripts/ids docker buildx build ")
    built = run(project / ".github/scripts/ids", "echo", cwd=project)
    ids = run(project / ".github/scripts/ids", cwd=project, env={"GITHUB_REPOSITORY": "a/b"})
    for key, address in chosen()["mirrors"].items():
        assert f"--build-arg {key}={address}" in built
        assert f"{key}={address}" in ids.splitlines()


def test_a_data_file_gives_them_too_and_the_command_line_wins(
    template: Path, project: Path, tmp_path: Path
) -> None:
    file = tmp_path / "acme.yml"
    file.write_text(yaml.safe_dump(chosen()))
    result = copy(
        template,
        project,
        "--defaults",
        f"--data-file={file}",
        answers={"description": "Greets people.", "license": "MIT"},
    )
    assert result.returncode == 0, result.stderr
    assert answers(project) == {**answers(project), **chosen(), "license": "MIT"}


def test_an_update_keeps_the_mirrors_whatever_the_settings_say_then(
    clone: Path, project: Path, settings: str, tmp_path: Path
) -> None:
    data = {"description": "Greets people."}
    copy(clone, project, "--defaults", answers=data, COPIER_SETTINGS_PATH=settings)
    file = project / "versions.env"
    key, address = next(iter(chosen()["mirrors"].items()))
    file.write_text(file.read_text().replace(address, "https://moved.example") + "OWN=1\n")
    commit(project, "Start from the template")
    before = tree(project)
    ruff = clone / "template/scripts/freezer/ruff.toml"
    ruff.write_text("# changed\n" + ruff.read_text())
    release(clone, "v2.0.0")
    result = copier_cli("update", "--defaults", cwd=project)
    assert result.returncode == 0, result.stderr
    assert_clean(project)
    assert tree(project)["versions.env"] == before["versions.env"]
    assert read_versions(file)[key] == "https://moved.example"


@pytest.mark.parametrize(
    ("mirrors", "rule"),
    [
        ("https://mirror.example", "Write keys with addresses"),
        ("{upx_url: https://mirror.example}", "a name in capitals"),
        ("{UPX_URL: 'https://mirror.example /upx'}", "an address of"),
        ('{UPX_URL: "https://mirror.example\\nOTHER=1"}', "an address of"),
        ("{UPX_URL: 'https://mirror.example/$(id)'}", "an address of"),
    ],
)
def test_a_wrong_mirror_is_refused_with_its_rule(
    template: Path, project: Path, settings: str, mirrors: str, rule: str
) -> None:
    result = copy(
        template,
        project,
        "--defaults",
        answers={"description": "Greets people.", "mirrors": mirrors},
        COPIER_SETTINGS_PATH=settings,
    )
    assert result.returncode == 1
    assert rule in result.stderr
    assert tree(project) == {}


def public(dockerfile: Path) -> Mapping[str, str]:
    """The arguments of a Dockerfile that are the address of somebody else's server."""
    matches = re.findall(r"(?m)^ARG (\w+)=(\S+)$", dockerfile.read_text())
    return {
        name: value for name, value in matches if re.match(r"(https://)?[\w-]+\.[\w.-]+/", value)
    }


@pytest.mark.parametrize("kind", KINDS)
def test_every_address_of_a_dockerfile_is_behind_a_key(render: Render, kind: str) -> None:
    file = render(**KINDS[kind]) / "Dockerfile"
    text = file.read_text()
    stages = set(re.findall(r"(?m)^FROM \S+ AS (\S+)$", text))
    sources = [
        *re.findall(r"(?m)^FROM (?!scratch|upx-\$|on-\$)(\S+)", text),
        *re.findall(r"(?m)^ADD (?:--\S+ )*(\S+) ", text),
    ]
    names = {re.match(r"\$\{(\w+)\}/", source) for source in sources if source not in stages}
    assert {name[1] if name else None for name in names} == set(public(file))
    assert not re.search(r"https?://(?!.*\bARG\b)", re.sub(r"(?m)^(ARG|#).*$", "", text))


def test_the_documents_name_every_key(render: Render) -> None:
    keys = {
        (name, value)
        for kind in KINDS
        for name, value in public(render(**KINDS[kind]) / "Dockerfile").items()
    }
    rows = table(section(ADOPTING, TITLE))
    assert {(row[0].strip("`"), row[1].strip("`")) for row in rows} == keys
