"""What a release refuses as too old: a default Python, or a lock that lacks a version."""

import pytest

from tools.outdated import known, old_lock, old_pythons
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


def test_a_package_in_another_version_than_the_lock_is_named() -> None:
    pyproject = '[project]\ndependencies = ["a==1"]\n[dependency-groups]\ntest = ["b==2"]\n'
    assert old_lock(pyproject, "a==1\nb==2\n") == []
    assert old_lock(pyproject, "a==1\nb==1\n") == ["requirements.lock: b==2 is missing: make lock"]


def test_the_lock_names_versions_and_no_address() -> None:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    assert lines
    assert [line for line in lines if "==" not in line or "://" in line] == []
