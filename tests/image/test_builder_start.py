"""Each program that was made is started once: whether it does decides how a run ends."""

import re
from pathlib import Path

from tests.image.freezing import PYPROJECT, Freeze, files, start
from tests.support.docker import Docker
from tests.support.files import write
from tests.support.samples import sample

# The functions of commands, each with why it does not start, or nothing.
COMMANDS = {
    "module": (
        "importlib.import_module('no_such' + '_module')",
        "No module named 'no_such_module'",
    ),
    "metadata": (
        "importlib.metadata.version('no' + '-such')",
        "No package metadata was found for no-such",
    ),
    "file": (
        "pathlib.Path(__file__).with_name('data.txt').read_text()",
        "_internal/sample/data.txt'",
    ),
    "signal": (
        "hasattr(sys, 'frozen') and os.kill(os.getpid(), signal.SIGSEGV)",
        "it is ended by SIGSEGV; without PyInstaller it exits with 0",
    ),
    "as-python": (
        "time.sleep(1); subprocess.run([sys.executable, '-c', 'import time; time.sleep(5)'])",
        "multiprocessing needs freeze_support()",
    ),
    "extra": ("import six", "No module named 'six'"),
    "itself": (
        "[subprocess.Popen([sys.executable]) for _ in range(30)]; time.sleep(60)",
        "multiprocessing needs freeze_support()",
    ),
    "service": ("time.sleep(60)", ""),
    "refuses-help": ("raise ValueError('no --help')", ""),
    "exits-with-3": ("sys.exit(3)", ""),
}
WITHOUT_PYTHON = """\
a = Analysis(["main.py"])
exe = EXE(PYZ(a.pure), a.scripts, name="main", exclude_binaries=True)
COLLECT(exe, [file for file in a.binaries if "libpython" not in file[0]], a.datas, name="main")
"""


def test_of_several_commands_those_that_start_are_kept_and_each_other_one_says_why(
    freeze: Freeze, source: Path
) -> None:
    imports = "import importlib.metadata, os, pathlib, signal, subprocess, sys, time\n"
    functions = [
        f"def f{number}():\n    {code}\n" for number, (code, _) in enumerate(COMMANDS.values())
    ]
    scripts = "".join(f"{name} = 'sample.cli:f{number}'\n" for number, name in enumerate(COMMANDS))
    pyproject = PYPROJECT.format(dependencies="").replace('sample = "sample.cli:main"\n', scripts)
    extra = "[project.optional-dependencies]\nmore = ['six']\n"
    write(source, {"pyproject.toml": pyproject + extra, "src/sample/__init__.py": ""})
    write(source, {"src/sample/cli.py": imports + "".join(functions)})
    # If the freezer did not end what starts itself, Docker would, before it fills this machine.
    result = freeze(options=["--pids-limit=500", "--memory=4g"])
    assert result.returncode == 1
    errors = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    reasons = dict(re.findall(r"error: (\S+) does not start: (.*)", "\n".join(errors)))
    expected = {name: reason for name, (_, reason) in COMMANDS.items() if reason}
    assert reasons.keys() == expected.keys(), result.stderr
    assert all(reasons[name].endswith(reason) for name, reason in expected.items())
    assert "An extra of the project brings six: set EXTRAS=more.\n" in result.stderr
    started = sorted(COMMANDS.keys() - expected.keys())
    assert errors[-1].endswith(
        f"COMMANDS={','.join(started)} freezes only the commands that start."
    )
    assert files(source / "dist/sample") == {"_internal", *started}
    result = freeze("--onefile", options=["--env=COMMANDS=exits-with-3"])
    assert result.returncode == 0, result.stderr
    assert "exits-with-3" in files(source / "dist")


def test_data_that_a_script_names_is_in_the_program_though_help_does_not_read_it(
    docker: Docker, freeze: Freeze, source: Path
) -> None:
    code = """\
import sys
from pathlib import Path
if "--help" not in sys.argv:
    print((Path(__file__).parent / "texts" / "a.txt").read_text())
"""
    write(source, {"main.py": code, "texts/a.txt": "data"})
    result = freeze()
    assert result.returncode == 0, result.stderr
    assert start(docker, source, "main/main") == "data\n"


def test_what_pyinstaller_overlooked_is_added_and_the_program_frozen_once_more(
    docker: Docker, freeze: Freeze, source: Path
) -> None:
    sample("overlooked", source)
    done = freeze()
    assert done.returncode == 0, done.stderr
    assert start(docker, source, "main/main") == "plugin\n"
    *_, result, advice = done.stdout.splitlines()
    assert re.fullmatch(r"dist/main [\d.]+ MB; needs glibc 2\.\d+ or newer", result)
    assert advice == "It was frozen twice. With --collect-all=library as arguments, once is enough."


def test_with_a_spec_the_program_is_compared_too_and_the_message_says_what_helps(
    freeze: Freeze, source: Path
) -> None:
    # A program that has caught the error, says it, and exits with 0.
    code = "try:\n    import library\nexcept ImportError as error:\n    print('error:', error)\n"
    spec = (
        'a = Analysis(["main.py"])\nEXE(PYZ(a.pure), a.scripts, a.binaries, a.datas, name="main")\n'
    )
    sample("overlooked", source)
    write(source, {"main.py": code, "main.spec": spec})
    result = freeze()
    assert result.returncode == 1
    assert "--collect-all=library adds it. In a spec, that is collect_all()." in result.stderr


def test_a_program_that_its_loader_cannot_start_fails(freeze: Freeze, source: Path) -> None:
    write(source, {"main.py": "", "main.spec": WITHOUT_PYTHON})
    result = freeze()
    assert result.returncode == 1
    assert "error: main does not start: [PYI-" in result.stderr
    assert "Failed to load Python shared library" in result.stderr


def test_a_library_that_only_the_system_has_is_named_by_a_warning(
    freeze: Freeze, source: Path
) -> None:
    # PyInstaller reads no name that the program puts together.
    code = "import ctypes, ssl\nname = 'libstdc++'\nctypes.CDLL(name + '.so.6')\n"
    write(source, {"main.py": code})
    result = freeze("--onefile")
    assert result.returncode == 0, result.stderr
    [warning] = [line for line in result.stdout.splitlines() if line.startswith("warning: ")]
    assert re.search(r"not add: (libgcc_s\.so\.1, )?libstdc\+\+\.so\.6\. Where one", warning)
