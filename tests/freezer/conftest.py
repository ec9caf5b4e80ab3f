"""The freezer's modules, which the template keeps in a folder for each kind, as one package."""

import sys

from tools.projects import ROOT

FOLDERS = (
    "",
    "[[only_app]]",
    "[[only_builder]]",
    "[[only_linux_builder]]",
    "[[only_windows_builder]]",
)

sys.path.insert(0, str(ROOT / "template/scripts"))

import freezer

# Both builders have a `target`. Here it is that of Linux; test_windows_target.py loads the other one.
freezer.__path__ = [str(ROOT / "template" / name / "scripts/freezer") for name in FOLDERS]
