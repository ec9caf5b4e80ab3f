import pytest
from freezer.glibc import oldest


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([b"\x7fELF\0GLIBC_2.4\0GLIBC_2.34\0", b"\x7fELF\0GLIBC_2.17\0"], "2.34"),
        ([b"\x7fELF\0GLIBC_2.9\0GLIBC_2.10\0"], "2.10"),
        ([b"\x7fELF\0GLIBC_2.17\0", b"a text with \0GLIBC_2.99\0"], "2.17"),
    ],
)
def test_the_newest_glibc_that_a_library_asks_for_decides(
    parts: list[bytes], expected: str
) -> None:
    assert oldest(parts) == expected
