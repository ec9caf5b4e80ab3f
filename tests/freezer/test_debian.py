import pytest
from freezer.debian import package_in

INDEX = """\
usr/lib/debug/x86_64-linux-gnu/libGL.so.1               debug/libgl1-dbg
usr/lib/x86_64-linux-gnu/libGL.so.1                     libs/libgl1
usr/lib/x86_64-linux-gnu/libgthread-2.0.so.0            libs/libglib2.0-0
usr/lib/x86_64-linux-gnu/libgthread-2.0.so.0.7400.6     libs/libglib2.0-0
usr/share/doc/libmagic.so.1                             doc/libmagic-doc
usr/lib/x86_64-linux-gnu/nss/libboth.so.2               libs/other,libs/more
usr/lib/x86_64-linux-gnu/libboth.so.2                   libs/both,libs/more
"""


@pytest.mark.parametrize(
    ("library", "package"),
    [
        ("libGL.so.1", "libgl1"),
        ("libgthread-2.0.so.0", "libglib2.0-0"),
        ("libboth.so.2", "both"),
        ("libmagic.so.1", None),
        ("libboth.so", "both"),
        ("libgthread.so", "libglib2.0-0"),
        ("libnot.so.1", None),
    ],
)
def test_the_index_names_the_package_of_a_library(library: str, package: str | None) -> None:
    assert package_in(INDEX.encode().splitlines(keepends=True), library) == package
