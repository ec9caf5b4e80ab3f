"""The versions.env of an app, as others than .github/scripts/ids read it: by its rule."""

from pathlib import Path

import pytest
from freezer import environment

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
