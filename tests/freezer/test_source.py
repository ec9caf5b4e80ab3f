import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from freezer.source import has_spec, is_package, is_project, members, programs, project, script

from tests.freezer.asking import ask

PROJECT = "[project]\nname = 'sample'\nversion = '1'\n"
Choose = Callable[..., Sequence[Sequence[str | Path]]]


@pytest.fixture
def choose(tmp_path: Path) -> Choose:
    def choose(
        files: Sequence[str], *arguments: str, pyproject: str = "", **environment: str
    ) -> Sequence[Sequence[str | Path]]:
        for name in files:
            (tmp_path / name).touch()
        if pyproject:
            (tmp_path / "pyproject.toml").write_text(pyproject)
        found = programs(tmp_path, ask(*arguments, **environment))
        return [[getattr(part, "name", part) for part in program] for program in found]

    return choose


def test_what_the_arguments_name_comes_first(choose: Choose) -> None:
    assert choose(["a.spec", "main.py"], "other.py", pyproject=PROJECT) == [[]]


def test_then_the_spec_that_the_variable_names(choose: Choose) -> None:
    assert choose(["a.spec", "b.spec", "main.py"], SPECFILE="b.spec") == [["b.spec"]]


def test_a_spec_that_does_not_exist_is_refused(choose: Choose) -> None:
    with pytest.raises(SystemExit, match=r"SPECFILE: there is no c.spec"):
        choose(["a.spec"], SPECFILE="c.spec")


def test_then_the_only_spec(choose: Choose) -> None:
    assert choose(["a.spec", "main.py"], pyproject=PROJECT) == [["a.spec"]]


def test_several_specs_are_refused_by_name(choose: Choose) -> None:
    with pytest.raises(SystemExit, match=r"several specs: name one of a.spec, b.spec"):
        choose(["b.spec", "a.spec"])


def test_then_the_commands_of_a_project(choose: Choose) -> None:
    assert choose(["main.py"], pyproject=PROJECT) == []


@pytest.mark.parametrize("name", ["main.py", "app.py", "main.pyw", "__main__.py"])
def test_then_a_script_of_a_usual_name(choose: Choose, tmp_path: Path, name: str) -> None:
    assert choose(["helper.py", name]) == []
    assert script(tmp_path).name == name


def test_then_the_only_script(choose: Choose, tmp_path: Path) -> None:
    assert choose(["tool.py"]) == []
    assert script(tmp_path).name == "tool.py"


@pytest.mark.parametrize("names", [["a.py", "b.py"], ["app.py", "main.py"]])
def test_several_scripts_are_refused_by_name(
    choose: Choose, tmp_path: Path, names: list[str]
) -> None:
    choose(names)
    with pytest.raises(SystemExit, match=f"several scripts: name one of {', '.join(names)}"):
        script(tmp_path)


def test_then_a_script_in_src_and_none_of_the_projects_tools(
    choose: Choose, tmp_path: Path
) -> None:
    choose(["noxfile.py", "conftest.py"])
    (tmp_path / "src").mkdir()
    (tmp_path / "src/main.py").touch()
    (tmp_path / "src/helper.py").touch()
    assert script(tmp_path) == tmp_path / "src/main.py"


def test_an_empty_folder_is_refused_with_what_is_expected(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="nothing to freeze"):
        script(tmp_path)


