from pathlib import Path

import pytest
from freezer.command_line import Request, action, read


def request(*arguments: str, **environment: str) -> Request:
    return read(arguments, environment, "off")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], "freeze"),
        (["tool.py"], "freeze"),
        (["tool.spec", "--clean"], "freeze"),
        (["--onefile", "tool.py"], "freeze"),
        (["-F"], "freeze"),
        (["--no-verify"], "freeze"),
        (["--help"], "help"),
        (["-h", "tool.py"], "help"),
        (["--version"], "version"),
        (["-v"], "version"),
        (["sh", "-c", "pyinstaller tool.py"], "command"),
        (["python", "tool.py"], "command"),
    ],
)
def test_arguments_are_told_apart_from_commands(arguments: list[str], expected: str) -> None:
    assert action(arguments) == expected


def test_pyinstallers_arguments_pass_through_and_our_own_do_not() -> None:
    asked = request("--onefile", "--no-verify", "--name", "x", "--distpath", "out", "tool.py")
    assert asked.arguments == ["--onefile", "--name", "x", "tool.py"]
    assert (asked.dist, asked.verify, asked.onefile) == (Path("out"), False, True)


def test_without_arguments_programs_are_started_and_dist_is_the_folder() -> None:
    asked = request()
    assert asked.arguments == []
    assert (asked.dist, asked.verify, asked.onefile) == (Path("dist"), True, False)


def test_what_follows_two_hyphens_is_for_the_spec() -> None:
    asked = request("tool.spec", "--", "--no-verify", "--onefile")
    assert asked.arguments == ["tool.spec", "--", "--no-verify", "--onefile"]
    assert (asked.verify, asked.onefile, asked.names_program) == (True, False, True)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["tool.py"], True),
        (["--onefile", "tool.py"], True),
        (["tool.py", "--onefile"], True),
        (["tool.spec"], True),
        (["--onefile"], False),
        (["--add-data", "hook.py:.", "--onefile"], False),
    ],
)
def test_a_script_or_spec_is_the_first_or_the_last_argument(
    arguments: list[str], expected: bool
) -> None:
    assert request(*arguments).names_program is expected


def test_an_empty_variable_asks_for_nothing() -> None:
    asked = request(SPECFILE="", APT_PACKAGES="")
    assert (asked.specfile, asked.debian_packages) == (None, [])


def test_debian_packages_are_separated_by_spaces_or_commas() -> None:
    assert request(APT_PACKAGES="gcc, libpq-dev  g++").debian_packages == [
        "gcc",
        "libpq-dev",
        "g++",
    ]


@pytest.mark.parametrize("name", ["file;x", "-y", "Gcc", "$(id)"])
def test_what_is_not_a_debian_package_is_refused(name: str) -> None:
    with pytest.raises(SystemExit, match="not a name of a Debian package"):
        request(APT_PACKAGES=name)


@pytest.mark.parametrize(
    ("default", "value", "expected"),
    [("off", None, False), ("on", None, True), ("off", "on", True), ("on", "off", False)],
)
def test_upx_is_on_or_off(default: str, value: str | None, expected: bool) -> None:
    environment = {} if value is None else {"UPX_PACK": value}
    assert read([], environment, default).upx is expected


def test_a_switch_of_another_value_is_refused() -> None:
    with pytest.raises(SystemExit, match="UPX_PACK is on or off, not 'yes'"):
        request(UPX_PACK="yes")
