import os
import socket
from importlib.metadata import Distribution
from pathlib import Path

import pytest
from freezer import project
from freezer.project import Project
from uv import find_uv_bin

from tests.freezer.asking import ask
from tests.freezer.wheels import make_wheel
from tests.support.files import write

# A build backend beside the project needs no index.
LOCAL_BACKEND = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    return make_wheel(tmp_path)


@pytest.fixture
def distribution(wheel: Path) -> Distribution:
    found: Distribution = project.metadata(wheel)
    return found


def test_the_extras_of_the_commands_are_installed(distribution: Distribution, wheel: Path) -> None:
    extras = project.extras(distribution, ask())
    found = Project(wheel.parent, wheel.parent, wheel, distribution, extras)
    assert found.requirement == f"Sample[d,http] @ {wheel.as_uri()}"


def test_a_project_without_extras_is_installed_alone(wheel: Path) -> None:
    found = Project(wheel.parent, wheel.parent, wheel, project.metadata(wheel), [])
    assert found.requirement == f"Sample @ {wheel.as_uri()}"


def test_the_extras_that_the_user_asks_for_are_installed_too(distribution: Distribution) -> None:
    found = project.extras(distribution, ask(EXTRAS="Gui_Tools"))
    assert found == ["Gui_Tools", "d", "http"]
    with pytest.raises(SystemExit, match="no extra 'guitools', only: d, http, gui-tools"):
        project.extras(distribution, ask(EXTRAS="guitools"))


def test_a_copy_of_a_project_is_without_what_builds_left(tmp_path: Path) -> None:
    source, copy = tmp_path / "source", tmp_path / "copy"
    kept = {"pyproject.toml", "src/sample/build/data.txt", ".git/HEAD"}
    left = {"build/x", "dist/x", "src/sample.egg-info/x", ".venv/pyvenv.cfg", "env/pyvenv.cfg"}
    for name in kept | left:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).touch()
    project.copy_project(source, copy)
    files = [path for path in copy.rglob("*") if path.is_file()]
    assert {path.relative_to(copy).as_posix() for path in files} == kept


def test_what_cannot_be_copied_is_left_out_and_what_cannot_be_read_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, copy = tmp_path / "source", tmp_path / "copy"
    (source / ".git").mkdir(parents=True)
    os.mkfifo(source / "pipe")
    monkeypatch.chdir(source)  # the name of a socket is short
    with socket.socket(socket.AF_UNIX) as daemon:
        daemon.bind(".git/fsmonitor--daemon.ipc")
    (source / "dangling").symlink_to("nowhere")
    (source / "secret").touch()
    (source / "kept").touch()
    monkeypatch.setattr(os, "access", lambda path, _: Path(path).name != "secret")
    project.copy_project(source, copy)
    assert {path.name for path in copy.rglob("*")} == {".git", "dangling", "kept"}
    assert (copy / "dangling").is_symlink()
    warning = f"warning: {source}/secret cannot be read and is left out\n"
    assert capsys.readouterr().out == warning


@pytest.mark.parametrize(
    ("pyproject", "said"),
    [
        ("[project]\nname = 'x'\nversion = '1'\ndependencies = []\n", ""),
        (
            "[project]\nname = 'x'\nversion = '1'\n[project.scripts]\nx = 'a:b'\n",
            "HEADERS is not set",
        ),
    ],
)
def test_the_reason_of_a_failed_build_is_shown_unless_only_a_script_is_frozen(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    pyproject: str,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", f"{Path(find_uv_bin()).parent}:{os.environ['PATH']}")
    source = tmp_path / "source"
    source.mkdir()
    (source / "pyproject.toml").write_text(f"{pyproject}{LOCAL_BACKEND}")
    (source / "backend.py").write_text(
        "def build_wheel(*_, **__):\n    raise SystemExit('error: HEADERS is not set')\n"
    )
    if said:
        with pytest.raises(SystemExit, match=f"cannot be built: error: {said}"):
            project.build(source, source, tmp_path / "work", ask())
    else:
        built = project.build(source, source, tmp_path / "work", ask())
        assert built.wheel is None
        assert "its script is frozen" in capfd.readouterr().out
    assert not any(source.glob("build"))


def test_the_folder_build_is_left_out_unless_pyproject_toml_names_it(tmp_path: Path) -> None:
    write(tmp_path / "src", {"build/README.md": "", "dist/x.whl": "", "pyproject.toml": ""})
    project.copy_project(tmp_path / "src", tmp_path / "without")
    assert {path.name for path in (tmp_path / "without").iterdir()} == {"pyproject.toml"}
    write(tmp_path / "src", {"pyproject.toml": '[project]\nreadme = "build/README.md"\n'})
    project.copy_project(tmp_path / "src", tmp_path / "with")
    assert {path.name for path in (tmp_path / "with").iterdir()} == {"build", "pyproject.toml"}
