import importlib.util
import os
from pathlib import Path
from typing import Any

import pytest
from freezer import starts
from freezer.starts import Start
from freezer.under_wine import CRASHED

from tests.freezer.asking import ask
from tools.projects import ROOT

FILE = ROOT / "template/[[only_windows_builder]]/scripts/freezer/target.py"
specification = importlib.util.spec_from_file_location("freezer.windows_target", FILE)
assert specification and specification.loader
target = importlib.util.module_from_spec(specification)
specification.loader.exec_module(target)
Target, is_program, packed = target.Target, target.is_program, target.packed


@pytest.fixture
def windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The target, with a Python that consists of a file and its library."""
    python = tmp_path / "python"
    python.mkdir()
    (python / "python.exe").touch()
    monkeypatch.setattr(target, "PYTHON", python)
    return Target(tmp_path / "work", ask(upx_pack="on"))


def test_the_environment_has_windows_python_and_packages_of_its_own(windows: Any) -> None:
    assert windows.python.is_symlink()
    assert list(windows.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("wheel", "accepted"),
    [("sample-1-py3-none-any.whl", True), ("sample-1-cp313-cp313-linux_x86_64.whl", False)],
)
def test_code_that_is_compiled_for_linux_is_refused(
    windows: Any, wheel: str, accepted: bool
) -> None:
    if accepted:
        windows.check_wheel(Path(wheel))
    else:
        with pytest.raises(SystemExit, match="compiled for Linux"):
            windows.check_wheel(Path(wheel))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (CRASHED, Start(output="x", code=CRASHED, fault="it crashed")),
        (None, Start(output="x", code=None)),
        (0, Start(output="x", code=0)),
    ],
)
def test_the_exit_code_says_what_became_of_a_program(
    windows: Any, monkeypatch: pytest.MonkeyPatch, code: int | None, expected: Start
) -> None:
    monkeypatch.setattr(starts, "start", lambda *_, **__: Start(output="x", code=code))
    monkeypatch.setattr(target.subprocess, "run", lambda *_, **__: None)
    assert windows.start(Path("/src/dist/tool.exe")) == expected


def test_the_report_says_what_upx_packed_and_what_not() -> None:
    assert packed([]) == ""
    rows = [
        ("a.dll", 2_000_000, 1_000_000, ""),
        ("b.dll", 1_000_000, 1_000_000, "would not load"),
        ("c.dll", 1_000_000, 1_000_000, "would not load"),
    ]
    assert packed(rows) == (
        "; UPX packed 1 of 3 libraries: 4.0 MB are now 3.0 MB; 2 would not load: b.dll, c.dll"
    )


@pytest.mark.parametrize(("name", "expected"), [("tool.exe", True), ("tool.dll", False)])
def test_a_program_of_windows_has_its_ending(name: str, expected: bool) -> None:
    assert is_program(Path(name)) is expected


def test_a_start_asks_windows_python_with_errors_of_its_loader_shown(
    windows: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, Any] = {}

    def start(
        command: list[str | Path], _: Path, environment: dict[str, str], *__: float | str
    ) -> Start:
        seen["command"], seen["debug"] = command, environment["WINEDEBUG"]
        return Start(output="", code=0)

    monkeypatch.setattr(starts, "start", start)
    windows.start(Path("/src/dist/tool.exe"))
    assert seen["command"][:3] == ["wine", windows.python, "-P"]
    assert seen["command"][-2:] == ["start", "Z:/src/dist/tool.exe"]
    assert "err+module" in seen["debug"]
    assert "WINEDEBUG" not in os.environ or os.environ["WINEDEBUG"] != seen["debug"]


@pytest.mark.parametrize(
    ("tag", "expected"),
    [("py3-none-any", []), ("cp313-cp313-win_amd64", []), ("cp313-cp313-linux_x86_64", ["x"])],
)
def test_a_package_that_was_built_for_linux_is_named(
    tmp_path: Path, tag: str, expected: list[str]
) -> None:
    info = tmp_path / "x-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: x\nVersion: 1\n")
    (info / "WHEEL").write_text(f"Wheel-Version: 1.0\nTag: {tag}\n")
    assert target.for_linux(tmp_path) == expected
