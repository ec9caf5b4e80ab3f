"""Programs of Windows: their resources, and what starts them."""

import struct
import subprocess
import zlib
from pathlib import Path

import pefile  # type: ignore[import-untyped]  # it has no stubs

from tests.image.freezing import OWNER

VERSION_FILE = """\
VSVersionInfo(
  ffi=FixedFileInfo(filevers=(1, 2, 3, 4), prodvers=(1, 2, 3, 4)),
  kids=[
    StringFileInfo([StringTable("040904B0", [StringStruct("ProductName", "Sample")])]),
    VarFileInfo([VarStruct("Translation", [1033, 1200])]),
  ],
)
"""


def icon() -> bytes:
    """A red icon of 32 by 32 pixels, as a PNG in an ICO.

    https://learn.microsoft.com/en-us/previous-versions/ms997538(v=msdn.10)
    """

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    pixels = zlib.compress(32 * (b"\0" + 32 * b"\xc8\x1e\x1e\xff"))
    header = struct.pack(">IIBBBBB", 32, 32, 8, 6, 0, 0, 0)
    image = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )
    entry = struct.pack("<BBBBHHII", 32, 32, 0, 0, 1, 32, len(image), 22)
    return struct.pack("<HHH", 0, 1, 1) + entry + image


def resources(program: Path) -> set[str]:
    """The types of a Windows program's resources."""
    tree = pefile.PE(program).DIRECTORY_ENTRY_RESOURCE
    return {pefile.RESOURCE_TYPE.get(entry.id, str(entry.name)) for entry in tree.entries}


def windowed(program: Path) -> bool:
    """Whether Windows starts a program without a console."""
    subsystem: int = pefile.PE(program).OPTIONAL_HEADER.Subsystem
    return subsystem == int(pefile.SUBSYSTEM_TYPE["IMAGE_SUBSYSTEM_WINDOWS_GUI"])


def start(image: str, source: Path, *command: str) -> tuple[str, int]:
    """Run a command in an image as a user who is not root: what is printed, and the exit code."""
    mount = [f"--volume={source}:/src", f"--user={OWNER}", "--env=HOME=/tmp"]
    result = subprocess.run(
        ["docker", "run", "--rm", *mount, image, *command],
        capture_output=True,
        text=True,
        check=False,
    )
    assert not result.stderr, result.stderr
    return result.stdout.replace("\r\n", "\n"), result.returncode
