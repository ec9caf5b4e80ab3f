"""join-platforms.py: one SBOM of all platforms keeps what each of them says."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.support.join_platforms import Spoil, join, refusal, write

SHA512 = {"amd64": "a" * 128, "arm64": "b" * 128}


def library(name: str, architecture: str) -> dict[str, Any]:
    """A component with a file that differs between the platforms."""
    file = {
        "type": "file",
        "bom-ref": f"{name}/native.so",
        "name": "native.so",
        "hashes": [{"alg": "SHA-512", "content": SHA512[architecture]}],
    }
    return {"type": "library", "bom-ref": name, "name": name, "version": "1", "components": [file]}


def changed(**changes: Any) -> Spoil:
    """Change the SBOM."""
    return lambda image: image.sbom.update(changes)


def joined(folder: Path, sboms: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What the script makes of an SBOM for each platform: a valid document with unique references."""
    for architecture, sbom in sboms.items():
        write(folder, architecture, changed(**sbom))
    result = join(folder, *sboms)
    assert (result.returncode, result.stderr) == (0, "")
    text = (folder / "sbom.cdx.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    found: dict[str, Any] = json.loads(text)
    return found


def both(parts: Any) -> dict[str, dict[str, Any]]:
    """An SBOM for each platform, whose parts a function gives."""
    return {architecture: parts(architecture) for architecture in ("amd64", "arm64")}


def test_what_platforms_share_is_listed_once(tmp_path: Path) -> None:
    pure = {"type": "library", "bom-ref": "pure", "name": "pure"}

    def parts(architecture: str) -> dict[str, Any]:
        own = {"type": "library", "bom-ref": architecture, "name": architecture}
        return {
            "components": [pure, own],
            "dependencies": [{"ref": "pure"}, {"ref": architecture, "dependsOn": ["pure"]}],
        }

    sbom = joined(tmp_path, both(parts))
    assert [part["name"] for part in sbom["components"]] == ["pure", "amd64", "arm64"]
    assert sbom["dependencies"] == [
        {"ref": "pure"},
        {"ref": "amd64", "dependsOn": ["pure"]},
        {"ref": "arm64", "dependsOn": ["pure"]},
    ]
    # actions/attest wants all three: https://github.com/actions/attest/blob/v4.2.2/src/sbom.ts
    assert (sbom["bomFormat"], sbom["specVersion"]) == ("CycloneDX", "1.6")
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", sbom["serialNumber"])


def test_a_component_that_differs_is_listed_for_each_platform_with_its_edges(
    tmp_path: Path,
) -> None:
    def parts(architecture: str) -> dict[str, Any]:
        main = {"type": "application", "bom-ref": "tool", "name": "tool", "version": "1"}
        return {
            "metadata": {"component": main},
            "components": [library("numpy", architecture)],
            "dependencies": [
                {"ref": "tool", "dependsOn": ["numpy"]},
                {"ref": "numpy", "dependsOn": [f"libc-{architecture}"], "provides": ["blas"]},
            ],
        }

    sbom = joined(tmp_path, both(parts))
    assert sbom["metadata"]["component"]["bom-ref"] == "tool"
    other = "#linux/arm64"
    second = library("numpy", "arm64") | {"bom-ref": f"numpy{other}"}
    second["components"][0]["bom-ref"] += other
    assert sbom["components"] == [library("numpy", "amd64"), second]
    assert sbom["dependencies"] == [
        {"ref": "tool", "dependsOn": ["numpy", f"numpy{other}"]},
        {"ref": "numpy", "dependsOn": ["libc-amd64"], "provides": ["blas"]},
        {"ref": f"numpy{other}", "dependsOn": ["libc-arm64"], "provides": ["blas"]},
    ]


def test_edges_that_differ_are_both_kept(tmp_path: Path) -> None:
    pure = {"type": "library", "bom-ref": "pure", "name": "pure"}

    def parts(architecture: str) -> dict[str, Any]:
        return {
            "components": [pure],
            "dependencies": [{"ref": "pure", "dependsOn": [architecture]}],
        }

    sbom = joined(tmp_path, both(parts))
    assert sbom["components"] == [pure]
    assert sbom["dependencies"] == [{"ref": "pure", "dependsOn": ["amd64", "arm64"]}]


def test_a_program_that_differs_is_described_for_each_platform(tmp_path: Path) -> None:
    def parts(architecture: str) -> dict[str, Any]:
        main = library("tool", architecture) | {"type": "application"}
        return {"metadata": {"component": main}, "components": [], "dependencies": []}

    sbom = joined(tmp_path, both(parts))
    assert sbom["metadata"] == parts("amd64")["metadata"]
    [other] = sbom["components"]
    assert other["bom-ref"] == "tool#linux/arm64"
    assert other["components"][0]["hashes"] == library("tool", "arm64")["components"][0]["hashes"]


def test_components_without_references_are_kept_by_their_content(tmp_path: Path) -> None:
    def parts(architecture: str) -> dict[str, Any]:
        names = ("shared", architecture, architecture)
        return {"components": [{"type": "library", "name": name} for name in names]}

    sbom = joined(tmp_path, both(parts) | {})
    assert [part["name"] for part in sbom["components"]] == ["shared", "amd64", "arm64"]


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        pytest.param(lambda image: setattr(image, "sbom", b"{}"), "it is damaged", id="empty"),
        pytest.param(
            changed(bomFormat="SPDX"), "it is not a CycloneDX document", id="of another kind"
        ),
        pytest.param(
            changed(specVersion=""), "it is not a CycloneDX document", id="without a version"
        ),
        pytest.param(changed(components=["x"]), "it is damaged", id="a word for a component"),
        pytest.param(changed(components=7), "it is damaged", id="a number for the components"),
        pytest.param(changed(dependencies=["x"]), "it is damaged", id="a word for an edge"),
        pytest.param(
            changed(dependencies=[{"ref": "a", "dependsOn": 7}]), "it is damaged", id="edge"
        ),
        pytest.param(changed(metadata=[]), "it is damaged", id="a list for the metadata"),
        pytest.param(
            changed(components=[{"bom-ref": ["a"]}]),
            "it has a bom-ref that is not a string",
            id="a list",
        ),
        pytest.param(
            changed(components=[{"components": [{"bom-ref": 1}]}]),
            "it has a bom-ref that is not a string",
            id="a number",
        ),
        pytest.param(
            changed(components=[{"bom-ref": "a", "name": "b"}, {"bom-ref": "a"}]),
            "it has two components with the same bom-ref",
            id="a reference twice",
        ),
        pytest.param(
            changed(components=[{"bom-ref": "a", "components": [{"bom-ref": "a"}]}]),
            "it has two components with the same bom-ref",
            id="a reference of a nested component twice",
        ),
        pytest.param(
            lambda image: setattr(image, "sbom", b" " * (16 * 2**20 + 1)),
            "it is larger than 16777216 bytes",
            id="huge",
        ),
        pytest.param(
            lambda image: setattr(
                image, "sbom", b'{"components":[' + b'{"components":[' * 9999 + b"]}" * 10000
            ),
            "it is damaged",
            id="deep",
        ),
    ],
)
def test_a_broken_sbom_is_refused(tmp_path: Path, spoil: Spoil, reason: str) -> None:
    write(tmp_path, spoil=spoil)
    assert refusal(tmp_path) == reason
