"""What builds provide for a release, and what `gather` makes of it."""

import subprocess
import sys
from pathlib import Path

from tests.support.commands import run
from tests.support.quick import program
from tools.projects import ROOT

SCRIPT = ROOT / "template/.github/scripts/gather"
PROJECT = ROOT / "template/[[only_app]]"


def downloads(system: str) -> list[str]:
    """The files that a release offers for a system: the one file, and the folder's archive."""
    name = f"my-tool-{system}"
    return [f"{name}.exe", f"{name}.zip"] if "windows" in system else [name, f"{name}.tar.gz"]


def lists(system: str) -> list[str]:
    """What its build says of them."""
    said = [f"my-tool-{system}.cdx.json", f"my-tool-{system}.licenses.txt"]
    return [*said, f"glibc-{system}.txt"] if system.startswith("linux") else said


def provide(folder: Path, system: str, glibc: str = "2.36") -> Path:
    """Write what a build provides."""
    target = folder / "programs" / system
    onedir = folder / "made" / system / "my-tool"
    one, archive = (target / name for name in downloads(system))
    for file in (one, onedir / f"my-tool{one.suffix}"):
        file.parent.mkdir(parents=True)
        file.write_bytes(program(f"my-tool 1.2.3 for {system}"))
        file.chmod(0o755)
    (onedir / "_internal").mkdir()
    (onedir / "_internal/library").write_text(system)
    run(sys.executable, PROJECT / "scripts/freezer/archive.py", "create", onedir, archive)
    for name in lists(system):
        (target / name).write_text(f"{glibc}\n" if name.startswith("glibc") else name)
    return target


def gather(folder: Path, *systems: str) -> subprocess.CompletedProcess[str]:
    """Run the script from a project's root."""
    return subprocess.run(
        [SCRIPT, folder, "my-tool", *systems],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )
