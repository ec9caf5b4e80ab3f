from pathlib import Path

import pytest
from freezer import target
from freezer.target import Target, is_program

from tests.freezer.asking import ask

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
        Target(tmp_path, ask(option, "tool.py", UPX_PACK="on"))
    assert not any(tmp_path.iterdir())


def test_a_packed_program_that_ends_differently_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/usr/bin")
    program = tmp_path / "dist/tool/tool"
    monkeypatch.setattr(target, "run", lambda *_: program.write_text("#!/bin/sh\nexit 3\n"))
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\nexit 2\n")
    program.chmod(0o755)
    linux = Target(tmp_path, ask(UPX_PACK="on"))
    assert linux.start(program).code == 2
    with pytest.raises(SystemExit, match="tool, packed by UPX, does not start: it exits with 3"):
        linux.finish([program])


def test_upx_needs_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin")
    linux = Target(tmp_path, ask("tool.spec", UPX_PACK="on"))
    with pytest.raises(SystemExit, match="there is no folder in dist"):
        linux.finish([Path("dist/tool")])
