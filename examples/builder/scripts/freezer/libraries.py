"""The libraries of this image that a program loads, although they are not in the program.

PyInstaller adds the libraries that others name in their headers. It cannot see a library whose name the
program computes. Such a program starts in this image, and fails where the library is missing.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

# Each Linux has glibc, and zlib, which PyInstaller's bootloader needs.
EVERYWHERE = re.compile(r"ld-linux|lib(c|m|dl|pthread|rt|util|resolv|nss_\w+|z)\.so")


def traced(logs: Path) -> Mapping[str, str]:
    """The environment in which the loader writes into a folder what each process loads.

    https://man7.org/linux/man-pages/man8/ld.so.8.html
    """
    return {"LD_DEBUG": "files", "LD_DEBUG_OUTPUT": str(logs / "process")}


def foreign(logs: Path, program: Path) -> Sequence[str]:
    """The names of the libraries that a program has loaded from outside of its own folder."""
    own = (f"{program.parent}/", "/tmp/_MEI")  # noqa: S108 - where onefile unpacks itself
    loaded = [
        Path(path)
        for log in logs.iterdir()
        # A process may become another program. Each begins with the loader.
        for begun in re.split("(?=calling init: .*/ld-linux)", log.read_text(errors="replace"))
        if f"initialize program: {program}\n" in begun
        for path in re.findall("calling init: (.+)", begun)
    ]
    return sorted({path.name for path in loaded if not str(path).startswith(own) and not EVERYWHERE.match(path.name)})
