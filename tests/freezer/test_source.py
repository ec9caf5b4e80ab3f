from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from freezer.command_line import read
from freezer.source import has_spec, is_project, programs, script

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
        found = programs(tmp_path, read(arguments, environment, "off"))
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


@pytest.mark.parametrize("name", ["main.py", "app.py"])
def test_then_a_script_of_a_usual_name(choose: Choose, name: str) -> None:
    assert choose(["helper.py", name]) == [[name]]


def test_then_the_only_script(choose: Choose) -> None:
    assert choose(["tool.py"]) == [["tool.py"]]


@pytest.mark.parametrize("names", [["a.py", "b.py"], ["app.py", "main.py"]])
def test_several_scripts_are_refused_by_name(choose: Choose, names: list[str]) -> None:
    with pytest.raises(SystemExit, match=f"several scripts: name one of {', '.join(names)}"):
        choose(names)


def test_an_empty_folder_is_refused_with_what_is_expected(choose: Choose) -> None:
    with pytest.raises(SystemExit, match="nothing to freeze"):
        choose([])


def test_setup_py_is_a_project_and_never_a_script(choose: Choose, tmp_path: Path) -> None:
    assert choose(["setup.py"]) == []
    with pytest.raises(SystemExit, match="the project has no command"):
        script(tmp_path)


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
def test_a_pyproject_that_only_configures_tools_is_no_project(
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
    assert has_spec([[]], read(arguments, {}, "off")) is expected
    assert has_spec([[tmp_path / "x.spec"]], read([], {}, "off")) is True
