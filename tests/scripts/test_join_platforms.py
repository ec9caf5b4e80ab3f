"""join-platforms.py, run for real on archives that a build may hand over, hostile ones among them."""

import gzip
import hashlib
import json
import os
import re
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.images import TYPE, Image, file
from tools.projects import ROOT

SCRIPT = ROOT / "template/.github/scripts/join-platforms.py"
OCI = "org.opencontainers.image"

Spoil = Callable[[Image], Any]


def join(folder: Path, *architectures: str) -> subprocess.CompletedProcess[str]:
    """Run the script in an empty folder, so that what it leaves there is seen."""
    workspace = folder / "workspace"
    workspace.mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, SCRIPT, folder, *architectures],
        cwd=workspace,
        env={
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_REPOSITORY": "Acme-Org/MyTool",
            "GITHUB_SHA": "c" * 40,
            "PATH": os.environ["PATH"],
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert list(workspace.iterdir()) == []
    return done


def blobs(folder: Path) -> set[str]:
    """The blobs of the layout, each of which has the digest that it is named by."""
    found = list((folder / "layout/blobs/sha256").iterdir())
    for path in found:
        assert path.is_file()
        assert not path.is_symlink()
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name
    return {path.name for path in found}


def refusal(folder: Path) -> str:
    """The reason that the script gives for refusing what a build handed over."""
    done = join(folder, "amd64")
    assert (done.returncode, done.stdout) == (1, "")
    found = re.fullmatch(
        r"::error::(image\.tar|sbom\.cdx\.json) for linux/amd64 is refused: (.+)\.\n", done.stderr
    )
    assert found, done.stderr
    assert not (folder / "layout/index.json").exists()
    return found[2]


def test_two_platforms_are_joined_under_one_index(tmp_path: Path) -> None:
    for architecture in ("amd64", "arm64"):
        image = Image(architecture)
        image.seal()
        image.write(tmp_path)
    done = join(tmp_path, "amd64", "arm64")
    assert (done.returncode, done.stderr) == (0, "")
    digest = done.stdout.strip().removeprefix("sha256:")
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
    image = Image()
    image.manifest["annotations"] |= {f"{OCI}.source": "https://github.com/evil/x", "n": 1}
    image.seal()
    image.write(tmp_path)
    digest = join(tmp_path, "amd64").stdout.strip().removeprefix("sha256:")
    index = json.loads((tmp_path / "layout/blobs/sha256" / digest).read_text())
    assert index["annotations"] == {
        f"{OCI}.title": "tool",
        f"{OCI}.source": "https://github.com/Acme-Org/MyTool",
        f"{OCI}.revision": "c" * 40,
    }


def test_the_sboms_are_joined_with_what_they_share_once(tmp_path: Path) -> None:
    for architecture in ("amd64", "arm64"):
        image = Image(architecture)
        image.seal()
        image.write(tmp_path)
    first = join(tmp_path, "amd64", "arm64")
    sbom = json.loads((tmp_path / "sbom.cdx.json").read_text())
    assert [part["name"] for part in sbom["components"]] == ["shared", "amd64", "arm64"]
    assert [part["ref"] for part in sbom["dependencies"]] == ["shared", "amd64", "arm64"]
    # actions/attest wants all three: https://github.com/actions/attest/blob/v4.2.2/src/sbom.ts
    assert sbom["bomFormat"] == "CycloneDX"
    assert sbom["specVersion"] == "1.6"
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", sbom["serialNumber"])
    assert first.returncode == 0


def escape(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> Spoil:
    """Add a member to the archive, beside the image."""

    def spoil(image: Image) -> None:
        member, content = file(name, b"echo pwned" if kind == tarfile.REGTYPE else b"")
        member.type, member.linkname, member.mode = kind, target, 0o755
        image.members.append((member, content))

    return spoil


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(escape("/etc/cron.d/evil"), id="an absolute path"),
        pytest.param(escape("../../workspace/evil"), id="a path out of the folder"),
        pytest.param(escape("blobs/sha256/../../../evil"), id="a path out of the blobs"),
        pytest.param(escape(".github/scripts/join-platforms.py"), id="this script"),
        pytest.param(escape("scripts/smoke"), id="a script of the repository"),
        pytest.param(escape(".git/hooks/post-checkout"), id="a hook of Git"),
        pytest.param(escape("Makefile"), id="a Makefile"),
        pytest.param(escape("image-evil.tar"), id="another image"),
        pytest.param(escape("layout/index.json"), id="another layout"),
        pytest.param(escape("blobs", tarfile.SYMTYPE, "/etc"), id="a link in place of a folder"),
        pytest.param(escape("evil", tarfile.SYMTYPE, "/etc/passwd"), id="a symbolic link"),
        pytest.param(escape("evil", tarfile.LNKTYPE, "/etc/passwd"), id="a hard link"),
        pytest.param(escape("evil", tarfile.CHRTYPE), id="a device"),
        pytest.param(escape("evil", tarfile.FIFOTYPE), id="a pipe"),
        pytest.param(escape(f"blobs/sha256/{'0' * 64}"), id="a blob that nothing points to"),
    ],
)
def test_what_does_not_belong_to_the_image_is_left(tmp_path: Path, spoil: Spoil) -> None:
    image = Image()
    image.seal()
    clean = image.write(tmp_path / "clean").parent
    spoil(image)
    hostile = image.write(tmp_path / "hostile").parent
    first, second = join(clean, "amd64"), join(hostile, "amd64")
    assert (second.returncode, second.stdout) == (0, first.stdout)
    assert blobs(clean) == blobs(hostile)
    kept = {path.relative_to(hostile).parts[0] for path in hostile.rglob("*")}
    assert kept == {"workspace", "image-amd64", "layout", "sbom.cdx.json"}


