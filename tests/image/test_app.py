"""The image, the binary and the list of packages of an app, as its owner builds them."""

import json
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.support.commands import run
from tests.support.freezing import Docker, build, digest
from tests.support.git import commit
from tests.support.rendering import Render

STRICT = ["--rm", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges"]


def architecture() -> str:
    """This machine's, as OCI names it."""
    return "amd64" if run("uname", "-m").strip() == "x86_64" else "arm64"


@pytest.fixture(scope="module")
def toolchain(docker: Docker, app: Path) -> str:
    """The stage with Python, PyInstaller and UPX."""
    build(app, "--target=toolchain", "--load", "--tag=test-toolchain")
    return "test-toolchain"


@pytest.fixture
def copy(app: Path, tmp_path: Path) -> Path:
    """A copy of the app's repository to change."""
    return Path(shutil.copytree(app, tmp_path / "project"))


def test_the_program_runs(docker: Docker, app_image: str) -> None:
    assert docker("run", "--rm", app_image, "hello", "Ada") == "Hello, Ada!\n"


def test_it_runs_without_root_writes_capabilities_network_or_programs_in_tmp(
    docker: Docker, app_image: str
) -> None:
    limits = [*STRICT, "--network=none", "--tmpfs=/tmp:noexec"]
    assert docker("run", *limits, app_image, "--version") == "my-tool 0.1.0\n"


def test_its_user_is_a_number(docker: Docker, app_image: str) -> None:
    config = json.loads(docker("image", "inspect", app_image))[0]["Config"]
    assert config["User"] == "65532:65532"


@pytest.mark.parametrize(("signal", "code"), [("TERM", 143), ("INT", 130)])
def test_a_signal_ends_it_within_a_second(
    docker: Docker, app_image: str, signal: str, code: int
) -> None:
    name = f"test-signal-{signal.lower()}"
    docker("run", "--detach", f"--name={name}", app_image, "hello", "--every", "60")
    try:
        while docker("logs", name) != "Hello, World!\n":
            time.sleep(0.1)
        start = time.monotonic()
        docker("stop", "--signal", signal, name)
        assert time.monotonic() - start < 1
        assert docker("inspect", "--format={{.State.ExitCode}}", name) == f"{code}\n"
    finally:
        docker("rm", "--force", name)


def test_wrong_usage_ends_with_2(docker: Docker, app_image: str) -> None:
    done = subprocess.run(["docker", "run", "--rm", app_image, "x"], check=False)
    assert done.returncode == 2


def test_an_https_context_has_ca_certificates(docker: Docker, copy: Path) -> None:
    (copy / "src/my_tool/__main__.py").write_text(
        "import ssl\nprint(len(ssl.create_default_context().get_ca_certs()))\n"
    )
    run("make", "image", "IMAGE=test-https", cwd=copy)
    assert int(docker("run", *STRICT, "test-https")) > 50


def test_the_smoke_test_passes(app: Path, app_image: str) -> None:
    assert "my-tool 0.1.0" in run("scripts/smoke", app_image, cwd=app).splitlines()


def test_a_project_adds_its_own_smoke_test(copy: Path, app_image: str) -> None:
    own = copy / "tests/smoke"
    own.write_text('#!/bin/sh\necho "checked $1"\nexit 7\n')
    own.chmod(0o755)
    done = subprocess.run(
        ["scripts/smoke", app_image], cwd=copy, capture_output=True, text=True, check=False
    )
    assert done.returncode == 7
    assert done.stdout.splitlines()[-1] == f"checked {app_image}"


def test_the_smoke_test_refuses_root(docker: Docker, app: Path, app_image: str) -> None:
    dockerfile = f"FROM {app_image}\nUSER root\n"
    run("docker", "build", "--builder=default", "--tag=test-root", "-", input=dockerfile)
    done = subprocess.run(
        ["scripts/smoke", "test-root"], cwd=app, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "file=Dockerfile" in done.stderr


def test_buildkit_has_no_warning_about_the_dockerfile(docker: Docker, app: Path) -> None:
    assert "Check complete, no warnings found." in build(app, "--check")


def test_a_commit_gives_the_same_digest_with_the_cache_of_another_commit_and_without(
    docker: Docker, copy: Path, app_image: str, tmp_path: Path
) -> None:
    (copy / "src/my_tool/__init__.py").write_text('__version__ = "0.1.1"\n')
    commit(copy)
    outputs, digests = zip(
        *(digest(copy, tmp_path, option) for option in ("--no-cache-filter=freeze", "--no-cache")),
        strict=True,
    )
    # The layer of the libraries is older than the commit, and a registry has it already.
    libraries = r"COPY --from=freeze /layers/libraries /\n#\d+ CACHED"
    assert [bool(re.search(libraries, output)) for output in outputs] == [True, False]
    assert digests[0] == digests[1]


def test_a_wrong_checksum_of_upx_stops_the_build(docker: Docker, app: Path) -> None:
    key = f"UPX_SHA256_{architecture().upper()}"
    output = build(app, f"--build-arg={key}={'0' * 64}", "--target=upx", expect=1)
    assert "digest mismatch" in output


def test_a_build_without_versions_points_at_the_comment_that_says_where_they_are(
    docker: Docker, app: Path
) -> None:
    done = subprocess.run(
        ["docker", "build", "."], cwd=app, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "FROM ${DOCKER_HUB}/python:${PYTHON_VERSION}-slim-bookworm" in done.stderr


def test_apt_txt_adds_debian_packages_to_the_build(docker: Docker, copy: Path) -> None:
    (copy / "apt.txt").write_text("# what the program needs\nfile # to look at files\n")
    build(copy, "--target=toolchain", "--load", "--tag=test-apt")
    assert docker("run", "--rm", "test-apt", "file", "--brief", "/dev/null").startswith("character")


def test_upx_packs_the_libraries_says_so_and_the_program_still_runs(
    docker: Docker, app: Path
) -> None:
    # Without the cache, because a step that is not run says nothing.
    fresh = "--no-cache-filter=freeze"
    output = build(app, "--build-arg=UPX_PACK=on", fresh, "--load", "--tag=test-upx")
    said = re.search(r"UPX packed (\d+) libraries .*: (\d+) KiB are now (\d+) KiB", output)
    assert said
    packed, before, after = map(int, said.groups())
    assert packed > 10
    assert after < 0.8 * before
    assert docker("run", *STRICT, "test-upx", "hello") == "Hello, World!\n"


@pytest.mark.parametrize(
    ("prepare", "mode", "command", "message"),
    [
        ("mkdir /d", "on", "true", "UPX packed none of the 0 shared libraries in /d"),
        (
            "mkdir /d && install /usr/lib/*/libz.so.1 /d/libz.so",
            "on",
            "false",
            "packed by UPX, 'false' ends with 1",
        ),
        ("mkdir /d", "yes", "true", "UPX_PACK is on or off, not 'yes'"),
    ],
)
def test_upx_pack_fails_rather_than_do_nothing_or_break_the_program(
    docker: Docker, app: Path, toolchain: str, prepare: str, mode: str, command: str, message: str
) -> None:
    script = f"{prepare} && /image/upx-pack {mode} /d {command}"
    mount = f"--volume={app / 'scripts'}:/scripts:ro"
    done = subprocess.run(
        ["docker", "run", "--rm", mount, toolchain, "bash", "-c", script],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert message in done.stderr


def test_the_binary_is_one_file_that_runs_on_plain_debian(docker: Docker, copy: Path) -> None:
    run("make", "binary", cwd=copy)
    [program] = (copy / "dist").iterdir()
    assert program.name == f"my-tool-linux-{architecture()}"
    mount = f"--volume={program.parent}:/dist:ro"
    command = [f"/dist/{program.name}", "hello"]
    assert docker("run", "--rm", mount, "debian:bookworm-slim", *command) == "Hello, World!\n"


def test_the_readme_names_the_glibc_that_the_program_really_needs(
    docker: Docker, app: Path
) -> None:
    build(app, "--target=freeze", "--load", "--tag=test-freeze")
    script = (
        "find /dist/my-tool -type f -exec objdump -T {} + 2>/dev/null | grep -o 'GLIBC_2[.0-9]*'"
    )
    found = docker("run", "--rm", "test-freeze", "bash", "-c", script).split()
    newest = max(int(version.split(".")[1]) for version in found)
    promised = re.search(r"glibc 2\.(\d+)", (app / "README.md").read_text())
    assert promised
    assert newest <= int(promised[1])


def test_the_list_of_packages_is_what_an_attestation_takes(docker: Docker, copy: Path) -> None:
    run("make", "sbom", cwd=copy)
    bom = json.loads((copy / f"dist/sbom-{architecture()}.json").read_text())
    # https://github.com/actions/attest/blob/main/src/sbom.ts
    assert bom["bomFormat"] == "CycloneDX"
    assert bom["serialNumber"]
    assert bom["specVersion"]
    names = {component["name"] for component in bom["components"]}
    assert {"my-tool", "pyinstaller"} <= names


def test_the_projects_own_tests_pass(scaffold: Render) -> None:
    project = scaffold()
    run("make", "lint", "test", cwd=project)
