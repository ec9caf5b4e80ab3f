"""upx-pack: it fails rather than do nothing or break the program. An image shows what it packs."""

import os
import subprocess
from pathlib import Path

import pytest

from tools.projects import ROOT

SCRIPT = ROOT / "template/scripts/freezer/upx-pack"


@pytest.mark.parametrize(
    ("library", "mode", "command", "message"),
    [
        ("", "yes", "true", "UPX_PACK is on or off, not 'yes': correct it in versions.env"),
        ("", "on", "true", "UPX packed none of the 0 shared libraries in"),
        ("library.so", "on", "false", "packed by UPX, 'false' exits with 1"),
    ],
)
def test_upx_pack_fails_rather_than_do_nothing_or_break_the_program(
    tmp_path: Path, library: str, mode: str, command: str, message: str
) -> None:
    tools, folder = tmp_path / "tools", tmp_path / "folder"
    tools.mkdir()
    folder.mkdir()
    (tools / "upx").symlink_to("/bin/true")
    if library:
        (folder / library).touch()
    result = subprocess.run(
        [SCRIPT, mode, folder, command],
        env={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert message in result.stderr
