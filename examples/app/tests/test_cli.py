from importlib.metadata import version

import pytest

from star_counter.cli import main

NAME = "star-counter"


def test_it_greets(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["hello", "Ada"]) == 0
    assert capsys.readouterr().out == "Hello, Ada!\n"


def test_it_tells_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out == f"{NAME} {version(NAME)}\n"


@pytest.mark.parametrize("arguments", ["", "goodbye"])
def test_wrong_usage_exits_with_2(arguments: str) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments.split())
    assert end.value.code == 2
