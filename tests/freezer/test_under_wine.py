"""The process that loads libraries for Windows' Python: one for all, and a new one where it ends."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from freezer.under_wine import Loader

# It loads what is called good. What is called late is good unless another one was before it.
PROCESS = """\
import sys
with open(sys.argv[1], "a") as starts:
    starts.write("start ")
for number, line in enumerate(sys.stdin):
    name = line.strip()
    if name == "ends":
        sys.exit(3)
    print("loaded" if name == "good" or (name == "late" and not number) else "not loaded", flush=True)
"""


@pytest.fixture
def loader(tmp_path: Path) -> Iterator[Loader]:
    """A loader whose process is that one."""
    (tmp_path / "process.py").write_text(PROCESS)
    loader = Loader([])
    loader.command = [sys.executable, str(tmp_path / "process.py"), str(tmp_path / "starts")]
    yield loader
    loader.close()


@pytest.mark.parametrize(
    ("libraries", "starts"),
    [
        ({"good": True}, 1),
        ({"good": True, "bad": False}, 2),
        ({"bad": False, "good": True}, 2),
        ({"good": True, "late": True}, 2),
        ({"ends": False, "good": True}, 2),
    ],
)
def test_a_library_that_does_not_load_is_tried_alone_and_the_next_one_in_a_new_process(
    loader: Loader, tmp_path: Path, libraries: dict[str, bool], starts: int
) -> None:
    assert {name: loader.loads(name) for name in libraries} == libraries
    assert (tmp_path / "starts").read_text().split() == ["start"] * starts
