"""PyInstaller, but it makes several programs that share one folder, in one run.

python -P several_commands.py [ARGUMENT...]    run PyInstaller with arguments

A spec may have several EXE and one COLLECT, but no option of PyInstaller writes such a spec. This
changes the template that PyInstaller writes it from. The variable FREEZER_COMMANDS lists the
programs, as JSON: name, name of the script without its suffix, windowed or not.
"""

import json
import os
import re

from PyInstaller.__main__ import run
from PyInstaller.building import makespec

HELPER = """
commands = {commands!r}


def scripts_of(script):
    others = {{name for _, name, _ in commands}} - {{script}}
    return [entry for entry in a.scripts if entry[0] not in others]


programs = [EXE("""


def several(template: str, commands: object) -> str:
    """The template of a spec that makes a program of each command.

    Raises:
        SystemExit: PyInstaller's template has changed.
    """
    begin, _, rest = template.partition("exe = EXE(")
    arguments, _, end = rest.partition("\n)\n")
    replaced = [
        ("a.scripts,", "scripts_of(script),"),
        ("name=%(name)r,", "name=name,"),
        ("console=%(console)s,", "console=not windowed,"),
    ]
    for old, new in replaced:
        if old not in arguments:
            raise SystemExit(f"error: this PyInstaller's spec has no {old} in EXE: freeze each command")
        arguments = arguments.replace(old, new, 1)
    helper = HELPER.format(commands=commands).replace("%", "%%")
    end = re.sub(r"(COLLECT\(\s+)exe,", r"\1*programs,", end)
    return f"{begin}{helper}{arguments}\n) for name, script, windowed in commands]\n{end}"


listed = json.loads(os.environ["FREEZER_COMMANDS"])
makespec.onedirtmplt = several(makespec.onedirtmplt, listed)
makespec.onefiletmplt = several(makespec.onefiletmplt, listed)
if __name__ == "__main__":
    run()
