"""The versions.env of an app, as others than .github/scripts/ids read it: by its rule."""

import os
import subprocess
from pathlib import Path

import pytest
import yaml
from freezer import environment

from tests.support.rendering import Render

GOOD = "# A comment.\n\nPYTHON_VERSION=3.14.6\nURL=https://mirror.example/~me/a%20b\n"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a project."""
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    return tmp_path / "versions.env"


def test_its_keys_go_before_those_of_the_environment(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_VERSION", "3.13.0")
    monkeypatch.setenv("UPX_PACK", "on")
    file.write_text(GOOD)
    found = environment.versions()
    assert (found["PYTHON_VERSION"], found["UPX_PACK"]) == ("3.14.6", "on")
    assert found["URL"] == "https://mirror.example/~me/a%20b"


@pytest.mark.parametrize("line", ["A=$(touch x)", "A= 1", "A='1'", "a=1", "A", "A=1 # one", "A=é"])
def test_a_line_that_ids_would_refuse_is_refused_with_its_number(file: Path, line: str) -> None:
    file.write_text(f"{GOOD}{line}\n", encoding="utf-8")
    with pytest.raises(SystemExit, match=r"error: versions.env, line 5: write KEY=VALUE"):
        environment.versions()


@pytest.mark.parametrize(
    ("value", "output"),
    [("0.13.9", "version=0.13.9\n"), ("$(touch${IFS}ran)", ""), ("1\r", ""), ("1 # x", "")],
)
def test_the_workflow_takes_no_version_of_uv_that_ids_would_refuse(
    render: Render, tmp_path: Path, value: str, output: str
) -> None:
    file = render(downloads=["windows-amd64"]) / ".github/workflows/programs.yml"
    jobs = yaml.safe_load(file.read_text())["jobs"].values()
    steps = [step for job in jobs for step in job.get("steps", [])]
    [script] = [step["run"] for step in steps if step.get("id") == "uv"]
    (tmp_path / "versions.env").write_bytes(f"UV_VERSION={value}\n".encode())
    variables = {**os.environ, "GITHUB_OUTPUT": "output"}
    subprocess.run(["bash", "-euc", script], cwd=tmp_path, env=variables, check=True)
    assert (tmp_path / "output").read_text() == output
