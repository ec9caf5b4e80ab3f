from pathlib import Path

import pytest
from freezer.command_line import action

from tests.freezer.asking import ask


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
        (["tool.pyw"], "freeze"),
        (["a-file"], "freeze"),
        (["sh"], "command"),
    ],
)
def test_arguments_are_told_apart_from_commands(
    arguments: list[str], expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a-file", "sh"):
        Path(name).touch()
    assert action(arguments) == expected


def test_pyinstallers_arguments_pass_through_and_our_own_do_not() -> None:
    asked = ask("--onefile", "--no-verify", "--name", "x", "--distpath", "out", "tool.py")
    assert asked.arguments == [
        "--onefile",
        *("--name", "x"),
        *("--distpath", "out"),
        "tool.py",
    ]
    assert (asked.dist, asked.verify, asked.onefile) == (Path("out"), False, True)


def test_without_arguments_programs_are_started_and_dist_is_the_folder() -> None:
    asked = ask()
    assert asked.arguments == []
    assert (asked.dist, asked.verify, asked.onefile) == (Path("dist"), True, False)


def test_what_follows_two_hyphens_is_for_the_spec() -> None:
    asked = ask("tool.spec", "--", "--no-verify", "--onefile")
    assert asked.arguments == ["tool.spec", "--", "--no-verify", "--onefile"]
    assert (asked.verify, asked.onefile) == (True, False)
    assert asked.scripts == ["tool.spec", "--no-verify", "--onefile"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["tool.py"], ["tool.py"]),
        (["--onefile", "tool.py", "--name", "x"], ["tool.py"]),
        (["tool.py", "--onefile"], ["tool.py"]),
        (["--clean", "tool.spec", "--noconfirm"], ["tool.spec"]),
        (["-n", "x.py", "a-file-without-suffix"], ["a-file-without-suffix"]),
        (["--onefile"], []),
        (["--add-data", "hook.py:.", "--onefile"], []),
        (["--onefile", "--runtime-hook", "hook.py"], []),
        (["--onefile", "--name", "tool.py"], []),
    ],
)
def test_a_script_is_found_wherever_it_stands_and_the_value_of_an_option_is_none(
    arguments: list[str], expected: list[str]
) -> None:
    assert ask(*arguments).scripts == expected


def test_what_pyinstaller_does_not_know_is_refused_in_its_own_words(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        ask("--no-such-option")
    assert ended.value.code == 2
    assert "unrecognized arguments: --no-such-option" in capsys.readouterr().err


def test_an_empty_variable_asks_for_nothing() -> None:
    asked = ask(SPECFILE="", APT_PACKAGES="")
    assert (asked.specfile, asked.debian_packages) == (None, [])


def test_debian_packages_are_separated_by_spaces_or_commas() -> None:
    assert ask(APT_PACKAGES="gcc, libpq-dev  g++").debian_packages == [
        "gcc",
        "libpq-dev",
        "g++",
    ]


@pytest.mark.parametrize("name", ["file;x", "-y", "Gcc", "$(id)"])
def test_what_is_not_a_debian_package_is_refused(name: str) -> None:
    with pytest.raises(SystemExit, match="not a name of a Debian package"):
        ask(APT_PACKAGES=name)


@pytest.mark.parametrize(
    ("default", "value", "expected"),
    [("off", None, False), ("on", None, True), ("off", "on", True), ("on", "off", False)],
)
def test_upx_is_on_or_off(default: str, value: str | None, expected: bool) -> None:
    environment = {} if value is None else {"UPX_PACK": value}
    assert ask(upx_pack=default, **environment).upx is expected


def test_the_list_of_what_is_inside_can_be_switched_off() -> None:
    assert ask().sbom
    assert not ask(SBOM="off").sbom


def test_a_switch_of_another_value_is_refused() -> None:
    with pytest.raises(SystemExit, match="UPX_PACK is on or off, not 'yes'"):
        ask(UPX_PACK="yes")
