"""PyInstaller and what it needs, in a folder of their own.

  python -m freezer.tools FOLDER [OPTION...]    install them; the options are those of `uv pip install`

They are not in the environment that is frozen, so they cannot get into a program.
"""

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from freezer.processes import fail, run

HERE = Path(__file__).parent
VERSIONS = {
    "pyinstaller": "PYINSTALLER_VERSION",
    "pyinstaller-hooks-contrib": "PYINSTALLER_HOOKS_CONTRIB_VERSION",
}


def install(folder: Path, versions: Mapping[str, str], *options: str | Path) -> None:
    """Install them, in the versions of versions.env and of tools.txt."""
    for key in VERSIONS.values():
        if not versions.get(key):
            fail(f"versions.env has no {key}: add a line {key}=VERSION")
    wanted = [f"{name}=={versions[key]}" for name, key in VERSIONS.items()]
    shutil.rmtree(folder, ignore_errors=True)
    command: list[str | Path] = ["uv", "pip", "install", "--quiet", "--target", folder.absolute()]
    # The settings of a project, such as exclude-newer, are for what the project needs. uv finds none at the root.
    run(
        "uv pip install",
        *(*command, *options, "--constraints", HERE / "tools.txt", *wanted),
        cwd=Path(folder.absolute().anchor),
    )
    shutil.copyfile(HERE / "tools_finder.py", folder / "sitecustomize.py")


def environment(folder: str | Path) -> dict[str, str]:
    """The environment in which Python finds them. The same source gives the same bytes in it."""
    # No usercustomize.py of the source runs.
    own = {"PYTHONPATH": str(folder), "PYTHONNOUSERSITE": "1", "PYTHONHASHSEED": "0"}
    return {**os.environ, **own}


if __name__ == "__main__":
    install(Path(sys.argv[1]), os.environ, *sys.argv[2:])