def replace(name: Callable[[Image], str], *members: tuple[bytes, str, bytes]) -> Spoil:
    """Put other members in place of one of the archive."""

    def spoil(image: Image) -> None:
        wanted = name(image)
        image.members[:] = [member for member in image.members if member[0].name != wanted]
        for kind, target, content in members:
            member, data = file(wanted, content)
            member.type, member.linkname = kind, target
            image.members.append((member, data))

    return spoil


def layer(image: Image) -> str:
    """The name of the first layer in the archive."""
    digest: str = image.manifest["layers"][0]["digest"]
    return f"blobs/sha256/{digest.removeprefix('sha256:')}"


def index(image: Image) -> str:
    """The name of the index in the archive."""
    return "index.json"


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        pytest.param(
            replace(layer, (tarfile.REGTYPE, "", b"libraRies")), "has other bytes", id="other bytes"
        ),
        pytest.param(replace(layer), "has no regular file blobs", id="a layer is missing"),
        pytest.param(
            replace(layer, (tarfile.SYMTYPE, "/etc/passwd", b"")),
            "has no regular file blobs",
            id="a symbolic link in place of a layer",
        ),
        pytest.param(
            replace(layer, (tarfile.LNKTYPE, "index.json", b"")),
            "has no regular file blobs",
            id="a hard link in place of a layer",
        ),
        pytest.param(
            replace(layer, (tarfile.REGTYPE, "", b"libraries"), (tarfile.REGTYPE, "", b"evil")),
            "or two",
            id="a layer twice",
        ),
        pytest.param(
            replace(layer, (tarfile.REGTYPE, "", b"libraries and more")),
            "is larger than 9 bytes",
            id="a layer larger than it says",
        ),
        pytest.param(replace(index), "has no regular file index.json", id="no index"),
        pytest.param(
            replace(index, (tarfile.REGTYPE, "", b"not JSON")), "it is damaged", id="no JSON"
        ),
        pytest.param(
            replace(index, (tarfile.REGTYPE, "", b"[]")), "JSON that is no object", id="a list"
        ),
        pytest.param(
            replace(index, (tarfile.REGTYPE, "", b"[" * 100_000)), "it is damaged", id="deep JSON"
        ),
        pytest.param(
            replace(index, (tarfile.REGTYPE, "", b'{"manifests": [], "manifests": []}')),
            "a key twice",
            id="a key twice",
        ),
        pytest.param(
            replace(index, (tarfile.REGTYPE, "", b" " * (4 * 2**20) + b"{}")),
            "index.json is larger than 4194304 bytes",
            id="a huge index",
        ),
        pytest.param(
            lambda image: image.members.extend(file(f"{n}", b"") for n in range(10_000)),
            "more than 10000 files",
            id="countless files",
        ),
    ],
)
def test_a_damaged_archive_is_refused_with_the_reason(
    tmp_path: Path, spoil: Spoil, reason: str
) -> None:
    image = Image()
    image.seal()
    spoil(image)
    image.write(tmp_path)
    assert reason in refusal(tmp_path)


