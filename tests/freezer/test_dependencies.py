import os
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest
from freezer import dependencies
from freezer.project import Project
from uv import find_uv_bin

from tests.freezer.asking import ask

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
    return Project(copy, copy, tmp_path / "sample.whl", PathDistribution(info), ["gui"])


def install(
    folder: Path,
    project: Project | None,
    uv: Uv,
    script: Path | None = None,
    **environment: str,
) -> Sequence[Sequence[str | Path]]:
    dependencies.install(folder, folder, ask(**environment), project, script, uv)
    return uv.calls


def test_nothing_is_installed_where_nothing_asks_for_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert install(tmp_path, None, Uv()) == []
    assert capsys.readouterr().out == ""


POETRYS = (
    "[tool.poetry]\npackage-mode = false\n[tool.poetry.dependencies]\npython = '^3.11'\nsix = '*'\n"
)


@pytest.mark.parametrize(
    ("name", "text", "refused"),
    [
        ("pyproject.toml", POETRYS, "only Poetry reads it.*`poetry export >requirements.txt`"),
        ("pyproject.toml", POETRYS.replace("six = '*'\n", ""), ""),
        ("pyproject.toml", POETRYS.replace("package-mode = false", "name = 'sample'"), ""),
        ("Pipfile", "[packages]\nsix = '*'\n", "only Pipenv reads it.*`uvx migrate-to-uv`"),
        ("Pipfile", "[dev-packages]\nsix = '*'\n", ""),
    ],
)
def test_what_only_another_tool_reads_is_refused_where_nothing_else_lists_the_dependencies(
    tmp_path: Path, name: str, text: str, refused: str
) -> None:
    if "name =" in text:  # without package-mode it is a package if it has a build system
        text += "[build-system]\nrequires = ['poetry-core']\n"
    (tmp_path / name).write_text(text)
    if refused:
        with pytest.raises(SystemExit, match=refused):
            install(tmp_path, None, Uv())
        (tmp_path / "requirements.txt").write_text("six\n")
        assert len(install(tmp_path, None, Uv())) == 1
    else:
        assert install(tmp_path, None, Uv()) == []


