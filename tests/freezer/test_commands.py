from importlib.metadata import Distribution
from pathlib import Path

import pytest
from freezer import project
from freezer.commands import check_name, collected, commands, program, several
from freezer.overlooked import FUNCTION

from tests.freezer.asking import ask
from tests.freezer.wheels import ENTRY_POINTS, make_wheel

SCRIPTS = {
    "sample-1.2.data/scripts/s3": "#!python\nprint('s3')\n",
    "sample-1.2.data/scripts/tool.py": "#!/usr/bin/env python3\nprint('tool')\n",
    "sample-1.2.data/scripts/shell": "#!/bin/sh\n",
    "sample-1.2.data/scripts/more/deep": "#!python\n",
}


def distribution(folder: Path, entry_points: str = ENTRY_POINTS) -> Distribution:
    found: Distribution = project.metadata(make_wheel(folder, entry_points))
    return found


def test_the_commands_are_those_of_the_wheel(tmp_path: Path) -> None:
    found = commands(distribution(tmp_path), ask())
    assert [command.name for command in found] == ["sample", "sampled", "sample-window"]
    assert [command.windowed for command in found] == [False, False, True]
    assert [list(command.extras) for command in found] == [[], ["d", "http"], []]


def test_scripts_in_python_are_commands(tmp_path: Path) -> None:
    found = commands(project.metadata(make_wheel(tmp_path, "", SCRIPTS)), ask())
    assert {command.name: command.script for command in found} == {
        "s3": "#!python\nprint('s3')\n",
        "tool": "#!/usr/bin/env python3\nprint('tool')\n",
    }


def test_without_commands_what_python_m_runs_is_one(tmp_path: Path) -> None:
    main = {"sample/__main__.py": "", "sample/more/__main__.py": ""}
    [found] = commands(project.metadata(make_wheel(tmp_path, "", main)), ask())
    assert found.name == "sample"
    assert "runpy.run_module('sample', run_name='__main__'" in found.script
    assert "sample" not in {
        command.name
        for command in commands(
            project.metadata(make_wheel(tmp_path, "[console_scripts]\nx=y:z", main)), ask()
        )
    }


def test_the_user_chooses_some_of_the_commands(tmp_path: Path) -> None:
    found = commands(distribution(tmp_path), ask(COMMANDS="sample-window, sample"))
    assert [command.name for command in found] == ["sample-window", "sample"]
    with pytest.raises(SystemExit, match="no command 'nox', only: sample, sampled, sample-window"):
        commands(distribution(tmp_path), ask(COMMANDS="nox"))


def test_one_name_for_several_commands_is_refused(tmp_path: Path) -> None:
    found = commands(distribution(tmp_path), ask())
    with pytest.raises(SystemExit, match="Set COMMANDS to one of sample, sampled, sample-window"):
        check_name(found, ask("--name", "x"))
    check_name(found, ask())
    check_name(found[:1], ask("--name", "x"))


def test_a_command_becomes_a_script_without_its_extras(tmp_path: Path) -> None:
    wheel = distribution(tmp_path)
    found = commands(wheel, ask(COMMANDS="sampled"))
    *options, script = program(wheel, found, tmp_path)
    assert options[:2] == ["--name", "sampled"]
    assert "--windowed" not in options
    assert Path(script).name == "sampled-script.py"
    assert Path(script).read_text() == (
        FUNCTION.format(module="sample.server", first="Server", attr="Server.run")
    )
    assert several(found) == {}


def test_several_commands_share_a_folder_of_the_projects_name(tmp_path: Path) -> None:
    wheel = distribution(tmp_path)
    found = commands(wheel, ask())
    options = program(wheel, found, tmp_path)
    assert options[:2] == ["--name", "Sample"]
    assert "--debug=noarchive" in options
    assert [Path(script).stem for script in options[-3:]] == [
        f"{command.name}-script" for command in found
    ]


def test_a_command_takes_in_the_data_the_modules_and_the_metadata_of_its_project(
    tmp_path: Path,
) -> None:
    assert collected(distribution(tmp_path)) == [
        "--copy-metadata=Sample",
        "--collect-data=sample",
        "--collect-submodules=sample",
    ]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("sample = sample.cli", "sample must be module:function, not 'sample.cli'"),
        ("sample = sample.cli:a b", "must be module:function"),
        ("sample = import os;os:x", "must be module:function"),
        ("sample =", "must be module:function"),
        ("../../x = sample.cli:main", "'../../x' cannot be the name of a file"),
        ("/tmp/x = sample.cli:main", "cannot be the name of a file"),
        ("-x = sample.cli:main", "cannot be the name of a file"),
    ],
)
def test_a_malformed_command_is_refused_by_name(tmp_path: Path, entry: str, message: str) -> None:
    with pytest.raises(SystemExit, match=message):
        commands(distribution(tmp_path, f"[console_scripts]\n{entry}\n"), ask())


def test_a_wheel_without_entry_points_has_no_commands(tmp_path: Path) -> None:
    assert commands(distribution(tmp_path, ""), ask()) == []
