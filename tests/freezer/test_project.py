import zipfile
from importlib.metadata import Distribution
from pathlib import Path

import pytest
from freezer import project
from freezer.command_line import read
from freezer.project import Project

ENTRY_POINTS = """\
[console_scripts]
sample = sample.cli:main
sampled = sample.server:Server.run [d,http]

[gui_scripts]
sample-window = sample.window:main

[pytest11]
sample = sample.plugin
"""
METADATA = """\
Metadata-Version: 2.1
Name: Sample
Version: 1.2
Provides-Extra: d
Provides-Extra: http
Provides-Extra: gui-tools
"""


def make_wheel(folder: Path, entry_points: str = ENTRY_POINTS) -> Path:
    info = "sample-1.2.dist-info"
    files = {
        "sample/__init__.py": "",
        "sample/data.txt": "",
        "sample-1.2.data/scripts/x": "",
        "alone.py": "",
        f"{info}/METADATA": METADATA,
        f"{info}/entry_points.txt": entry_points,
    }
    folder.mkdir(exist_ok=True)
    wheel = folder / "sample-1.2-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        archive.writestr(f"{info}/RECORD", "".join(f"{name},,\n" for name in files))
    return wheel


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    return make_wheel(tmp_path)


@pytest.fixture
def distribution(wheel: Path) -> Distribution:
    found: Distribution = project.metadata(wheel)
    return found


def test_the_commands_are_those_of_the_wheel(distribution: Distribution) -> None:
    found = [command.name for command in project.commands(distribution)]
    assert found == ["sample", "sampled", "sample-window"]


def test_the_extras_of_the_commands_are_installed(distribution: Distribution, wheel: Path) -> None:
    extras = project.extras(distribution, read([], {}, "off"))
    found = Project(wheel.parent, wheel, distribution, extras)
    assert found.requirement == f"Sample[d,http] @ {wheel.as_uri()}"


def test_a_project_without_extras_is_installed_alone(wheel: Path) -> None:
    found = Project(wheel.parent, wheel, project.metadata(wheel), [])
    assert found.requirement == f"Sample @ {wheel.as_uri()}"


def test_the_extras_that_the_user_asks_for_are_installed_too(distribution: Distribution) -> None:
    found = project.extras(distribution, read([], {"EXTRAS": "Gui_Tools"}, "off"))
    assert found == ["Gui_Tools", "d", "http"]
    with pytest.raises(SystemExit, match="no extra 'guitools', only: d, http, gui-tools"):
        project.extras(distribution, read([], {"EXTRAS": "guitools"}, "off"))


def test_each_command_becomes_a_script_without_its_extras(
    distribution: Distribution, tmp_path: Path
) -> None:
    programs = project.programs(distribution, tmp_path)
    names = [program[program.index("--name") + 1] for program in programs]
    assert names == ["sample", "sampled", "sample-window"]
    assert ["--windowed" in program for program in programs] == [False, False, True]
    script = Path(programs[1][-1])
    assert script.name == "sampled-script.py"
    assert script.read_text() == (
        "import sys\nfrom sample.server import Server\nsys.exit(Server.run())\n"
    )


def test_a_command_takes_in_the_data_the_modules_and_the_metadata_of_its_project(
    distribution: Distribution,
) -> None:
    assert project.collected(distribution) == [
        "--copy-metadata=Sample",
        "--collect-data=sample",
        "--collect-submodules=sample",
    ]


def test_a_command_without_a_function_is_refused(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "[console_scripts]\nsample = sample.cli\n")
    with pytest.raises(SystemExit, match=r"sample needs module:function, and is 'sample.cli'"):
        project.programs(project.metadata(wheel), tmp_path)


def test_a_wheel_without_entry_points_has_no_commands(tmp_path: Path) -> None:
    assert project.programs(project.metadata(make_wheel(tmp_path, "")), tmp_path) == []


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