def manifest(**changes: Any) -> Spoil:
    """Change the manifest before it is sealed."""
    return lambda image: image.manifest.update(changes)


def first_layer(**changes: Any) -> Spoil:
    """Change the descriptor of the first layer."""
    return lambda image: image.manifest["layers"][0].update(changes)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        pytest.param(
            first_layer(urls=["http://169.254.169.254/"]), "points elsewhere", id="a layer by URL"
        ),
        pytest.param(first_layer(data="ZXZpbA=="), "points elsewhere", id="a layer by its data"),
        pytest.param(first_layer(digest="sha256:../../evil"), "without a digest", id="a path"),
        pytest.param(first_layer(digest="sha512:" + "0" * 128), "without a digest", id="sha512"),
        pytest.param(first_layer(digest=1), "it is damaged", id="a number as a digest"),
        pytest.param(first_layer(size="9"), "without a digest or a size", id="a word as a size"),
        pytest.param(manifest(subject={}), "no image of one platform", id="an attestation"),
        pytest.param(manifest(Layers=[]), "no image of one platform", id="Layers for layers"),
        pytest.param(
            manifest(mediaType=f"{TYPE}.index.v1+json"), "no image of one platform", id="an index"
        ),
        pytest.param(manifest(layers=None), "it is damaged", id="no layers"),
        pytest.param(manifest(annotations=7), "it is damaged", id="annotations of another shape"),
        pytest.param(
            lambda image: image.index.update(manifests=[]), "it is damaged", id="no image"
        ),
        pytest.param(
            lambda image: image.index.update(manifests=[{}, {}]), "it is damaged", id="two images"
        ),
        pytest.param(
            lambda image: setattr(image, "sbom", b"{}"), "it is damaged", id="an empty SBOM"
        ),
        pytest.param(
            lambda image: image.sbom.update(bomFormat="SPDX"), "no CycloneDX", id="another SBOM"
        ),
        pytest.param(
            lambda image: image.sbom.update(components=["x"]), "no CycloneDX", id="a broken SBOM"
        ),
        pytest.param(
            lambda image: setattr(image, "sbom", b" " * (16 * 2**20 + 1)),
            "is larger than 16777216 bytes",
            id="a huge SBOM",
        ),
    ],
)
def test_an_image_that_says_what_it_may_not_is_refused(
    tmp_path: Path, spoil: Spoil, reason: str
) -> None:
    image = Image()
    spoil(image)
    image.seal()
    image.write(tmp_path)
    assert reason in refusal(tmp_path)


def test_an_image_for_another_platform_is_refused_by_name(tmp_path: Path) -> None:
    image = Image("arm64")
    image.seal()
    image.write(tmp_path).rename(tmp_path / "image-amd64")
    assert refusal(tmp_path) == "it is for linux/arm64"


@pytest.mark.parametrize("name", ["image.tar", "sbom.cdx.json"])
def test_a_link_in_place_of_a_file_that_was_handed_over_is_refused(
    tmp_path: Path, name: str
) -> None:
    image = Image()
    image.seal()
    handed = image.write(tmp_path) / name
    handed.rename(tmp_path / "elsewhere")
    handed.symlink_to(tmp_path / "elsewhere")
    assert refusal(tmp_path) == "it is no file"


def test_a_compressed_archive_is_refused(tmp_path: Path) -> None:
    """It could unpack to any size."""
    image = Image()
    image.seal()
    archive = image.write(tmp_path) / "image.tar"
    archive.write_bytes(gzip.compress(archive.read_bytes()))
    assert refusal(tmp_path) == "it is damaged"


def test_a_sparse_file_is_refused(tmp_path: Path) -> None:
    """It is of any size too: https://www.gnu.org/software/tar/manual/html_node/Sparse-Formats.html"""
    image = Image()
    image.seal()
    archive = image.write(tmp_path) / "image.tar"
    with (tmp_path / "index.json").open("wb") as empty:
        empty.truncate(2**30)
    subprocess.run(["tar", "-cSf", archive, "-C", tmp_path, "index.json"], check=True)
    assert archive.stat().st_size < 2**20
    assert refusal(tmp_path) == "it has no regular file index.json, or two"
