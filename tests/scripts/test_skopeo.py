"""The scripts that talk to the registry, with a skopeo that fails, hangs or is refused."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.projects import ROOT

SCRIPTS = ROOT / "template/.github/scripts"
IMAGE = f"ghcr.io/acme-org/mytool@sha256:{'a' * 64}"
# What skopeo 1.13 prints.
DENIED = "denied: permission_denied: write_package"
CREATE = "denied: installation not allowed to Create organization package"
FLAKY = "received unexpected HTTP status: 503 Service Unavailable"

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run a script; skopeo does what a line of shell says, once it has written down its call."""

    def run(
        script: str, *arguments: str, skopeo: str, gh: str = ""
    ) -> subprocess.CompletedProcess[str]:
        tools = tmp_path / "tools"
        tools.mkdir()
        stand_ins = {
            "skopeo": f'echo "$*" >>"{tmp_path}/calls"; calls=$(wc -l <"{tmp_path}/calls")\n{skopeo}',
            "timeout": 'limit=$1; shift; [ "$limit" != 4m ] || limit=0.5\nexec /usr/bin/timeout "$limit" "$@"',
            "sleep": f'echo "$*" >>"{tmp_path}/pauses"',
            "gh": gh,
        }
        for name, text in stand_ins.items():
            (tools / name).write_text(f"#!/bin/sh\n{text}\n")
            (tools / name).chmod(0o755)
        return subprocess.run(
            ["bash", SCRIPTS / script, *arguments],
            env={
                "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
                "GITHUB_REPOSITORY": "Acme-Org/MyTool",
                "IMAGE": IMAGE,
                "TAGS": "ghcr.io/acme-org/mytool:v1.0.0",
                "ATTEST": str(bool(gh)).lower(),
                "GITHUB_REF": "refs/heads/main",
                "GITHUB_SHA": "a" * 40,
                "NAME": "ghcr.io/acme-org/mytool",
                "DIGEST": IMAGE.partition("@")[2],
                "PLATFORMS": "linux/amd64",
            },
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def calls(folder: Path) -> list[str]:
    """The calls of skopeo."""
    return (folder / "calls").read_text().splitlines()


def test_a_command_that_fails_is_tried_again(run: Run, tmp_path: Path) -> None:
    flaky = f"[ $calls -gt 2 ] || {{ echo '{FLAKY}' >&2; exit 1; }}; echo manifest"
    result = run("skopeo", "inspect", "--raw", "docker://x", skopeo=flaky)
    assert (result.returncode, result.stdout) == (0, "manifest\n")
    assert calls(tmp_path) == ["inspect --raw docker://x"] * 3


def test_a_command_that_hangs_is_stopped_and_tried_again(run: Run, tmp_path: Path) -> None:
    result = run("skopeo", "copy", skopeo="[ $calls -gt 1 ] || /bin/sleep 60")
    assert result.returncode == 0
    assert len(calls(tmp_path)) == 2


def test_a_registry_that_stays_away_fails_after_some_tries(run: Run, tmp_path: Path) -> None:
    result = run("skopeo", "copy", skopeo=f"echo '{FLAKY}' >&2; exit 1")
    assert (result.returncode, result.stderr) == (1, f"{FLAKY}\n" * 4)


@pytest.mark.parametrize(
    ("refusal", "advice"),
    [
        (DENIED, "https://github.com/acme-org/mytool/pkgs/container/mytool"),
        (CREATE, "Settings → Packages → Package creation"),
    ],
)
def test_a_refusal_is_explained_and_not_tried_again(
    run: Run, tmp_path: Path, refusal: str, advice: str
) -> None:
    result = run("skopeo", "copy", skopeo=f"echo '{refusal}' >&2; exit 1")
    assert result.returncode == 1
    assert advice in result.stderr
    assert len(calls(tmp_path)) == 1


@pytest.mark.parametrize(
    "skopeo",
    [
        "exit 1",
        '[ $calls -gt 1 ] && exit 1; echo \'{"manifests": [{"platform": {"os": "linux", "architecture": "amd64"}, "digest": "sha256:b"}]}\'',
        "echo nonsense",
    ],
)
def test_a_registry_that_fails_after_the_tags_are_set_fails_nothing(
    run: Run, tmp_path: Path, skopeo: str
) -> None:
    result = run("summary", skopeo=skopeo)
    assert result.returncode == 0
    assert calls(tmp_path)
    assert "::warning::The registry did not say how large the image is." in result.stderr
    assert "- `ghcr.io/acme-org/mytool:v1.0.0`" in result.stdout
    assert f"docker run --rm {IMAGE} --version" in result.stdout


def test_what_the_registry_says_of_an_image_is_not_printed(run: Run) -> None:
    index = r'{"manifests": [{"platform": {"os": "\\n::add-mask::x", "architecture": "amd64"}}]}'
    result = run("verify", skopeo=f"cat <<'END'\n{index}\nEND")
    assert (result.returncode, result.stdout) == (1, "")
    [line] = result.stderr.splitlines()
    assert line.startswith(f"::error::{IMAGE} does not have exactly the platforms 'linux/amd64'.")


def test_a_gh_that_hangs_ends_the_verification(run: Run) -> None:
    served = """echo '{"manifests": [{"platform": {"os": "linux", "architecture": "amd64"}}]}'"""
    assert run("verify", skopeo=served, gh="exec /bin/sleep 5").returncode == 124
