from pathlib import Path

import pytest
from freezer.libraries import foreign

BEGIN = "7:\tcalling init: /lib64/ld-linux-x86-64.so.2\n7:\tcalling init: /lib/libc.so.6\n"
TOOL = f"{BEGIN}7:\tinitialize program: /src/dist/tool/tool\n"
OWN = "7:\tcalling init: /src/dist/tool/_internal/libssl.so.3\n"
FOREIGN = "7:\tcalling init: /usr/lib/x86_64-linux-gnu/libpq.so.5\n"
OTHER = f"{BEGIN}{FOREIGN}7:\tinitialize program: /usr/bin/psql\n"


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        (f"{TOOL}{OWN}", []),
        (f"{TOOL}{OWN}{FOREIGN}", ["libpq.so.5"]),
        (f"{TOOL}{FOREIGN}{OTHER}", ["libpq.so.5"]),
        (f"{TOOL}{OTHER}", []),
        (f"{OTHER}{TOOL}", []),
    ],
)
def test_a_program_loads_libraries_that_are_not_its_own(
    tmp_path: Path, log: str, expected: list[str]
) -> None:
    (tmp_path / "process.7").write_text(log)
    assert foreign(tmp_path, Path("/src/dist/tool/tool")) == expected


def test_a_library_that_one_file_has_unpacked_is_its_own(tmp_path: Path) -> None:
    unpacked = f"{TOOL}7:\tcalling init: /tmp/_MEIabc/libpq.so.5\n"
    (tmp_path / "process.7").write_text(unpacked)
    assert foreign(tmp_path, Path("/src/dist/tool/tool")) == []
