"""Bad input: what the build of an app's image says, and that it names the file and the command."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.freezing import Docker, build
from tools.projects import lock


def replace(file: Path, old: str, new: str) -> None:
    """Replace a text that is in a file."""
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def no_lock(project: Path) -> None:
    """Forget the first command."""
    (project / "uv.lock").unlink()


def stale_lock(project: Path) -> None:
    """Add a dependency by hand."""
    replace(project / "pyproject.toml", "dependencies = []", 'dependencies = ["rich"]')


def damaged_lock(project: Path) -> None:
    """Leave a conflict marker."""
    replace(project / "uv.lock", "version = 1\n", "<<<<<<< ours\nversion = 1\n")


def another_python(project: Path) -> None:
    """Ask for a newer Python than versions.env names."""
    for name in ("pyproject.toml", "uv.lock"):
        text = (project / name).read_text()
        line = next(line for line in text.splitlines() if line.startswith("requires-python"))
        replace(project / name, line, 'requires-python = ">=3.98"')


@pytest.mark.parametrize(
    ("spoil", "reason", "help"),
    [
        (no_lock, "Unable to find lockfile at `uv.lock`", "run `uv lock`, and commit uv.lock"),
        (stale_lock, "`uv.lock` needs to be updated", "run `uv lock`, and commit uv.lock"),
        (damaged_lock, "Failed to parse `uv.lock`", "run `uv lock`, and commit uv.lock"),
        (
            another_python,
            "incompatible with the project's Python requirement: `>=3.98`",
            "PYTHON_VERSION in versions.env must fit requires-python in\n",
        ),
    ],
)
def test_a_lock_that_does_not_fit_is_refused_with_the_command(
    docker: Docker, copy: Path, spoil: Callable[[Path], None], reason: str, help: str
) -> None:
    spoil(copy)
    output = build(copy, "--target=dependencies", expect=1)
    assert reason in output
    assert help in output


@pytest.mark.parametrize(
    ("package", "reason"),
    [
        ("pywin32", "only has wheels for the following platforms: `win32`"),
        ("uwsgi", "`uwsgi` (v2.0.31) was included because `my-tool` (v0.1.0) depends on `uwsgi`"),
    ],
    ids=["for another platform", "that needs a compiler"],
)
def test_a_dependency_without_a_wheel_is_named_and_what_apt_txt_can_do(
    docker: Docker, copy: Path, package: str, reason: str
) -> None:
    replace(copy / "pyproject.toml", "dependencies = []", f'dependencies = ["{package}<=2.0.31"]')
    if package == "pywin32":
        replace(copy / "pyproject.toml", "<=2.0.31", "")
    lock(copy)
    output = build(copy, "--target=dependencies", expect=1)
    assert reason in output
    assert "such as build-essential, in apt.txt" in output


def test_a_spec_that_freezes_nothing_is_refused_by_name(docker: Docker, copy: Path) -> None:
    (copy / "my-tool.spec").write_text('Analysis(["src/my_tool/__main__.py"])\n')
    output = build(copy, "--target=freeze", expect=1)
    assert "error: my-tool.spec made no /dist/my-tool/my-tool." in output
    output = build(copy, "--build-arg=DEBIAN=bookworm", "--target=binary", expect=1)
    assert "error: my-tool.spec made no my-tool/my-tool." in output


def test_a_download_that_does_not_start_is_not_kept(docker: Docker, copy: Path) -> None:
    (copy / "src/my_tool/cli.py").write_text(
        "import importlib\nimportlib.import_module('no_such' + '_module')\n"
    )
    output = build(copy, "--build-arg=DEBIAN=bookworm", "--target=binary", expect=1)
    assert "No module named 'no_such_module'" in output
    assert "error: my-tool --version exited with 1" in output


def test_a_stale_lock_stops_the_downloads_too(docker: Docker, copy: Path) -> None:
    replace(copy / "pyproject.toml", "dependencies = []", 'dependencies = ["rich"]')
    output = build(copy, "--build-arg=DEBIAN=bookworm", "--target=binary", expect=1)
    assert "uv.lock is missing, stale or damaged: run `uv lock`" in output
