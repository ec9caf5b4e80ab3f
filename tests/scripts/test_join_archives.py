"""join-platforms.py: of an archive it copies the image, and nothing else that is in it."""

import gzip
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.images import Image, file
from tests.support.join_platforms import Spoil, blobs, join, refusal


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
        pytest.param(escape("a" * 2**23), id="a name in a header of eight megabytes"),
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


def replace(
    name: Callable[[Image], str], *contents: bytes, kind: bytes = tarfile.REGTYPE, target: str = ""
) -> Spoil:
    """Put other members in place of one of the archive."""

    def spoil(image: Image) -> None:
        wanted = name(image)
        image.members[:] = [member for member in image.members if member[0].name != wanted]
        for content in contents:
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
        pytest.param(replace(layer, b"libraRies"), "has other bytes", id="other bytes"),
        pytest.param(
            replace(layer), "does not have exactly one regular file blobs", id="a layer is missing"
        ),
        pytest.param(
            replace(layer, b"", kind=tarfile.SYMTYPE, target="/etc/passwd"),
            "does not have exactly one regular file blobs",
            id="a symbolic link in place of a layer",
        ),
        pytest.param(
            replace(layer, b"", kind=tarfile.LNKTYPE, target="index.json"),
            "does not have exactly one regular file blobs",
            id="a hard link in place of a layer",
        ),
        pytest.param(
            replace(layer, b"libraries", b"evil"),
            "does not have exactly one regular file blobs",
            id="a layer twice",
        ),
        pytest.param(
            replace(layer, b"libraries and more"),
            "has another size",
            id="a layer larger than it says",
        ),
        pytest.param(
            replace(index), "does not have exactly one regular file index.json", id="no index"
        ),
        pytest.param(replace(index, b"not JSON"), "it is damaged", id="no JSON"),
        pytest.param(replace(index, b"[]"), "its JSON is not an object", id="a list"),
        pytest.param(replace(index, b'{"a": NaN}'), "number that is not finite", id="NaN"),
        pytest.param(
            replace(index, b'{"a": -1e999}'), "number that is not finite", id="a number beyond all"
        ),
        pytest.param(replace(index, "{}".encode("utf-16")), "damaged", id="UTF-16"),
        pytest.param(replace(index, b"\xef\xbb\xbf{}"), "damaged", id="a mark of UTF-8"),
        pytest.param(replace(index, b"[" * 100_000), "it is damaged", id="deep JSON"),
        pytest.param(
            replace(index, b'{"manifests": [], "manifests": []}'),
            "a duplicate key",
            id="a duplicate key",
        ),
        pytest.param(
            replace(index, b'{"manifests": [], "Manifests": []}'),
            "a duplicate key",
            id="a key in two spellings",
        ),
        pytest.param(
            replace(index, b" " * (4 * 2**20) + b"{}"),
            "index.json is larger than 4194304 bytes",
            id="a huge index",
        ),
        pytest.param(
            lambda image: image.members.extend(file(f"{n}", b"") for n in range(10_000)),
            "more than 10000 files",
            id="countless files",
        ),
        pytest.param(
            lambda image: image.members.extend([file("one", b"")] * 10_000),
            "more than 10000 files",
            id="countless files of one name",
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
    assert refusal(tmp_path) == "it does not have exactly one regular file index.json"


@pytest.mark.parametrize("size", [-(2**40), -1, 2**40])
def test_a_header_with_an_impossible_size_is_refused(tmp_path: Path, size: int) -> None:
    image = Image()
    image.seal()
    archive = image.write(tmp_path) / "image.tar"
    member = tarfile.TarInfo("x")
    member.size = size
    header = bytearray(member.tobuf(tarfile.GNU_FORMAT))
    archive.write_bytes(header + archive.read_bytes())
    assert refusal(tmp_path) == "it ends within a file"
