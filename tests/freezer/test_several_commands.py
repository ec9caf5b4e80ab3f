"""The template of PyInstaller's own specs, changed so that several programs share a folder."""

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from tools.projects import ROOT

SEVERAL = ROOT / "template/[[only_builder]]/scripts/freezer/several_commands.py"
COMMANDS = [("one", "one-script", False), ("two.x", "two.x-script", True)]
# The file is not imported, because it changes the PyInstaller of its process.
MAKE = """\
import runpy, sys
from PyInstaller.utils.cliutils.makespec import run
runpy.run_path(sys.argv.pop(1))
run()
"""


@pytest.mark.parametrize("option", [[], ["--onefile"]])
def test_a_spec_makes_a_program_of_each_command(tmp_path: Path, option: list[str]) -> None:
    environment = {**os.environ, "FREEZER_COMMANDS": json.dumps(COMMANDS)}
    scripts = ["one-script.py", "two.x-script.py"]
    command = [sys.executable, "-c", MAKE, str(SEVERAL), "--name=both", *option, *scripts]
    subprocess.run(command, cwd=tmp_path, env=environment, check=True)
    made: list[dict[str, object]] = []
    collected: list[object] = []

    class Analysis:
        """The scripts of both commands, after PyInstaller's own."""

        pure = binaries = datas = ()
        scripts = (("pyi_rth", "", ""), ("one-script", "", ""), ("two.x-script", "", ""))

        def __init__(self, *_: object, **__: object) -> None: ...

    def exe(_: object, scripts: list[tuple[str, str, str]], *__: object, **options: object) -> str:
        made.append({"scripts": [name for name, *_ in scripts], **options})
        return str(options["name"])

    def collect(*arguments: object, **_: object) -> None:
        collected.extend(arguments)

    names = {"Analysis": Analysis, "PYZ": lambda _: None, "EXE": exe, "COLLECT": collect}
    spec = tmp_path / "both.spec"
    runpy.run_path(str(spec.rename(tmp_path / "both.py")), names)
    assert [(one["name"], one["scripts"], one["console"]) for one in made] == [
        ("one", ["pyi_rth", "one-script"], True),
        ("two.x", ["pyi_rth", "two.x-script"], False),
    ]
    assert collected[:2] == ([] if option else ["one", "two.x"])
