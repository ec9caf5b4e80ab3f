from collections.abc import Sequence
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest
from freezer import dependencies
from freezer.command_line import read
from freezer.project import Project

POETRY_LOCK = """\
[[package]]
name = "six"
version = "1.16.0"

[[package]]
name = "numpy"
version = "1.26.4"

[[package]]
name = "numpy"
version = "2.3.5"
"""


class Uv:
    """What `uv pip install` is called with, and what it answers."""

    def __init__(self, *answers: bool) -> None:
        self.answers = list(answers)
        self.calls: list[Sequence[str | Path]] = []

    def __call__(self, arguments: Sequence[str | Path], folder: Path) -> bool:
        """Note a call."""
        self.calls.append([*arguments])
        return self.answers.pop(0) if self.answers else True


@pytest.fixture
def project(tmp_path: Path) -> Project:
    copy = tmp_path / "copy"
    copy.mkdir()
    info = tmp_path / "sample-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: sample\nVersion: 1.2\n")
    return Project(copy, tmp_path / "sample.whl", PathDistribution(info), ["gui"])


def install(
    folder: Path, project: Project | None, uv: Uv, **environment: str
) -> Sequence[Sequence[str | Path]]:
    dependencies.install(folder, folder, read([], environment, "off"), project, uv)
    return uv.calls


def test_nothing_is_installed_where_nothing_asks_for_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert install(tmp_path, None, Uv()) == []
    assert capsys.readouterr().out == ""


def test_requirements_and_the_project_are_installed_together(
    tmp_path: Path, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text("six\n")
    assert install(tmp_path, project, Uv(), GROUPS="one, two") == [
        ["--requirements", file, "--group=one", "--group=two", project.requirement]
    ]
    assert "no lock" in capsys.readouterr().out


def test_the_variable_names_another_requirements_file(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").touch()
    with pytest.raises(SystemExit, match=r"REQUIREMENTS: there is no needs[.]txt"):
        install(tmp_path, None, Uv(), REQUIREMENTS="needs.txt")
    file = tmp_path / "needs.txt"
    file.touch()
    assert install(tmp_path, None, Uv(), REQUIREMENTS="needs.txt") == [["--requirements", file]]


def test_a_file_with_hashes_must_list_all_that_the_project_needs(
    tmp_path: Path, project: Project
) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text("six==1.17.0 --hash=sha256:00\n")
    assert install(tmp_path, project, Uv()) == [
        ["--require-hashes", "--requirements", file],
        ["--no-index", project.requirement],
    ]
    with pytest.raises(SystemExit, match=r"requirements.txt does not list all"):
        install(tmp_path, project, Uv(True, False))


def test_pylock_toml_comes_before_requirements_txt(tmp_path: Path, project: Project) -> None:
    (tmp_path / "requirements.txt").touch()
    file = tmp_path / "pylock.toml"
    file.touch()
    assert install(tmp_path, project, Uv(), GROUPS="more") == [
        ["--requirements", file, "--extra=gui", "--group=more"],
        ["--no-index", project.requirement],
    ]


def test_the_versions_of_poetrys_lock_constrain_the_project(
    tmp_path: Path, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "poetry.lock").write_text(POETRY_LOCK)
    file = tmp_path / "constraints.txt"
    expected = [[project.requirement, "--constraints", file]]
    assert install(tmp_path, project, Uv()) == expected
    assert file.read_text() == "six==1.16.0\n"
    assert "the versions of poetry.lock" in capsys.readouterr().out


def test_a_broken_lock_is_refused_with_the_line(tmp_path: Path, project: Project) -> None:
    (tmp_path / "pdm.lock").write_text("[[package]]\nname =\n")
    with pytest.raises(SystemExit, match=r"pdm.lock: .*line 2"):
        install(tmp_path, project, Uv())


def test_extras_need_a_project(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="EXTRAS: there is no project"):
        install(tmp_path, None, Uv(), EXTRAS="gui")


def test_what_cannot_be_installed_ends_the_run(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("six\n")
    with pytest.raises(SystemExit, match="the dependencies cannot be installed"):
        install(tmp_path, None, Uv(False))
