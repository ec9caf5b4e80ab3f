"""What the benchmark of well-known programs does about one that does not start."""

import os
from pathlib import Path

import pytest

from tools import bench_programs
from tools.bench_programs import FAILING, Outcome, main


@pytest.fixture
def notes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Nothing is built, frozen or written: each program fails with the next of these notes."""
    notes: list[str] = []
    for name in ("scaffold", "build", "write"):
        monkeypatch.setattr(bench_programs, name, lambda *_, **__: None)

    def unpack(_: str, folder: Path) -> Path:
        (folder / "project").mkdir(parents=True)
        return folder / "project"

    monkeypatch.setattr(bench_programs, "unpack", unpack)
    monkeypatch.setattr(
        bench_programs,
        "freeze",
        lambda *_: Outcome(not (note := notes.pop(0)), not note, 1, note=note),
    )
    return notes


def test_a_known_reason_passes_and_another_one_is_named(notes: list[str]) -> None:
    notes += ["", f"error: {FAILING['gunicorn']}"]
    main([os.devnull, "gunicorn"])
    notes += ["", "cannot be loaded", "no such index", ""]
    with pytest.raises(SystemExit) as stopped:
        main([os.devnull, "gunicorn", "black"])
    assert str(stopped.value).splitlines()[1:] == [
        "black for windows does not start: cannot be loaded",
        "gunicorn for linux does not start: no such index",
    ]
