"""Which default Python a release refuses as too old, and how the lock is made."""

import pytest

from tests.support.commands import run
from tools.outdated import known, old_pythons
from tools.projects import ROOT

NEWEST = {"3.14": 10, "3.13": 0}


@pytest.mark.parametrize(("patch", "refused"), [(7, True), (8, False), (10, False), (11, True)])
def test_a_default_python_is_at_most_two_patch_releases_old_and_known_to_uv(
    patch: int, refused: bool
) -> None:
    message = f"copier.yml: Python 3.14.{patch} should be 3.14.10, the newest that uv knows"
    config = f'"3.14": "3.14.{patch}",\n"3.13": "3.13.0",\n'
    assert old_pythons(config, NEWEST) == [message] * refused


def test_uv_knows_every_python_that_the_template_offers() -> None:
    assert {"3.11", "3.12", "3.13", "3.14", "3.15"} <= known().keys()


def test_the_lock_says_first_how_make_wrote_it_and_names_no_address() -> None:
    """Renovate runs that command: https://docs.renovatebot.com/modules/manager/pip-compile/"""
    text = (ROOT / "requirements.lock").read_text()
    planned = run("make", "--dry-run", "lock", cwd=ROOT).splitlines()[-1]
    command = planned.removeprefix(".venv/bin/").replace(" --quiet", "")
    assert text.splitlines()[1].removeprefix("#    ") == command
    assert "://" not in text
