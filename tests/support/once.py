"""What is made once for a run of the tests, however many workers it has and however often it is needed."""

import fcntl
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest


def digest(value: object) -> str:
    """A name for a value."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder or a file of this run, which the first worker that needs it makes."""
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    path, marker = base / "once" / name, base / "once" / f"{name}.done"
    marker.parent.mkdir(exist_ok=True, parents=True)
    with marker.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not marker.exists():
            make(path)
            marker.touch()
    return path
