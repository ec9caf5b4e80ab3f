"""The programs in tests/samples/, which tests freeze."""

import shutil
from pathlib import Path

from tools.projects import ROOT

SAMPLES = ROOT / "tests/samples"


def sample(name: str, folder: Path) -> None:
    """Copy a sample program into a folder, also over another one.

    children: a part of two others. Named as its argument, a start method keeps its children at work
        until SIGTERM ends the program.
    inside: says what an app's image holds beside it.
    itself: starts itself: when it is frozen, sys.executable is the program.
    locked: the command of `package`, which prints what it can import and read.
    overlooked: has a requirement with a module that PyInstaller cannot see.
    package: has what PyInstaller cannot see: data, metadata, and a module with a computed name.
    start_module: a package that starts as by `python -m`.
    three_names: its distribution, package and command have three names, and PyInstaller sees almost
        nothing of it.
    tls: greets itself by TLS, and says where OpenSSL took the certificates from.
    """
    shutil.copytree(SAMPLES / name, folder, dirs_exist_ok=True)
