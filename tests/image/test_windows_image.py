"""The image that freezes programs for Windows: what it is made of, and how it behaves as an image."""

import json
from pathlib import Path

import pytest

from tests.image.building import build, digest
from tests.image.freezing import Freeze, seconds_to_stop
from tests.image.windows import start
from tests.support.commands import run
from tests.support.docker import Docker
from tools.projects import read_versions


def test_docker_stop_ends_a_run_within_a_second(
    docker: Docker, freeze_for_windows: Freeze, source: Path
) -> None:
    assert seconds_to_stop(docker, freeze_for_windows, source) < 1


def test_plain_commands_run_and_wine_finds_python(
    docker: Docker, windows_builder_image: str
) -> None:
    image = windows_builder_image
    assert docker("run", "--rm", image, "sh", "-c", "echo $PWD") == "/src\n"
    output = docker("run", "--rm", image, "wine", "python", "-c", "import sys; print(sys.platform)")
    assert output == "win32\n"
    # Also if two begin at once.
    both = "wine cmd /c exit & wine cmd /c exit && wait $!"
    docker("run", "--rm", image, "sh", "-c", both)


def test_version_names_what_versions_env_names(
    docker: Docker, windows_builder: Path, windows_builder_image: str
) -> None:
    pairs = read_versions(windows_builder / "versions.env")
    output = docker("run", "--rm", windows_builder_image, "--version")
    assert output.startswith(
        f"PyInstaller {pairs['PYINSTALLER_VERSION']}, Python {pairs['PYTHON_VERSION']}, "
        f"upx {pairs['UPX_VERSION']}, wine-10."
    )


def test_no_start_of_wine_looks_for_devices(windows_builder_image: str, source: Path) -> None:
    """A second winedevice.exe would be the drivers of Wine's own buses, one of which crashed."""
    said, code = start(windows_builder_image, source, "wine", "tasklist")
    assert code == 0
    names = [line.split()[0] for line in said.splitlines() if line.strip()]
    assert names.count("winedevice.exe") == 1


def test_the_smoke_test_passes(windows_builder: Path, windows_builder_image: str) -> None:
    assert "A sample is frozen" in run(
        "bash", "scripts/smoke", windows_builder_image, cwd=windows_builder
    )


@pytest.mark.parametrize(
    ("key", "stage"), [("PYTHON_SHA256", "python"), ("UPX_SHA256_WIN64", "upx")]
)
def test_a_wrong_checksum_stops_the_build(
    docker: Docker, windows_builder: Path, key: str, stage: str
) -> None:
    wrong = f"--build-arg={key}={'0' * 64}"
    assert "digest mismatch" in build(windows_builder, wrong, f"--target={stage}", expect=1)


def test_buildkit_has_no_warning_about_the_dockerfile(
    docker: Docker, windows_builder: Path
) -> None:
    assert "Check complete, no warnings found." in build(windows_builder, "--check")


def test_a_commit_gives_the_same_digest_though_wine_is_installed_again(
    windows_builder: Path, windows_builder_image: str, tmp_path: Path
) -> None:
    old = "1767225600"  # older than what is cached, as a commit is when a release is built of it
    _, cached = digest(windows_builder, tmp_path, epoch=old)
    _, rebuilt = digest(
        windows_builder, tmp_path, "--no-cache-filter=wine,toolchain,inventory", epoch=old
    )
    assert cached == rebuilt


def test_the_image_holds_the_sbom_of_its_windows_packages_that_make_writes(
    docker: Docker, windows_builder: Path, windows_builder_image: str
) -> None:
    inside = docker("run", "--rm", windows_builder_image, "cat", "/sbom.cdx.json")
    run("make", "sbom", cwd=windows_builder)
    assert (windows_builder / "dist/sbom-amd64.json").read_text() == inside
    sbom = json.loads(inside)
    names = {component["name"] for component in sbom["components"]}
    assert {"pyinstaller", "pefile", "pywin32-ctypes", "python", "upx"} <= names
    assert sbom["metadata"]["component"]["name"] == "windows-freezer"
    assert sbom["serialNumber"].startswith("urn:uuid:")


def test_the_projects_own_tests_pass(windows_builder: Path) -> None:
    run("make", "lint", "test", cwd=windows_builder)
