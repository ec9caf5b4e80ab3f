"""Where the tests write what they need once."""

import os
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
LEAST = 6 * 2**30  # bytes; a run of all tests takes about one gigabyte


def use_memory() -> None:
    """Put temporary files into memory where Linux has enough of it, unless TMPDIR names a place.

    Many tests make and delete thousands of small files. ext4 takes two to three times as long for that,
    because it looks for inodes that were not deleted in the last seconds.
    """
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK):
        return
    found = os.statvfs(MEMORY)
    if found.f_bavail * found.f_frsize < LEAST or found.f_flag & os.ST_NOEXEC:
        return
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)
