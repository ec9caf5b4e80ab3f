from pathlib import Path

import pytest
from freezer.remedies import Remedy, debian_package, remedy


@pytest.fixture
def site_packages(tmp_path: Path) -> list[str]:
    """Where a package and a distribution are installed."""
    for name in ("rich", "rich-14.2.0.dist-info"):
        (tmp_path / name).mkdir()
    (tmp_path / "rich/__init__.py").touch()
    (tmp_path / "rich-14.2.0.dist-info/METADATA").write_text("Name: rich\nVersion: 14.2.0\n")
    return [str(tmp_path)]


@pytest.mark.parametrize(
    ("reason", "option"),
    [
        ("ModuleNotFoundError: No module named 'rich._more'", "--collect-all=rich"),
        ("ModuleNotFoundError: No module named 'xml.sax'", "--hidden-import=xml.sax"),
        (
            "importlib.metadata.PackageNotFoundError: No package metadata was found for rich",
            "--copy-metadata=rich",
        ),
        ("importlib_metadata.PackageNotFoundError: rich", "--copy-metadata=rich"),
        (
            "pkg_resources.DistributionNotFound: The 'rich' distribution was not found",
            "--copy-metadata=rich",
        ),
        (
            "FileNotFoundError: [Errno 2] No such file: '/src/dist/x/_internal/rich/data.txt'",
            "--collect-data=rich",
        ),
        (
            r"FileNotFoundError: [Errno 2] No such file: 'C:\\Temp\\_MEI123\\rich\\data.txt'",
            "--collect-data=rich",
        ),
    ],
)
def test_what_is_installed_and_not_frozen_is_added_by_an_option(
    reason: str, option: str, site_packages: list[str]
) -> None:
    found = remedy(reason, site_packages)
    assert found.options == [option]
    assert found.advice.startswith(f"{option} adds it.")


@pytest.mark.parametrize(
    "reason",
    [
        "ModuleNotFoundError: No module named 'six'",
        "importlib.metadata.PackageNotFoundError: No package metadata was found for six",
    ],
)
def test_what_is_not_installed_is_named_and_not_tried_again(
    reason: str, site_packages: list[str]
) -> None:
    found = remedy(reason, site_packages)
    assert not found.options
    assert found.advice.startswith("six is not installed: ")


def test_a_missing_library_is_named_with_its_debian_package() -> None:
    reason = "ImportError: libpq.so.5: cannot open shared object file: No such file or directory"
    expected = "The library should be in a Debian package: set APT_PACKAGES=libpq5."
    assert remedy(reason, []) == Remedy(expected)


def test_what_pyinstaller_itself_misses_has_no_debian_package() -> None:
    reason = "[PYI-7:ERROR] Failed to load '/x/libz.so.1': /x/libz.so.1: cannot open shared object"
    assert "Debian" not in remedy(reason, []).advice


@pytest.mark.parametrize(
    ("library", "version", "package"),
    [("libGL", "1", "libgl1"), ("libglib-2.0", "0", "libglib-2.0-0"), ("libX11", "6", "libx11-6")],
)
def test_a_debian_package_has_the_name_of_its_library(
    library: str, version: str, package: str
) -> None:
    assert debian_package(library, version) == package


def test_psycopg_without_libpq_is_told_which_extra_has_it() -> None:
    assert "psycopg[binary]" in remedy("ImportError: no pq wrapper available.", []).advice


def test_another_reason_gets_the_options_that_help_most() -> None:
    found = remedy("ImportError: cannot import name 'x' from 'y'", [])
    assert not found.options
    assert "--collect-all=PACKAGE" in found.advice
