"""Which Debian package has a library, by the index of apt's own sources."""

# Running a command is what it is for.
# ruff: noqa: S603

import gzip
import re
import subprocess
import urllib.request
from collections.abc import Iterable

# The image has no lists of packages, so apt knows its sources only. It prints what it would get, such as
# '…/dists/bookworm/main/binary-amd64/Packages.xz' …_Packages 0
LISTS = ["apt-get", "--print-uris", "update"]
PACKAGES = re.compile(r"'(?P<place>https?://\S+)/binary-(?P<kind>\w+)/Packages\b")


def package_of(library: str) -> str | None:
    """The package that has a library, or None where no index can be read.

    https://wiki.debian.org/DebianRepository/Format#A.22Contents.22_indices
    """
    try:
        uris = subprocess.run(LISTS, capture_output=True, text=True, check=True).stdout
        for listed in PACKAGES.finditer(uris):
            index = f"{listed['place']}/Contents-{listed['kind']}.gz"
            if listed["kind"] != "all":
                answer = urllib.request.urlopen(index, timeout=30)  # noqa: S310 - checked
                with answer, gzip.open(answer) as lines:
                    if found := package_in(lines, library):
                        return found
    except (OSError, EOFError, subprocess.CalledProcessError):
        pass
    return None


def package_in(index: Iterable[bytes], library: str) -> str | None:
    """The package that has a library, in the lines of an index: `path  section/package,…`.

    Without a version, that of the library itself counts, and not that with which others are compiled.
    """
    stem, _, version = library.partition(".so")
    numbered = rf"{re.escape(stem)}(?:-[\w.-]+)?\.so\.\d+"
    name = re.compile(re.escape(library) if version else numbered)
    begin = f"/{stem}".encode()
    found = []
    for line in index:
        if begin in line and line.startswith((b"usr/lib/", b"lib/")):
            path, _, packages = line.decode(errors="replace").strip().rpartition(" ")
            place, _, file = path.strip().rpartition("/")
            if name.fullmatch(file):
                package = packages.partition(",")[0].rpartition("/")[2]
                found.append((len(file) if not version else 0, place.count("/"), package))
    return min(found)[2] if found else None
