import signal
import subprocess
import sys
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


@pytest.mark.parametrize("arguments", ["", "goodbye", "hello --every 0"])
def test_wrong_usage_ends_with_2(arguments: str) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments.split())
    assert end.value.code == 2


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_at_once(signum: signal.Signals) -> None:
    command = [sys.executable, "-m", "star_counter"]
    command += ["hello", "--every", "60"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as program:  # noqa: S603
        assert program.stdout
        assert program.stdout.readline() == b"Hello, World!\n"
        program.send_signal(signum)
        assert program.wait(timeout=5) == 128 + signum
