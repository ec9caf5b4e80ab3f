"""Well-known programs from PyPI, frozen as they are by the builders. `TIER=programs` runs them."""

import os
from pathlib import Path

import pytest

from tools.bench_programs import PROGRAMS, TARGETS, freeze, unpack

# What may be refused, with a part of the message that says why.
REFUSED = {
    "pgcli": "no pq wrapper available",  # psycopg without libpq
    "visidata": "Git operation failed",  # without GitHub: its requirements are repositories
}


@pytest.fixture
def image(request: pytest.FixtureRequest, target: str) -> str:
    """The builder's image; without `TIER=programs` the test is skipped, with the reason."""
    if not os.environ.get("TIER", "").startswith("programs"):
        pytest.skip("it takes half an hour: make test TIER=programs freezes programs from PyPI")
    name = "builder_image" if target == "linux" else "windows_builder_image"
    return str(request.getfixturevalue(name))


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("requirement", PROGRAMS)
def test_a_program_from_pypi_is_frozen_and_starts_or_is_refused_with_the_reason(
    image: str, tmp_path: Path, requirement: str, target: str
) -> None:
    project = unpack(requirement, tmp_path / "source")
    outcome = freeze(project, image, target, PROGRAMS[requirement])
    if outcome.success:
        assert outcome.starts
    else:
        reason = REFUSED.get(requirement.partition("==")[0])
        assert reason, outcome.said
        assert reason in outcome.said
