"""Well-known programs from PyPI, frozen as they are by the builders. `TIER=programs` runs them."""

import os
from pathlib import Path

import pytest

from tools.bench_programs import PROGRAMS, TARGETS, freeze, unpack

# What may fail, with a part of what is said then: docs/programs.md says why.
FAILING = {
    "gunicorn": "No module named 'fcntl'",
    "pgcli": "no pq wrapper available",
    "ranger-fm": "No module named '_curses'",
    "rich-cli": "UnicodeEncodeError",
    "sqlfluff": "workspace",
    "tox": "python-sbom",
}


@pytest.fixture
def image(request: pytest.FixtureRequest, target: str) -> str:
    """The builder's image; without `TIER=programs` the test is skipped, with the reason."""
    if not os.environ.get("TIER", "").startswith("programs"):
        pytest.skip("it takes an hour: make test TIER=programs freezes programs from PyPI")
    name = "builder_image" if target == "linux" else "windows_builder_image"
    return str(request.getfixturevalue(name))


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("requirement", PROGRAMS)
def test_a_program_from_pypi_is_frozen_and_starts_or_fails_for_a_known_reason(
    image: str, tmp_path: Path, requirement: str, target: str
) -> None:
    project = unpack(requirement, tmp_path / "source")
    outcome = freeze(project, image, target, PROGRAMS[requirement])
    if not outcome.starts:
        reason = FAILING.get(requirement.partition("==")[0])
        assert reason, outcome.note
        assert reason in outcome.note