@pytest.mark.parametrize("name", ["main.py", "tool.spec", "pyproject.toml", "setup.py"])
def test_a_pipe_is_never_read(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    assert programs(tmp_path, ask()) == []
    assert not is_project(tmp_path)
    with pytest.raises(SystemExit, match="nothing to freeze"):
        script(tmp_path)


def test_setup_py_is_a_project_and_never_a_script(choose: Choose, tmp_path: Path) -> None:
    assert choose(["setup.py"]) == []
    with pytest.raises(
        SystemExit, match=r"no \*.spec, no command .* no package with a __main__.py, and no script"
    ):
        script(tmp_path, project=True)


def test_the_script_beside_setup_py_is_the_only_one(choose: Choose, tmp_path: Path) -> None:
    choose(["setup.py", "tool.py"])
    assert script(tmp_path).name == "tool.py"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PROJECT, True),
        ("[build-system]\nrequires = ['poetry-core']\n[tool.poetry]\nname = 'x'\n", True),
        ("[tool.ruff]\nline-length = 100\n", False),
        ("# [project]\n", False),
    ],
)
def test_a_pyproject_that_only_configures_tools_is_not_a_project(
    tmp_path: Path, text: str, expected: bool
) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    assert is_project(tmp_path) is expected


def test_a_pyproject_that_is_not_toml_is_refused_with_the_line(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\nname =\n")
    with pytest.raises(SystemExit, match=r"pyproject.toml: .*line 2"):
        is_project(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [(["tool.py"], False), (["x.spec"], True), (["x.spec", "--", "a"], True)],
)
def test_a_spec_is_found_among_the_arguments(
    tmp_path: Path, arguments: list[str], expected: bool
) -> None:
    assert has_spec([[]], ask(*arguments)) is expected
    assert has_spec([[tmp_path / "x.spec"]], ask()) is True


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PROJECT, False),
        (f"{PROJECT}[project.scripts]\nx = 'x:y'\n", True),
        (f"{PROJECT}[build-system]\nrequires = []\n", True),
        (f"{PROJECT}[build-system]\nrequires = []\n[tool.uv]\npackage = false\n", False),
        (f"{PROJECT}[build-system]\nrequires = []\n[tool.poetry]\npackage-mode = false\n", False),
        (f"{PROJECT}[tool.uv]\npackage = true\n", True),
        ("project = 3\n", False),
    ],
)
def test_a_project_that_is_not_a_package_is_told_from_one_that_is_built(
    tmp_path: Path, text: str, expected: bool
) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    assert is_package(tmp_path) is expected


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace whose root is not a project: two members, and a folder that is excluded."""
    root = "[tool.uv.workspace]\nmembers = ['libs/*', 'apps/*']\nexclude = ['libs/old']\n"
    (tmp_path / "pyproject.toml").write_text(root)
    for folder in ("libs/drawer", "libs/old", "libs/no-project", "apps/desk"):
        (tmp_path / folder).mkdir(parents=True)
        if folder != "libs/no-project":
            text = f"[project]\nname = '{Path(folder).name}'\n"
            commands = "[project.scripts]\ndesk = 'desk:main'\n" if folder == "apps/desk" else ""
            (tmp_path / folder / "pyproject.toml").write_text(text + commands)
    return tmp_path


def test_the_members_of_a_workspace_are_known_by_name(workspace: Path) -> None:
    assert members(workspace) == {
        "desk": workspace / "apps/desk",
        "drawer": workspace / "libs/drawer",
    }


def test_the_only_member_with_commands_is_frozen(workspace: Path) -> None:
    assert project(workspace, ask()) == workspace / "apps/desk"


@pytest.mark.parametrize("name", ["drawer", "libs/drawer"])
def test_a_member_is_named_by_its_name_or_its_folder(workspace: Path, name: str) -> None:
    assert project(workspace, ask(PACKAGE=name)) == workspace / "libs/drawer"


def test_of_several_members_with_commands_one_is_named(workspace: Path) -> None:
    file = workspace / "libs/drawer/pyproject.toml"
    file.write_text(file.read_text() + "[project.gui-scripts]\nx = 'x:y'\n")
    with pytest.raises(SystemExit, match="set PACKAGE to one of desk, drawer"):
        project(workspace, ask())


def test_a_member_that_does_not_exist_is_refused_with_those_that_do(workspace: Path) -> None:
    with pytest.raises(SystemExit, match=r"'chair'[.] Members: desk, drawer"):
        project(workspace, ask(PACKAGE="chair"))
