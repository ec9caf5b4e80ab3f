"""renew-sbom.py, run for real: what it reads, and what it does with an SBOM that a build has spoiled."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tools.projects import ROOT

SCRIPT = ROOT / "template/.github/scripts/renew-sbom.py"


def renew(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    """Run it on an SBOM, for the files in a folder beside it."""
    (folder / "sbom.json").write_text(text)
    (folder / "files").mkdir()
    (folder / "files/link").symlink_to("../secret")
    (folder / "secret").write_text("secret")
    return subprocess.run(
        [sys.executable, SCRIPT, folder / "sbom.json", folder / "files"],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", ["../secret", "link", "{}/secret", "files/../../secret"])
def test_only_files_in_the_folder_are_read(tmp_path: Path, name: str) -> None:
    """So that no build learns the hash of another file, such as one with a password."""
    file = {"type": "file", "name": name.format(tmp_path), "hashes": []}
    result = renew(tmp_path, json.dumps({"serialNumber": "x", "components": [file]}))
    assert result.returncode == 0, result.stderr
    assert json.loads((tmp_path / "sbom.json").read_text())["components"] == [file]


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "{}", '{"components": []}', '{"components": [1]}', '{"components": [{}]}'),
        '{"components": [{"type": "file", "name": []}]}',
        '{"components": ' + '[{"type": "x", "components": ' * 9999 + "[]" + "}]" * 9999 + "}",
    ],
)
def test_what_is_not_an_sbom_is_refused_and_left(tmp_path: Path, text: str) -> None:
    result = renew(tmp_path, text)
    assert result.returncode == 1
    assert result.stderr.startswith("::error::sbom.json is damaged: ")
    assert (tmp_path / "sbom.json").read_text() == text
