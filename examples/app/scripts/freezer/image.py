"""The files of the image, in layers: what changes with the source is in a layer of its own."""

import os
import shutil
from pathlib import Path

from freezer.contents import entry
from freezer.environment import versions
from freezer.processes import run
from freezer.program import freeze, list_contents

LAYERS = Path("/layers")


def image(command: str) -> None:
    """Freeze the program, and lay out the files of the image."""
    program = freeze(command)
    folder = program.parent
    pack = Path(__file__).with_name("upx-pack")
    run("upx-pack", "bash", pack, versions().get("UPX_PACK", "off"), folder, program, "--version")

    libraries, own = LAYERS / "libraries", LAYERS / "program"
    # The bootloader needs zlib, which the image's base lacks.
    (zlib,) = Path("/usr/lib").glob("*-linux-gnu/libz.so.1")
    copy(zlib, libraries / "usr/lib/libz.so.1")
    added = entry("usr/lib/libz.so.1", str(zlib.resolve()), zlib.read_bytes())
    project, _ = list_contents(command, folder, libraries, "app", [added])

    shutil.copytree(folder, libraries / "app", symlinks=True)
    names = {Path(file.path).relative_to("app") for file in project.files}
    for name in sorted(name for name in names if (folder / name).is_file()):
        move(libraries / "app" / name, own / "app" / name)
    move(libraries / "sbom.cdx.json", own / "sbom.cdx.json")
    if (licenses := libraries / "licenses" / project.name).is_dir():
        move(licenses, own / "licenses" / project.name)
    # With fixed dates, the same files are the same layer.
    for path in [LAYERS, *LAYERS.rglob("*")]:
        os.utime(path, (0, 0), follow_symlinks=False)


def copy(source: Path, target: Path) -> None:
    """Copy a file to a new folder."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def move(source: Path, target: Path) -> None:
    """Move a file or a folder to a new folder."""
    target.parent.mkdir(parents=True, exist_ok=True)
    source.rename(target)
