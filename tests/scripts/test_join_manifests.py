"""join-platforms.py: what an image says of itself is refused where it may not say it."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.images import TYPE
from tests.support.join_platforms import Spoil, refusal, write


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
        pytest.param(first_layer(size=-9), "has another size", id="a negative size"),
        pytest.param(first_layer(size=8), "has another size", id="a smaller size"),
        pytest.param(first_layer(size=10), "has another size", id="a larger size"),
        pytest.param(first_layer(size=9.0), "without a digest or a size", id="a broken size"),
        pytest.param(first_layer(size=True), "without a digest or a size", id="true as a size"),
        pytest.param(
            lambda image: image.manifest["layers"].extend(image.manifest["layers"] * 63),
            "more than 127 layers",
            id="countless layers",
        ),
        pytest.param(manifest(subject={}), "not an image for one platform", id="an attestation"),
        pytest.param(manifest(Layers=[]), "a duplicate key", id="Layers beside layers"),
        pytest.param(
            lambda image: image.manifest.update({"layer\u017f": []}),
            "a duplicate key",
            id="a long s for s, as Go reads it",
        ),
        pytest.param(
            manifest(mediaType=f"{TYPE}.index.v1+json"),
            "not an image for one platform",
            id="an index",
        ),
        pytest.param(manifest(layers=None), "it is damaged", id="no layers"),
        pytest.param(manifest(annotations=7), "it is damaged", id="annotations of another shape"),
        pytest.param(
            lambda image: image.index.update(manifests=[]), "it is damaged", id="no image"
        ),
        pytest.param(
            lambda image: image.index.update(manifests=[{}, {}]), "it is damaged", id="two images"
        ),
    ],
)
def test_an_image_that_says_what_it_may_not_is_refused(
    tmp_path: Path, spoil: Spoil, reason: str
) -> None:
    write(tmp_path, spoil=spoil)
    assert reason in refusal(tmp_path)
