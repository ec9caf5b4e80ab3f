"""A wheel for the tests."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

ENTRY_POINTS = """\
[console_scripts]
sample = sample.cli:main
sampled = sample.server:Server.run [d,http]

[gui_scripts]
sample-window = sample.window:main

[pytest11]
sample = sample.plugin
"""
METADATA = """\
Metadata-Version: 2.1
Name: Sample
Version: 1.2
Provides-Extra: d
Provides-Extra: http
Provides-Extra: gui-tools
"""


def make_wheel(
    folder: Path, entry_points: str = ENTRY_POINTS, more: Mapping[str, str] | None = None
) -> Path:
    """Make a wheel with commands."""
    info = "sample-1.2.dist-info"
    files = {
        "sample/__init__.py": "",
        "sample/data.txt": "",
        "sample-1.2.data/scripts/x": "",
        "alone.py": "",
        f"{info}/METADATA": METADATA,
        f"{info}/entry_points.txt": entry_points,
        **(more or {}),
    }
    folder.mkdir(exist_ok=True)
    wheel = folder / "sample-1.2-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        archive.writestr(f"{info}/RECORD", "".join(f"{name},,\n" for name in files))
    return wheel
