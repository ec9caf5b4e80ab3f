from pathlib import Path

import pytest

from freezer.command_line import read
from freezer.target import Target, is_program

ELF = b"\x7fELF"


@pytest.mark.parametrize(
    ("name", "mode", "content", "expected"),
    [
        ("tool", 0o755, ELF, True),
        ("tool-1.2", 0o755, ELF, True),
        ("tool", 0o644, ELF, False),
        ("libpython3.14.so.1.0", 0o755, ELF, False),
        ("tool", 0o755, b"#!/bin/sh", False),
    ],
)
def test_an_executable_is_told_from_libraries_and_data(
    tmp_path: Path, name: str, mode: int, content: bytes, expected: bool
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    path.chmod(mode)
    assert is_program(path) is expected


@pytest.mark.parametrize("option", ["-F", "--onefile"])
def test_upx_refuses_onefile_before_anything_is_done(tmp_path: Path, option: str) -> None:
    with pytest.raises(SystemExit, match="leave out --onefile"):
        Target(tmp_path, read([option, "tool.py"], {"UPX_PACK": "on"}, "off"))
    assert not any(tmp_path.iterdir())


def test_upx_needs_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin")
    target = Target(tmp_path, read(["tool.spec"], {"UPX_PACK": "on"}, "off"))
    with pytest.raises(SystemExit, match="there is no folder in dist"):
        target.pack([Path("dist/tool")])
