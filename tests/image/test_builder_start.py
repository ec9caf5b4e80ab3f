"""Each program that was made is started once: whether it does decides how a run ends."""

import re
from pathlib import Path

import pytest

from tests.support.freezing import ITSELF, OVERLOOKED, Docker, Freeze, files, start, write

BROKEN = {
    "a missing module": (
        "import importlib\nimportlib.import_module('no_such' + '_module')\n",
        "ModuleNotFoundError: No module named 'no_such_module'",
    ),
    "missing metadata": (
        "import importlib.metadata\nprint(importlib.metadata.version('no' + '-such'))\n",
        "PackageNotFoundError: No package metadata was found for no-such",
    ),
    "a missing file": (
        "import pathlib\npathlib.Path(__file__).with_name('data.txt').read_text()\n",
        "/src/dist/main/_internal/data.txt'",
    ),
    "a signal": (
        "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n",
        "SIGSEGV ended it",
    ),
}
WITHOUT_PYTHON = """\
a = Analysis(["main.py"])
exe = EXE(PYZ(a.pure), a.scripts, name="main", exclude_binaries=True)
COLLECT(exe, [file for file in a.binaries if "libpython" not in file[0]], a.datas, name="main")
"""


@pytest.mark.parametrize("fault", BROKEN)
def test_a_program_that_does_not_start_fails_and_says_why(
    freeze: Freeze, source: Path, fault: str
) -> None:
    code, reason = BROKEN[fault]
    write(source, {"main.py": code})
    done = freeze()
    assert done.returncode == 1
    [line] = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert line.startswith("error: main does not start: ")
    assert line.endswith(reason)
    assert done.stderr.endswith("--no-verify skips this.\n")


def test_what_pyinstaller_overlooked_is_added_and_the_program_frozen_once_more(
    docker: Docker, freeze: Freeze, source: Path
) -> None:
    write(source, OVERLOOKED)
    done = freeze()
    assert done.returncode == 0, done.stderr
    assert start(docker, source, "main/main") == "plugin\n"
    *_, result, advice = done.stdout.splitlines()
    assert re.fullmatch(r"dist/main [\d.]+ MB; runs with glibc 2\.\d+ and newer", result)
    assert advice == "It was frozen twice. With --collect-all=library as arguments, once is enough."


def test_with_a_spec_the_program_is_not_frozen_again_and_the_message_says_what_helps(
    freeze: Freeze, source: Path
) -> None:
    spec = (
        'a = Analysis(["main.py"])\nEXE(PYZ(a.pure), a.scripts, a.binaries, a.datas, name="main")\n'
    )
    write(source, {**OVERLOOKED, "main.spec": spec})
    done = freeze()
    assert done.returncode == 1
    assert "--collect-all=library adds it. In a spec, that is collect_all()." in done.stderr


def test_a_dependency_that_nobody_asked_for_is_named(freeze: Freeze, source: Path) -> None:
    write(source, {"main.py": "import six\n"})
    done = freeze()
    assert done.returncode == 1
    assert "six is not installed: add it to the project's dependencies" in done.stderr


def test_a_program_that_its_loader_cannot_start_fails_unless_it_is_not_started(
    freeze: Freeze, source: Path
) -> None:
    write(source, {"main.py": "", "main.spec": WITHOUT_PYTHON})
    done = freeze()
    assert done.returncode == 1
    assert "error: main does not start: [PYI-" in done.stderr
    assert "Failed to load Python shared library" in done.stderr
    done = freeze("--no-verify")
    assert done.returncode == 0, done.stderr


def test_a_program_that_starts_itself_is_ended_with_all_that_it_started(
    freeze: Freeze, source: Path
) -> None:
    write(source, {"main.py": ITSELF})
    # If the freezer did not end it, Docker would, before it fills this machine.
    done = freeze(options=["--pids-limit=500", "--memory=4g"])
    assert done.returncode == 1
    assert "error: main does not start: it starts itself without end" in done.stderr


def test_a_program_that_goes_on_or_refuses_help_has_started(
    docker: Docker, freeze: Freeze, source: Path
) -> None:
    code = "import sys, time\nif sys.argv[1:] == ['--help']:\n    time.sleep(60)\nprint('later')\n"
    write(source, {"main.py": code})
    done = freeze("--onefile")
    assert done.returncode == 0, done.stderr
    assert start(docker, source, "main") == "later\n"
    write(source, {"main.py": "raise ValueError('this program has no --help')\n"})
    done = freeze("--onefile")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("option", ["--onedir", "--onefile"])
def test_a_library_that_only_the_system_has_is_named_by_a_warning(
    freeze: Freeze, source: Path, option: str
) -> None:
    # PyInstaller reads no name that the program puts together.
    code = "import ctypes, ssl\nname = 'libstdc++'\nctypes.CDLL(name + '.so.6')\n"
    write(source, {"main.py": code, "plain.py": "import ssl\n"})
    done = freeze(option, "main.py")
    assert done.returncode == 0, done.stderr
    [warning] = [line for line in done.stdout.splitlines() if line.startswith("warning: ")]
    assert re.search(r"not add: (libgcc_s\.so\.1, )?libstdc\+\+\.so\.6\. Where one", warning)
    done = freeze(option, "plain.py")
    assert "warning: " not in done.stdout


def test_a_program_is_started_in_an_empty_folder_and_leaves_nothing(
    freeze: Freeze, source: Path
) -> None:
    code = "import os, pathlib, sys\nsys.exit(len(os.listdir()))\n"
    write(source, {"main.py": f"{code}pathlib.Path('left').touch()\n"})
    done = freeze()
    assert done.returncode == 0, done.stderr
    assert files(source) == {"main.py", "dist"}


def test_upx_packs_a_folder_that_still_runs(docker: Docker, freeze: Freeze, source: Path) -> None:
    write(source, {"hello.py": "print('hello')\n"})
    done = freeze(options=["--env=UPX_PACK=on"])
    assert done.returncode == 0, done.stderr
    assert "UPX packed" in done.stdout
    assert start(docker, source, "hello/hello") == "hello\n"


def test_upx_refuses_onefile_before_it_freezes(freeze: Freeze, source: Path) -> None:
    write(source, {"hello.py": "print('hello')\n"})
    done = freeze("--onefile", options=["--env=UPX_PACK=on"])
    assert done.returncode == 1
    assert "only onedir can be packed" in done.stderr
    assert files(source) == {"hello.py"}
