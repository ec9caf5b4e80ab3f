"""join-platforms.py: two images under one index, which says for itself where they are from."""

import json
from pathlib import Path

import pytest

from tests.support.images import TYPE, Image
from tests.support.join_platforms import blobs, join, refusal, write

OCI = "org.opencontainers.image"


def test_two_platforms_are_joined_under_one_index(tmp_path: Path) -> None:
    for architecture in ("amd64", "arm64"):
        write(tmp_path, architecture)
    result = join(tmp_path, "amd64", "arm64")
    assert (result.returncode, result.stderr) == (0, "")
    digest = result.stdout.strip().removeprefix("sha256:")
    assert digest in blobs(tmp_path)
    index = json.loads((tmp_path / "layout/blobs/sha256" / digest).read_text())
    assert index["mediaType"] == f"{TYPE}.index.v1+json"
    assert [m["platform"] for m in index["manifests"]] == [
        {"os": "linux", "architecture": architecture} for architecture in ("amd64", "arm64")
    ]
    [entry] = json.loads((tmp_path / "layout/index.json").read_text())["manifests"]
    assert entry["digest"] == f"sha256:{digest}"
    # Two manifests, two configurations, two layers that both have, and the index.
    assert len(blobs(tmp_path)) == 7


def test_the_index_says_itself_which_repository_and_commit_it_is_from(tmp_path: Path) -> None:
    evil = {f"{OCI}.source": "https://github.com/evil/x", "n": 1}
    write(tmp_path, spoil=lambda image: image.manifest["annotations"].update(evil))
    digest = join(tmp_path, "amd64").stdout.strip().removeprefix("sha256:")
    index = json.loads((tmp_path / "layout/blobs/sha256" / digest).read_text())
    assert index["annotations"] == {
        f"{OCI}.title": "tool",
        f"{OCI}.source": "https://github.com/Acme-Org/MyTool",
        f"{OCI}.revision": "c" * 40,
    }


def test_an_image_for_another_platform_is_refused_by_name(tmp_path: Path) -> None:
    write(tmp_path, "arm64").rename(tmp_path / "image-amd64")
    assert refusal(tmp_path) == "it is not for linux/amd64"


def test_what_an_image_says_of_itself_is_not_printed(tmp_path: Path) -> None:
    image = Image("\x1b[2K\r::add-mask::linux")
    image.seal()
    folder = image.write(tmp_path / "elsewhere")
    folder.rename(tmp_path / "image-amd64")
    assert refusal(tmp_path) == "it is not for linux/amd64"


@pytest.mark.parametrize("name", ["image.tar", "sbom.cdx.json"])
def test_a_link_in_place_of_a_file_that_was_provided_is_refused(tmp_path: Path, name: str) -> None:
    provided = write(tmp_path) / name
    provided.rename(tmp_path / "elsewhere")
    provided.symlink_to(tmp_path / "elsewhere")
    assert refusal(tmp_path) == "it is not a regular file"


def test_a_copy_that_fails_says_why(tmp_path: Path) -> None:
    """A full disk, for example; here the file grows into a limit."""
    write(tmp_path)
    result = join(tmp_path, "amd64", limit=8)
    assert result.returncode == 1
    assert result.stderr == "::error::image.tar for linux/amd64 cannot be copied: File too large.\n"
