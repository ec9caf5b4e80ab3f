"""A program that was frozen on Debian uses the certificates of the Linux that it runs on."""

import shutil
from pathlib import Path

import pytest

from tests.image.freezing import freezer
from tests.support.commands import run
from tests.support.docker import Docker
from tests.support.files import write
from tests.support.samples import sample
from tests.support.tls import certificate


@pytest.fixture(scope="module")
def frozen(builder_image: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program, and a certificate that it trusts where the system has it."""
    folder = tmp_path_factory.mktemp("source")
    sample("tls", folder)
    write(folder, {"plain.py": "print('plain')\n"})
    # PyInstaller finds ssl in the standard library of any program.
    for arguments in (["greet.py"], ["--exclude-module=ssl", "plain.py"]):
        result = freezer(builder_image, folder)(*arguments)
        assert result.returncode == 0, result.stderr
    shutil.copy(certificate(folder, ["localhost"]), folder / "dist/tls.pem")
    return folder / "dist"


def greet(docker: Docker, frozen: Path, bundle: str, *options: str) -> str:
    """Start it on a system that has no other certificates than in a file."""
    mounts = [f"--volume={frozen}:/dist:ro", f"--volume={frozen}/tls.pem:/tls.pem:ro"]
    put = f'mkdir -p "$(dirname {bundle})"; cp /tls.pem {bundle}'
    script = f"rm -rf /etc/ssl /usr/lib/ssl; {put}; exec /dist/greet/greet"
    return docker(
        "run", "--rm", *mounts, *options, "debian:bookworm-slim", "bash", "-c", script
    ).strip()


@pytest.mark.parametrize(
    "bundle",
    [
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/certs/ca-certificates.crt",
        "/usr/lib/ssl/cert.pem",
    ],
)
def test_the_certificates_of_each_linux_are_found(
    docker: Docker, frozen: Path, bundle: str
) -> None:
    assert greet(docker, frozen, bundle) == f"hello by {bundle}"


@pytest.mark.parametrize(
    "option", ["--env=SSL_CERT_FILE=/no-such-file", "--env=SSL_CERT_DIR=/no-such-folder"]
)
def test_what_the_user_sets_is_kept(docker: Docker, frozen: Path, option: str) -> None:
    with pytest.raises(pytest.fail.Exception, match="certificate verify failed"):
        greet(docker, frozen, "/etc/ssl/ca-bundle.pem", option)


def test_a_program_without_ssl_gets_no_hook(frozen: Path) -> None:
    found = {
        name: "pyi_rth_certificates" in run("strings", "-a", frozen / name / name)
        for name in ("greet", "plain")
    }
    assert found == {"greet": True, "plain": False}
