"""The Makefile of a builder: what it offers, and what it says where uv is missing."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.commands import run
from tests.support.rendering import Render
from tools.projects import KINDS


@pytest.fixture(params=["linux-builder", "windows-builder"])
def builder(request: pytest.FixtureRequest, render: Render) -> Path:
    """A repository that freezes other people's programs."""
    return render(**KINDS[request.param])


def test_make_alone_prints_the_targets_and_what_they_do(builder: Path) -> None:
    printed = dict(line.split(maxsplit=2)[1:] for line in run("make", cwd=builder).splitlines())
    assert list(printed) == ["help", "lint", "test", "image", "smoke", "sbom"]
    assert printed["lint"] == "check the style of the code"


def test_make_also_prints_the_targets_that_a_project_adds(builder: Path) -> None:
    (builder / "GNUmakefile").write_text("include Makefile\n\nown: ## do our own\n\ttrue\n")
    lines = [line.split(maxsplit=2) for line in run("make", cwd=builder).splitlines()]
    assert ["make", "own", "do our own"] in lines
    assert len(lines) == 7


@pytest.mark.parametrize("target", ["lint", "test"])
def test_without_uv_make_says_in_one_line_how_to_install_it(
    builder: Path, tmp_path: Path, target: str
) -> None:
    (builder / "tests").mkdir(exist_ok=True)
    (builder / "tests/test_own.py").touch()  # `make test` runs nothing where there is no test
    for name in ("sh", "sed"):
        found = shutil.which(name)
        assert found
        (tmp_path / name).symlink_to(found)
    make = shutil.which("make")
    assert make
    result = subprocess.run(
        [make, target],
        cwd=builder,
        env={**os.environ, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 2
    [line] = result.stderr.splitlines()
    where = "https://docs.astral.sh/uv/getting-started/installation/"
    assert line.endswith(f"uv is missing. Install it: {where}.  Stop.")
