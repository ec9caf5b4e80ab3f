"""Which Debian package has a library, by the index of apt's own sources."""

# Running a command is what it is for.
# ruff: noqa: S603

import gzip
import subprocess
import urllib.request
from collections.abc import Iterable

# The addresses of the lists of packages, such as …/dists/bookworm/main/binary-amd64/Packages
LISTS = ["apt-get", "indextargets", "--format", "$(URI)", "Created-By: Packages"]


def package_of(library: str) -> str | None:
    """The package that has a library, or None where no index can be read.

    https://wiki.debian.org/DebianRepository/Format#A.22Contents.22_indices
    """
    try:
        lists = subprocess.run(LISTS, capture_output=True, text=True, check=True).stdout.split()
        for address in lists:
            place, _, kind = address.removesuffix("/Packages").rpartition("/binary-")
            index = f"{place}/Contents-{kind}.gz"
            if kind != "all" and index.startswith(("http://", "https://")):
                answer = urllib.request.urlopen(index, timeout=30)  # noqa: S310 - checked
                with answer, gzip.open(answer) as lines:
                    if found := package_in(lines, library):
                        return found
    except (OSError, EOFError, subprocess.CalledProcessError):
        pass
    return None


def package_in(index: Iterable[bytes], library: str) -> str | None:
    """The package that has a library, in the lines of an index: `path  section/package,…`."""
    ending = f"/{library}".encode()
    found = []
    for line in index:
        if ending in line:
            path, _, packages = line.rpartition(b" ")
            if path.rstrip().endswith(ending) and path.startswith((b"usr/lib/", b"lib/")):
                package = packages.decode().strip().partition(",")[0].rpartition("/")[2]
                found.append((path.count(b"/"), package))
    return min(found)[1] if found else None
