"""The naming rules in hooks/names.jinja, with examples and with random names."""

import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.rendering import macros

NAMES = macros("names")

# https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
OCI_COMPONENT = r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*"
OCI_NAME = re.compile(rf"{OCI_COMPONENT}(/{OCI_COMPONENT})*")

# https://packaging.python.org/en/latest/specifications/name-normalization/
NORMALIZED_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

# What GitHub lets people register: single hyphens inside, and one underscore before the
# short code of an enterprise.
owners = st.from_regex(r"[A-Za-z0-9]{1,9}(-[A-Za-z0-9]{1,9}){0,3}(_[a-z0-9]{3,8})?", fullmatch=True)
repositories = st.from_regex(r"[A-Za-z0-9._-]{1,100}", fullmatch=True)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("My Tool", "my-tool"),
        ("  My   Tool!  ", "my-tool"),
        ("Café Zoë", "cafe-zoe"),
        ("Straße", "strasse"),
        ("Łódź", "lodz"),
        ("{{ tool }}", "tool"),
        ("snake_case.name", "snake-case-name"),
        ("工具 tool 🚀", "tool"),
        ("x" * 300, "x" * 40),
        ("a" * 39 + " b", "a" * 39),
    ],
)
def test_a_project_name_becomes_a_command(name: str, slug: str) -> None:
    assert NAMES.slug(name) == slug
    assert NAMES.project_name_error(name) == ""


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("", "letter from a to z"),
        ("工具", "letter from a to z"),
        ("🚀", "letter from a to z"),
        ("3D Viewer", "Begin with a letter"),
        ("Class", "keyword"),
        ("import", "keyword"),
        ("Tests", "Add a word"),
        ("JSON", "module of Python's standard library"),
        ("Aux", "device on Windows"),
        ("PyInstaller", "installed beside"),
    ],
)
def test_a_project_name_that_no_rule_can_mend_is_refused_with_the_rule(
    name: str, rule: str
) -> None:
    assert rule in NAMES.project_name_error(name)


def test_no_module_of_the_standard_library_is_accepted() -> None:
    own = [name for name in sys.stdlib_module_names if not name.startswith("_")]
    assert [name for name in own if not NAMES.project_name_error(name)] == []


@given(st.text(max_size=300))
def test_an_accepted_project_name_gives_a_legal_command_and_package(name: str) -> None:
    if NAMES.project_name_error(name) == "":
        assert NORMALIZED_NAME.fullmatch(NAMES.slug(name))
        assert NAMES.package(name).isidentifier()
        assert NAMES.repository_error(NAMES.slug(name)) == ""


def test_an_image_name_is_in_lowercase() -> None:
    assert NAMES.image("Acme-Org", "MyTool") == "acme-org/mytool"


@given(owners, repositories)
def test_what_github_allows_is_a_legal_image_name_or_refused(owner: str, repository: str) -> None:
    if NAMES.owner_error(owner) == "" and NAMES.repository_error(repository) == "":
        assert OCI_NAME.fullmatch(NAMES.image(owner, repository))


@given(owners)
def test_every_owner_that_github_allows_is_accepted(owner: str) -> None:
    assert (NAMES.owner_error(owner) == "") == (len(owner) <= 39)


@pytest.mark.parametrize(
    "owner",
    [
        "",
        "-acme",
        "acme-",
        "a--b",
        "a b",
        "a/b",
        "https://github.com/acme",
        "acme\n",
        "a" * 40,
        "é",
    ],
)
def test_an_owner_that_github_refuses_is_refused(owner: str) -> None:
    assert "GitHub user or organisation" in NAMES.owner_error(owner)


@pytest.mark.parametrize("repository", ["", "a b", "a/b", "a\n", "tool.git", "x" * 101, "ñ"])
def test_a_repository_that_github_refuses_is_refused(repository: str) -> None:
    assert "A GitHub repository is" in NAMES.repository_error(repository)


@pytest.mark.parametrize("repository", ["a..b", "-x", "x-", "a_-b", "a___b", ".github", "a."])
def test_a_repository_that_is_not_an_image_name_is_refused_with_the_rule_of_oci(
    repository: str,
) -> None:
    assert "distribution-spec" in NAMES.repository_error(repository)


@pytest.mark.parametrize("repository", ["a", "My.Tool", "a_b", "a__b", "a--b", "0"])
def test_a_repository_that_is_an_image_name_is_accepted(repository: str) -> None:
    assert NAMES.repository_error(repository) == ""
