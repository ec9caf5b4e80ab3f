"""How an app is built: the same commit gives the same bytes, little is rebuilt, and UPX is a switch."""

import re
import subprocess
from pathlib import Path

from tests.image.building import architecture, build, digest
from tests.support.docker import Docker, local
from tests.support.git import commit

STRICT = ["--rm", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges"]


def test_buildkit_has_no_warning_about_the_dockerfile(docker: Docker, app: Path) -> None:
    assert "Check complete, no warnings found." in build(app, "--check")


def test_a_commit_gives_the_same_digest_with_the_cache_of_another_commit_and_without(
    docker: Docker, copy: Path, app_image: str, tmp_path: Path
) -> None:
    (copy / "src/my_tool/__init__.py").write_text('"""Changed."""\n')
    commit(copy)
    outputs, digests = zip(
        *(
            digest(copy, tmp_path, option)
            for option in ("--no-cache-filter=project,freeze", "--no-cache")
        ),
        strict=True,
    )
    assert digests[0] == digests[1]
    # The layer of the libraries is older than the commit: a registry has it.
    cached = r"COPY --from=freeze /layers/libraries /\n#\d+ CACHED"
    assert [bool(re.search(cached, output)) for output in outputs] == [True, False]
    # A change to the source reinstalls nothing.
    for step in ("freeze.py tools", "freeze.py dependencies"):
        assert re.search(rf"RUN .*{step}\n#\d+ CACHED", outputs[0])


def test_a_wrong_checksum_of_upx_stops_the_build(docker: Docker, app: Path) -> None:
    key = f"UPX_SHA256_{architecture().upper()}"
    output = build(app, f"--build-arg={key}={'0' * 64}", "--target=upx", expect=1)
    assert "digest mismatch" in output


def test_a_wrong_checksum_of_uv_stops_the_build(docker: Docker, copy: Path) -> None:
    file = copy / "scripts/freezer/uv.txt"
    file.write_text(re.sub("sha256:[0-9a-f]+", f"sha256:{'0' * 64}", file.read_text()))
    output = build(copy, "--target=uv", expect=1)
    assert "DO NOT MATCH THE HASHES" in output


def test_a_build_without_versions_points_at_the_comment_that_says_where_they_are(
    docker: Docker, app: Path
) -> None:
    result = subprocess.run(
        ["docker", "build", "."], cwd=app, capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    # BuildKit names one of the base images, whichever it comes to first.
    assert re.search(r"FROM \$\{(DOCKER_HUB|QUAY)\}/\S+:\$\{\w+_VERSION\}", result.stderr)


def test_apt_txt_adds_debian_packages_to_the_build(docker: Docker, copy: Path) -> None:
    # As Windows writes it.
    (copy / "apt.txt").write_bytes(
        b"# what the program needs\r\nfile # to look at files\r\nxz-utils\r\n"
    )
    build(copy, "--target=toolchain", "--load", f"--tag={local('apt')}")
    assert docker("run", "--rm", local("apt"), "file", "--brief", "/dev/null").startswith(
        "character"
    )


def test_upx_packs_the_libraries_says_so_and_the_program_still_runs(
    docker: Docker, app: Path
) -> None:
    # Without the cache, because a step that is not run says nothing.
    fresh = "--no-cache-filter=freeze"
    output = build(app, "--build-arg=UPX_PACK=on", fresh, "--load", f"--tag={local('upx')}")
    said = re.search(r"UPX packed (\d+) libraries .*: (\d+) KiB are now (\d+) KiB", output)
    assert said
    packed, before, after = map(int, said.groups())
    assert packed > 10
    assert after < 0.8 * before
    assert docker("run", *STRICT, local("upx"), "hello") == "Hello, World!\n"
