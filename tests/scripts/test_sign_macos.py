"""sign-macos, with Apple's commands stood in for: its own steps, and their order.

Nothing here can sign for macOS. The stand-ins write down how they are called, and `codesign` adds a line
to what it signs. What Apple's own commands make of it only a run on macOS shows.
"""

import hashlib
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import run
from tools.projects import ROOT

SCRIPTS = ROOT / "template/.github/scripts"
MACH_O = b"\xcf\xfa\xed\xfe"
STANDINS = {
    "security": "case $1 in find-identity) echo '  1) ABC123 \"Developer ID Application: Ada\"' ;; esac\n",
    "codesign": 'echo "codesign $*" >>"$RECORD"\nfor last; do [ ! -f "$last" ] || echo signed >>"$last"; done\n',
    "file": 'if head -c 4 "$2" | grep -q "$(printf \'\\317\\372\\355\\376\')"; then echo Mach-O 64-bit; else echo text; fi\n',
    "ditto": "true\n",
    "xcrun": 'echo "xcrun $*" >>"$RECORD"\necho "  status: $STATUS"\n',
}
GIVEN = {
    "CERTIFICATE": "cGZ4",
    "CERTIFICATE_PASSWORD": "password",
    "NOTARY_KEY": "key",
    "NOTARY_KEY_ID": "id",
    "NOTARY_ISSUER": "issuer",
}


FILES = (
    "my-tool-darwin-arm64",
    *(f"my-tool/{name}" for name in ("my-tool", "_internal/b.so", "_internal/a.pyc")),
)


def listed(contents: Mapping[str, bytes]) -> dict[str, Any]:
    """An SBOM that lists files, with the hashes of these contents."""
    files = [
        {
            "type": "file",
            "name": name,
            "hashes": [
                {
                    "alg": "SHA-512",
                    "content": hashlib.sha512(contents.get(name, b"before")).hexdigest(),
                }
            ],
        }
        for name in FILES
    ]
    component = {"type": "library", "name": "library", "components": files}
    return {"serialNumber": "urn:uuid:1", "components": [component]}


@pytest.fixture
def provided(tmp_path: Path) -> Path:
    """What a build for macOS provides."""
    folder = tmp_path / "my-tool"
    (folder / "_internal").mkdir(parents=True)
    for name in ("my-tool", "_internal/Python", "_internal/b.so"):
        (folder / name).write_bytes(MACH_O + b"\n")
    (folder / "_internal/a.pyc").write_bytes(b"code\n")
    target = tmp_path / "programs/darwin-arm64"
    target.mkdir(parents=True)
    (target / "my-tool-darwin-arm64").write_bytes(MACH_O + b"\n")
    (target / "my-tool-darwin-arm64.cdx.json").write_text(json.dumps(listed({})))
    pack = ROOT / "template/[[only_app]]/scripts/freezer/archive.py"
    run(sys.executable, pack, "create", folder, target / "my-tool-darwin-arm64.tar.gz")
    return target


def sign(
    folder: Path, status: str = "Accepted", **given: str
) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Run the script from a project's root: what it said, and how the commands were called."""
    tools, root = folder / "tools", folder / "root"
    tools.mkdir()
    root.mkdir()
    (root / "scripts").symlink_to(ROOT / "template/[[only_app]]/scripts")
    (root / ".github").symlink_to(ROOT / "template/.github")
    for name, text in STANDINS.items():
        (tools / name).write_text(f"#!/bin/sh\n{text}")
        (tools / name).chmod(0o755)
    record = folder / "record.txt"
    record.touch()
    environment = {
        **os.environ,
        "PATH": f"{tools}:{os.environ['PATH']}",
        "RECORD": str(record),
        "STATUS": status,
        "LC_ALL": "C",
        **GIVEN,
        **given,
    }
    result = subprocess.run(
        [SCRIPTS / "sign-macos", folder, "my-tool", "darwin-arm64"],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return result, record.read_text().splitlines()


def test_everything_that_is_code_is_signed_and_the_program_after_its_libraries(
    provided: Path, tmp_path: Path
) -> None:
    done, calls = sign(tmp_path)
    assert done.returncode == 0, done.stderr
    *libraries, programs, notarized = calls
    assert {call.split("/")[-1] for call in libraries} == {"Python", "b.so"}
    for call in (*libraries, programs):
        assert "--options runtime" in call
        assert "--timestamp" in call
        assert "--sign ABC123" in call
    assert programs.split()[-2].endswith("/my-tool/my-tool")
    assert programs.split()[-1] == str(provided / "my-tool-darwin-arm64")
    assert "--entitlements" in programs
    assert "--entitlements" not in " ".join(libraries)
    assert "notarytool submit" in notarized
    assert "--wait" in notarized


def test_the_archive_holds_what_was_signed(provided: Path, tmp_path: Path) -> None:
    sign(tmp_path)
    assert (provided / "my-tool-darwin-arm64").read_bytes().endswith(b"signed\n")
    with tarfile.open(provided / "my-tool-darwin-arm64.tar.gz") as archive:
        texts = {member.name: archive.extractfile(member) for member in archive if member.isfile()}
        signed = {
            name for name, text in texts.items() if text and text.read().endswith(b"signed\n")
        }
    assert signed == {
        f"my-tool/{name}" for name in ("my-tool", "_internal/Python", "_internal/b.so")
    }


def test_the_sbom_has_the_hashes_of_what_was_signed(provided: Path, tmp_path: Path) -> None:
    sign(tmp_path)
    signed = MACH_O + b"\nsigned\n"
    names = ("my-tool-darwin-arm64", "my-tool/my-tool", "my-tool/_internal/b.so")
    wanted = {name: signed for name in names} | {"my-tool/_internal/a.pyc": b"code\n"}
    sbom = json.loads((provided / "my-tool-darwin-arm64.cdx.json").read_text())
    assert sbom["components"] == listed(wanted)["components"]
    assert sbom["serialNumber"] != listed({})["serialNumber"]


@pytest.mark.parametrize("name", sorted(GIVEN))
def test_what_is_missing_is_named_before_anything_is_signed(
    provided: Path, tmp_path: Path, name: str
) -> None:
    done, calls = sign(tmp_path, **{name: ""})
    assert done.returncode == 1
    assert f"::error::{name} is empty" in done.stderr
    assert calls == []


def test_what_apple_does_not_notarize_is_not_released(provided: Path, tmp_path: Path) -> None:
    done, _ = sign(tmp_path, "Invalid")
    assert done.returncode == 1
    assert "Apple did not notarize" in done.stderr


def test_no_secret_is_printed_or_left(provided: Path, tmp_path: Path) -> None:
    done, _ = sign(tmp_path, TMPDIR=str(tmp_path))
    for secret in ("password", "cGZ4"):
        assert secret not in done.stdout + done.stderr
    assert not list(tmp_path.rglob("*.p8"))
    assert not list(tmp_path.rglob("*.p12"))
