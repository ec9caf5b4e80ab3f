"""scripts/freezer/archive.py on arbitrary archives: extracted exactly, or refused, and nothing outside."""

import gzip
import io
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.freezer.archives import Spoil, add, inside, module
from tests.support.fuzzing import EXAMPLES

PARTS = st.sampled_from(["a", "A", "b", "..", ".", "", "c d", "a..b", "C:", "ä", "a\u0308", "\x1b"])
NAMES = st.lists(PARTS, min_size=1, max_size=4).map("/".join)
KINDS = st.sampled_from(
    [tarfile.REGTYPE] * 3 + [tarfile.SYMTYPE] * 3 + [tarfile.LNKTYPE, b"5", b"6"]
)
MEMBERS = st.lists(st.builds(add, NAMES, st.binary(max_size=9), KINDS, NAMES), max_size=6)
FLIPS = st.lists(st.tuples(st.integers(0), st.integers(0, 255)), max_size=3)


def flipped(content: bytes, flips: Iterable[tuple[int, int]]) -> bytes:
    """Change some bytes."""
    changed = bytearray(content)
    for place, byte in flips:
        changed[place % len(changed)] = byte
    return bytes(changed)


def extracted(name: str, content: bytes) -> list[str] | None:
    """The files of an archive, or None if it is refused; in no case is anything outside."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, name)
        file.write_bytes(content)
        try:
            module.extract(file, file.parent / "new")
        except (module.Refused, OSError, *module.DAMAGED):
            refused = True
        else:
            refused = False
        assert {path.name for path in file.parent.iterdir()} <= {"new", name}
        there = inside(file.parent / "new")
        return None if refused else there


@settings(max_examples=EXAMPLES, deadline=None)
@given(members=MEMBERS, flips=FLIPS)
def test_any_tar_is_extracted_exactly_or_refused(
    members: list[Spoil], flips: list[tuple[int, int]]
) -> None:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as tar:
        for add_to in members:
            add_to(tar)
        names = sorted(member.name.rstrip("/") for member in tar.getmembers())
    there = extracted("a.tar.gz", gzip.compress(flipped(raw.getvalue(), flips)))
    assert flips or there in (None, names)


@settings(max_examples=EXAMPLES, deadline=None)
@given(names=st.lists(NAMES.filter(bool), max_size=6, unique=True), flips=FLIPS)
def test_any_zip_is_extracted_exactly_or_refused(
    names: list[str], flips: list[tuple[int, int]]
) -> None:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, "evil")
    there = extracted("a.zip", flipped(raw.getvalue(), flips))
    assert flips or there in (None, sorted(names))
