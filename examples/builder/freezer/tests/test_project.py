import zipfile
from importlib.metadata import Distribution
from pathlib import Path

import pytest

from freezer import project
from freezer.command_line import read

ENTRY_POINTS = """\
[console_scripts]
sample = sample.cli:main
sampled = sample.server:Server.run [d,http]

[gui_scripts]
sample-window = sample.window:main

[pytest11]
sample = sample.plugin
"""


def make_wheel(folder: Path, entry_points: str = ENTRY_POINTS) -> Path:
    info = "sample-1.2.dist-info"
    files = {
        "sample/__init__.py": "",
        "sample/data.txt": "",
        "sample-1.2.data/scripts/x": "",
        "alone.py": "",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: Sample\nVersion: 1.2\n",
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
    return project.metadata(wheel)


def test_the_commands_are_those_of_the_wheel(distribution: Distribution) -> None:
    found = [command.name for command in project.commands(distribution)]
    assert found == ["sample", "sampled", "sample-window"]


def test_the_extras_of_the_commands_are_installed(distribution: Distribution, wheel: Path) -> None:
    assert project.requirement(distribution, wheel) == f"Sample[d,http] @ {wheel.as_uri()}"


def test_a_project_without_extras_is_installed_alone(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "[console_scripts]\nsample = sample.cli:main\n")
    assert project.requirement(project.metadata(wheel), wheel) == f"Sample @ {wheel.as_uri()}"


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
    with pytest.raises(SystemExit, match="sample needs module:function, and is 'sample.cli'"):
        project.programs(project.metadata(wheel), tmp_path)


def test_a_wheel_without_entry_points_has_no_commands(tmp_path: Path) -> None:
    assert project.programs(project.metadata(make_wheel(tmp_path, "")), tmp_path) == []


def test_the_wheel_is_built_from_a_copy_without_what_builds_left(tmp_path: Path) -> None:
    source = tmp_path / "source"
    kept = {"pyproject.toml", "src/sample/build/data.txt", ".git/HEAD"}
    left = {"build/x", "dist/x", "src/sample.egg-info/x", ".venv/pyvenv.cfg", "env/pyvenv.cfg"}
    for name in kept | left:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).touch()
    copied = set()

    def build(folder: Path, wheels: Path) -> None:
        copied.update(
            path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
        )
        make_wheel(wheels)

    wheel = project.wheel(source, tmp_path, build)
    assert copied == kept
    assert wheel.suffix == ".whl"


def test_requirements_txt_is_installed_if_it_exists(tmp_path: Path) -> None:
    request = read([], {}, "off")
    assert project.requirements(tmp_path, request) == []
    file = tmp_path / "requirements.txt"
    file.touch()
    assert project.requirements(tmp_path, request) == ["--requirement", str(file)]


def test_the_variable_names_another_requirements_file(tmp_path: Path) -> None:
    request = read([], {"REQUIREMENTS": "needs.txt"}, "off")
    (tmp_path / "requirements.txt").touch()
    with pytest.raises(SystemExit, match=r"REQUIREMENTS: there is no needs.txt"):
        project.requirements(tmp_path, request)
    file = tmp_path / "needs.txt"
    file.touch()
    assert project.requirements(tmp_path, request) == ["--requirement", str(file)]
