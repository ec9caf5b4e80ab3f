"""The command docker, and names in its engine."""

import hashlib
from collections.abc import Callable

from tools.projects import ROOT

Docker = Callable[..., str]


def local(name: str) -> str:
    """The name of an image or a container of this checkout: the tests of another may run beside."""
    return f"test-{name}-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]}"
