"""PyInstaller and what it needs, in a folder of their own: install it, and run it.

  python -m freezer.pyinstaller FOLDER [OPTION...]    install it; the options are those of `uv pip install`

It is not in the environment that is frozen, so nothing of it can get into a program.
"""

import os
import shutil
import sys
from ast import literal_eval
from collections.abc import Mapping, Sequence
from pathlib import Path

from freezer.processes import fail, run

# The arguments of a Python to run it. With -P it imports nothing from the folder it is started in.
PYINSTALLER = ("-P", "-m", "PyInstaller")
# Our run-time hooks, each with the module whose programs get it.
HOOKS = {"ssl": "certificates.py", "sys": "python_start.py"}
# dbm imports its own modules by computed names, and PyInstaller has no hook for it.
DBM = "from PyInstaller.utils.hooks import collect_submodules\nhiddenimports = collect_submodules('dbm')\n"
VERSIONS = {"pyinstaller": "PYINSTALLER_VERSION", "pyinstaller-hooks-contrib": "PYINSTALLER_HOOKS_CONTRIB_VERSION"}


def install(folder: Path, versions: Mapping[str, str], *options: str | Path) -> None:
    """Install it, in the versions of versions.env and of tools.txt."""
    for key in VERSIONS.values():
        if not versions.get(key):
            fail(f"versions.env has no {key}: add a line {key}=VERSION")
    wanted = [f"{name}=={versions[key]}" for name, key in VERSIONS.items()]
    shutil.rmtree(folder, ignore_errors=True)
    here, folder = Path(__file__).parent, folder.absolute()
    command: list[str | Path] = ["uv", "pip", "install", "--quiet", "--target", folder, *options]
    # The settings of a project, such as exclude-newer, are for what the project needs. uv finds none at the root.
    command += ["--constraints", here / "tools.txt", *wanted]
    run("uv pip install", *command, cwd=Path(folder.anchor))
    shutil.copyfile(here / "tools_finder.py", folder / "sitecustomize.py")
    # Run-time hooks of ours, beside PyInstaller's. uv may have linked their list to its cache.
    hooks = folder / "PyInstaller/hooks"
    known = literal_eval((hooks / "rthooks.dat").read_text(encoding="utf-8"))
    for module, name in HOOKS.items():
        shutil.copyfile(here / name, hooks / f"rthooks/pyi_rth_{name}")
        known[module] = [f"pyi_rth_{name}"]
    (hooks / "rthooks.dat").unlink()
    (hooks / "rthooks.dat").write_text(repr(known), encoding="utf-8")
    (hooks / "hook-dbm.py").write_text(DBM, encoding="utf-8")


def pyinstaller(
    command: Sequence[str | Path],
    tools: str | Path,
    source: Path,
    work: Path,
    *arguments: str | Path,
    env: Mapping[str, str] | None = None,
) -> None:
    """Run it in a folder, and leave none of its own files there. The same source gives the same bytes.

    Args:
        command: what starts it
        tools: the folder that it is in, as Python is told
        source: where the files are that are frozen
        work: where it may write
        arguments: its own
        env: more variables for it
    """
    before = set(source.glob("*.spec"))
    options: list[str | Path] = ["--noconfirm", "--workpath", work / "build"]
    # No usercustomize.py of the source runs.
    own = {"PYTHONPATH": str(tools), "PYTHONNOUSERSITE": "1", "PYTHONHASHSEED": "0"}
    try:
        environment = {**os.environ, **own, **(env or {})}
        run("PyInstaller", *command, *options, *arguments, cwd=source, env=environment)
    finally:
        for spec in set(source.glob("*.spec")) - before:
            spec.unlink()


if __name__ == "__main__":
    install(Path(sys.argv[1]), os.environ, *sys.argv[2:])