def test_requirements_and_the_project_are_installed_together(
    tmp_path: Path, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    file = project.folder / "requirements.txt"
    file.write_text("six\n")
    assert install(tmp_path, project, Uv(), GROUPS="one, two") == [
        ["--requirements", file, "--group=one", "--group=two", project.requirement]
    ]
    assert "no lock" in capsys.readouterr().out


def test_requirements_that_are_broken_do_not_stop_a_project_unless_the_user_names_them(
    tmp_path: Path, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    file = project.folder / "requirements.txt"
    file.write_text("-r missing.txt\n")
    assert install(tmp_path, project, Uv(False)) == [
        ["--requirements", file, project.requirement],
        [project.requirement],
    ]
    said = (
        "requirements.txt cannot be installed: the dependencies are those of the project alone.\n"
    )
    assert capsys.readouterr().out.endswith(said)
    (tmp_path / "requirements.txt").touch()
    with pytest.raises(SystemExit, match="the dependencies cannot be installed"):
        install(tmp_path, project, Uv(False), REQUIREMENTS="requirements.txt")


UV = "[project]\nname = 'sample'\n[tool.uv.sources]\nsix = { path = 'libs/six' }\n"


@pytest.mark.parametrize("place", ["the project", "the root of its workspace"])
def test_where_packages_come_from_is_read_where_uv_reads_it(
    tmp_path: Path, project: Project, place: str
) -> None:
    member = project.root / "member"
    member.mkdir()
    (member / "pyproject.toml").touch()
    file = (project.root if place != "the project" else member) / "pyproject.toml"
    file.write_text(UV)
    project = replace(project, folder=member)
    assert install(tmp_path, project, Uv()) == [
        ["--requirements", member / "pyproject.toml", "--extra=gui"],
        ["--no-deps", project.requirement],
    ]


def test_a_project_that_is_not_a_package_has_its_dependencies_installed_alone(
    tmp_path: Path, project: Project
) -> None:
    alone = replace(project, wheel=None, distribution=None)
    file = project.folder / "pyproject.toml"
    assert install(tmp_path, alone, Uv()) == [["--requirements", file, "--extra=gui"]]


def test_a_script_may_list_its_dependencies_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", f"{Path(find_uv_bin()).parent}:{os.environ['PATH']}")
    library = tmp_path / "library"
    library.mkdir()
    (library / "pyproject.toml").write_text("[project]\nname = 'library'\nversion = '1'\n")
    script = tmp_path / "tool.py"
    text = 'dependencies = ["library"]\n[tool.uv.sources]\nlibrary = { path = "library" }'
    lines = "".join(f"# {line}\n" for line in text.splitlines())
    script.write_text(f"# /// script\n{lines}# ///\n")
    (tmp_path / "requirements.txt").write_text("not-this\n")
    assert install(tmp_path, None, Uv(), script) == [["--requirements", tmp_path / "pylock.toml"]]
    [package] = tomllib.loads((tmp_path / "pylock.toml").read_text())["packages"]
    assert package["directory"]["path"] == "library"
    assert "those that tool.py lists" in capsys.readouterr().out
    assert {path.name for path in tmp_path.iterdir()} == {
        "tool.py",
        "library",
        "requirements.txt",
        "pylock.toml",
    }


PRIVATE = "[[tool.poetry.source]]\nname = 'ours'\nurl = 'https://index.example/simple'\n"
LEGACY = """\
[[package]]
name = "six"
version = "1.16.0"
[package.source]
type = "legacy"
url = "https://index.example/simple"
reference = "ours"
"""


@pytest.mark.parametrize(
    ("pyproject", "lock", "named"),
    [
        (PRIVATE, "", r"\[tool.poetry.source\] ours"),
        (PRIVATE, LEGACY, "poetry.lock: six"),
        (PRIVATE, POETRY_LOCK, ""),
        ("[[tool.poetry.source]]\nname = 'PyPI'\n", "", ""),
        (
            "[[tool.pdm.source]]\nname = 'ours'\nurl = 'https://x/'\n",
            "",
            r"\[tool.pdm.source\] ours",
        ),
        ("[[tool.pdm.source]]\nname = 'm'\nurl = 'https://pypi.org/simple'\n", "", ""),
        (
            "[[tool.rye.sources]]\nname = 'ours'\nurl = 'https://x/'\n",
            "",
            r"\[tool.rye.sources\] ours",
        ),
        ("[tool.pdm.resolution.overrides]\nsix = '1'\n", "", "override of six"),
        ("[tool.poetry]\nsource = 3\n", "", ""),
    ],
)
def test_what_only_another_tool_knows_to_find_is_never_taken_from_the_public_index(
    tmp_path: Path,
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    pyproject: str,
    lock: str,
    named: str,
) -> None:
    (project.folder / "pyproject.toml").write_text(pyproject)
    if lock:
        (project.folder / "poetry.lock").write_text(lock)
    if named:
        with pytest.raises(SystemExit, match=named):
            install(tmp_path, project, Uv())
        monkeypatch.setenv("UV_DEFAULT_INDEX", "https://index.example/simple")
    assert install(tmp_path, project, Uv())


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
    file = project.folder / "requirements.txt"
    file.write_text("six==1.17.0 --hash=sha256:00\n")
    assert install(tmp_path, project, Uv()) == [
        ["--require-hashes", "--requirements", file],
        ["--no-index", project.requirement],
    ]
    with pytest.raises(SystemExit, match=r"requirements.txt does not list everything"):
        install(tmp_path, project, Uv(True, False))


def test_pylock_toml_comes_before_requirements_txt(tmp_path: Path, project: Project) -> None:
    (project.folder / "requirements.txt").touch()
    file = project.folder / "pylock.toml"
    file.touch()
    assert install(tmp_path, project, Uv(), GROUPS="more") == [
        ["--requirements", file, "--extra=gui", "--group=more"],
        ["--no-index", project.requirement],
    ]


def test_the_versions_of_poetrys_lock_constrain_the_project(
    tmp_path: Path, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    (project.folder / "poetry.lock").write_text(POETRY_LOCK)
    file = tmp_path / "constraints.txt"
    expected = [[project.requirement, "--constraints", file]]
    assert install(tmp_path, project, Uv()) == expected
    assert file.read_text() == "six==1.16.0\n"
    assert "the versions of poetry.lock" in capsys.readouterr().out


def test_a_broken_lock_is_refused_with_the_line(tmp_path: Path, project: Project) -> None:
    (project.folder / "pdm.lock").write_text("[[package]]\nname =\n")
    with pytest.raises(SystemExit, match=r"pdm.lock: .*line 2"):
        install(tmp_path, project, Uv())


def test_extras_need_a_project(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="EXTRAS: there is no project"):
        install(tmp_path, None, Uv(), EXTRAS="gui")


def test_what_cannot_be_installed_ends_the_run(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("six\n")
    with pytest.raises(SystemExit, match="the dependencies cannot be installed"):
        install(tmp_path, None, Uv(False))
