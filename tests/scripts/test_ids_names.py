""".github/scripts/ids, run for real: which names of repositories become names of images."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.scripts.ids import Annotation, Repository

# https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
OCI_COMPONENT = r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*"
OCI_NAME = re.compile(rf"{OCI_COMPONENT}/{OCI_COMPONENT}")


@pytest.mark.parametrize("name", [None, ""])
def test_without_a_repository_name_it_says_how_to_give_one(
    repository: Repository, name: str | None
) -> None:
    assert repository.ids(name=name).errors == [
        Annotation(
            None,
            "GITHUB_REPOSITORY is not set: run it as GITHUB_REPOSITORY=owner/name .github/scripts/ids",
        )
    ]


@pytest.mark.parametrize(
    "name", ["Acme-Org/MyTool", "a/b", "A--B/C---D", "a_b/c__d", "1/2", "octo_acme/x.y_z__0-9"]
)
def test_a_repository_name_is_lowercased(repository: Repository, name: str) -> None:
    assert dict(repository.ids(name=name).outputs)["IMAGE_NAME"] == name.lower()


@pytest.mark.parametrize(
    "name",
    [
        "Acme/Foo..Bar",
        "Acme/-x",
        "Acme/a_-b",
        "Acme/.github",
        "Acme/x-",
        "Acme/x_",
        "Acme/a___b",
        "Acme/a._b",
        "-/x",
        "Acme",
        "Acme/",
        "/x",
        "Acme/x/y",
        "Acme/x y",
        "Acme/É",
        "Acme/x\n",
        "\nAcme/x",
        "Acme/x\nUPX_VERSION=0",
        "Acme/x\n::warning::y",
        "Acme/$(id)",
        "ghcr.io:80/x",
    ],
)
def test_a_name_that_no_image_can_have_is_refused_with_the_rule(
    repository: Repository, name: str
) -> None:
    (error,) = repository.ids(name=name).errors
    assert error.line is None
    assert re.fullmatch(
        r"GITHUB_REPOSITORY .* Rename the repository\. "
        r"The rule: https://github\.com/opencontainers/distribution-spec/\S+#pulling-manifests",
        error.message,
    )


# Names as GitHub lets people register them, and as an enterprise's short code extends them.
owners = st.from_regex(r"[A-Za-z0-9]{1,9}(-[A-Za-z0-9]{1,9}){0,3}(_[a-z0-9]{3,8})?", fullmatch=True)
names = st.from_regex(r"[A-Za-z0-9._-]{1,100}", fullmatch=True)


@settings(max_examples=80, deadline=None)
@given(owner=owners, name=names | st.from_regex(r"\w{1,5}[._-]{1,2}\w{1,5}", fullmatch=True))
def test_every_name_that_github_allows_is_an_image_name_or_refused(
    repository: Repository, owner: str, name: str
) -> None:
    result = repository.ids(name=f"{owner}/{name}")
    lowercase = f"{owner}/{name}".lower()
    if name.isascii() and OCI_NAME.fullmatch(lowercase):
        assert dict(result.outputs)["IMAGE_NAME"] == lowercase
    else:
        assert [error.line for error in result.errors] == [None]
