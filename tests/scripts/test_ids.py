""".github/scripts/ids, run for real: what it makes of good and bad versions.env files."""

import os
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.scripts.ids import (
    GOOD,
    REQUIRED,
    Annotation,
    Repository,
    Result,
    assert_read,
    read_pairs,
    today,
)
from tests.support.rendering import Render
from tools.projects import KINDS


@pytest.mark.parametrize(
    "versions",
    [
        pytest.param(GOOD, id="the least there can be"),
        pytest.param(GOOD.removesuffix(b"\n"), id="no newline at the end"),
        pytest.param(b"\n\n" + GOOD.replace(b"\n", b"\n\n"), id="blank lines"),
        pytest.param("# 工具 🚀\n#\tÆsop’s = “tool”\n#\n".encode() + GOOD, id="comments in UTF-8"),
        pytest.param(b"# caf\xe9\n" + GOOD, id="a comment in Latin-1"),
        pytest.param(b"# ::error::x\n#$(id)\n#<<<<<<< a\n" + GOOD, id="comments like commands"),
        pytest.param(b"Z=1\nA=2\n" + GOOD + b"M_2=3\n", id="keys of the project, in their order"),
        pytest.param(GOOD + b"UPX_URL=https://mirror.example:8080/upx@2/_+-\n", id="an address"),
        pytest.param(
            GOOD + b"URL=https://mirror.example/~me/a%20b\nPIN=x==1,y~=2\n",
            id="what URLs and versions hold",
        ),
        pytest.param(GOOD + b"A=1%0A::warning::x\nB=%25\n", id="a line end of workflow commands"),
        pytest.param(GOOD + b"END=END\n", id="a key like the end of BUILD_ARGS"),
        pytest.param(GOOD + b"UPX=on\nUPX_=1\nVERSION=2\n", id="keys within other keys"),
        pytest.param(GOOD + b"LONG=" + b"9" * 60_000, id="a long value"),
    ],
)
def test_a_good_file_becomes_outputs_and_build_arguments(
    repository: Repository, versions: bytes
) -> None:
    before = today()
    result = repository.ids(versions)
    assert_read(result, versions, {before, today()})


@pytest.fixture(params=KINDS)
def make(
    request: pytest.FixtureRequest, repository: Repository, render: Render, tmp_path: Path
) -> Callable[[bytes], subprocess.CompletedProcess[str]]:
    """Run `make image` with a versions.env, and with a docker that prints its arguments, one per line."""
    makefile = render(**KINDS[request.param]) / "Makefile"
    (tmp_path / "docker").write_text('#!/bin/sh\nfor word in "$@"; do echo "$word"; done\n')
    (tmp_path / "docker").chmod(0o755)

    def make(versions: bytes) -> subprocess.CompletedProcess[str]:
        repository.versions.write_bytes(versions)
        return subprocess.run(
            ["make", "--silent", "--file", makefile, "image"],
            cwd=repository.folder,
            env={"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "HOME": "/home"},
            capture_output=True,
            text=True,
            check=False,
        )

    return make


Make = Callable[[bytes], subprocess.CompletedProcess[str]]


def test_make_hands_every_value_to_docker_as_it_is(repository: Repository, make: Make) -> None:
    special = GOOD + b"A=~/x:~root/y\nB=1%0A,2=%25\nC=~\nD==,~\n"
    assert repository.ids(special).outputs
    words = make(special).stdout.splitlines()
    pairs = read_pairs(special)
    assert pairs
    assert [word for word in words if "=" in word] == [f"{key}={value}" for key, value in pairs]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("UPX_URL=$(touch${IFS}ran)", "The value of UPX_URL may hold"),
        ("A=`touch ran`", "The value of A may hold"),
        ("A=b;touch ran", "The value of A may hold"),
        ("A=$(shell touch ran)", "The value of A may hold"),
        ("upx_url=x", "Invalid line: write KEY=VALUE"),
        ("SOURCE_DATE_EPOCH=1", "SOURCE_DATE_EPOCH changes how BuildKit builds"),
    ],
)
def test_make_builds_nothing_with_a_bad_line_and_says_what_is_wrong(
    repository: Repository, make: Make, line: str, words: str
) -> None:
    result = make(GOOD + f"{line}\n".encode())
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.startswith(f"error: versions.env, line 4: {words}")
    assert not (repository.folder / "ran").exists()


def test_without_docker_it_says_how_to_get_it(repository: Repository) -> None:
    repository.versions.write_bytes(GOOD)
    result = subprocess.run([repository.script, "no-docker"], capture_output=True, check=False)
    assert result.returncode == 1
    assert result.stderr.startswith(
        b"error: no-docker is missing. Install it: https://docs.docker.com"
    )


def test_without_buildx_it_says_how_to_get_it(repository: Repository, tmp_path: Path) -> None:
    repository.versions.write_bytes(GOOD)
    (tmp_path / "docker").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "docker").chmod(0o755)
    result = subprocess.run(
        [repository.script, "docker", "buildx", "build"],
        env={"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        check=False,
    )
    assert result.returncode == 1
    assert result.stderr.startswith(
        b"error: Docker has no Buildx. Install the package docker-buildx"
    )


def test_without_github_output_the_same_lines_are_printed(repository: Repository) -> None:
    written = repository.ids().written.decode()
    printed = repository.ids(GITHUB_OUTPUT="")
    assert printed == Result(0, written, "", b"")


@pytest.mark.parametrize("zone", ["EAST-14", "WEST+12"])
def test_the_date_is_that_of_utc(repository: Repository, zone: str) -> None:
    before = today()
    outputs = dict(repository.ids(TZ=zone).outputs)
    assert outputs["DATE"] in {before, today()}


@pytest.mark.parametrize("folder", [".", "scripts", "src/deep", ".."])
def test_it_runs_from_any_folder(repository: Repository, folder: str) -> None:
    cwd = repository.folder / folder
    cwd.mkdir(parents=True, exist_ok=True)
    elsewhere = repository.folder / "elsewhere"
    (elsewhere / "scripts").mkdir(parents=True, exist_ok=True)
    assert repository.ids(cwd=cwd.resolve(), CDPATH=str(elsewhere)).outputs


def test_a_folder_that_begins_with_a_digit_is_no_version(tmp_path: Path) -> None:
    Repository(tmp_path / "1").versions.write_bytes(GOOD)
    script = ["bash", "1/.github/scripts/ids", "echo"]
    result = subprocess.run(script, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "PROJECT_VERSION" not in result.stdout


def test_it_needs_bash_and_three_small_commands_only(
    repository: Repository, tmp_path: Path
) -> None:
    for command in ("bash", "date", "dirname", "tr"):
        found = shutil.which(command)
        assert found
        (tmp_path / command).symlink_to(found)
    assert repository.ids(PATH=str(tmp_path)).outputs


@pytest.mark.parametrize(
    ("versions", "line", "advice"),
    [
        pytest.param(GOOD + b"what?\n", 4, "write KEY=VALUE", id="an unknown line"),
        pytest.param(GOOD + b"A\n", 4, "write KEY=VALUE", id="a key alone"),
        pytest.param(GOOD + b"=1\n", 4, "write KEY=VALUE", id="a value alone"),
        pytest.param(GOOD + b" A=1\n", 4, "write KEY=VALUE", id="an indented line"),
        pytest.param(GOOD + b"export A=1\n", 4, "write KEY=VALUE", id="an export"),
        pytest.param(GOOD + b"A =1\n", 4, "write KEY=VALUE", id="a space after the key"),
        pytest.param(GOOD + b"upx=on\n", 4, "write KEY=VALUE", id="a key in lowercase"),
        pytest.param(GOOD + b"2A=1\n", 4, "begins with a letter", id="a key with a digit first"),
        pytest.param(GOOD + "É=1\n".encode(), 4, "KEY has A-Z", id="a key beyond ASCII"),
        pytest.param(GOOD + b"A<<END\n1\n", 4, "write KEY=VALUE", id="a heredoc"),
        pytest.param(GOOD + b"A=\n", 4, "write A=VALUE", id="an empty value"),
        pytest.param(GOOD + b"A= 1\n", 4, "without quotes, spaces", id="a space before a value"),
        pytest.param(GOOD + b"A=1 # one\n", 4, "spaces and comments", id="a comment at the end"),
        pytest.param(GOOD + b'A="1"\n', 4, "without quotes", id="a value in quotes"),
        pytest.param(GOOD + b"A=$(id)\n", 4, "without quotes", id="a command in a value"),
        pytest.param(GOOD + b"A=b;c\n", 4, "may hold 0-9 A-Z a-z", id="a second command"),
        pytest.param(GOOD + b"A=#1\n", 4, "may hold 0-9 A-Z a-z", id="a comment as the value"),
        pytest.param(
            GOOD.replace(b"=5.2.1", b"=5.2.1,enable=true"),
            3,
            "write the version alone",
            id="a rule of a tag",
        ),
        pytest.param(
            GOOD.replace(b"=5.2.1", b"=a/b"), 3, "write the version alone", id="a path in a tag"
        ),
        pytest.param(GOOD + "A=é\n".encode(), 4, "may hold", id="a value beyond ASCII"),
        pytest.param(GOOD + b"A=\xff\n", 4, "may hold", id="a value that is no UTF-8"),
        pytest.param(b"UPX_VERSION=4\n" + GOOD, 4, "in lines 1 and 4", id="a key twice"),
        pytest.param(GOOD + b"<<<<<<< before\n", 4, "keep one side", id="conflict: ours"),
        pytest.param(GOOD + b"||||||| base\n", 4, "keep one side", id="conflict: base"),
        pytest.param(GOOD + b"=======\n", 4, "keep one side", id="conflict: middle"),
        pytest.param(GOOD + b">>>>>>> after", 4, "keep one side", id="conflict: theirs"),
        pytest.param(GOOD.replace(b"\n", b"\r\n"), 1, "with LF", id="Windows line endings"),
        pytest.param(GOOD + b"# x\r", 4, "with LF", id="one Windows line end"),
        pytest.param(b"A=1\r" + GOOD, 1, "Not plain text", id="a line end of old Macs"),
        pytest.param(GOOD + b"A=1\x002\n", 4, "without a byte order mark, NUL", id="a NUL"),
        pytest.param(GOOD + b"# \x00\n", 4, "NUL", id="a NUL in a comment"),
        pytest.param(GOOD + b"\x00", 4, "NUL", id="a NUL at the end"),
        pytest.param(GOOD + b"# \x1b[2K\n", 4, "control characters", id="an escape sequence"),
        pytest.param(b"\xef\xbb\xbf# x\n" + GOOD, 1, "byte order mark", id="a byte order mark"),
        pytest.param(b"", 1, "Add a line", id="an empty file"),
        pytest.param(b"\n# x\n", 1, "Add a line", id="nothing but comments"),
    ],
)
def test_a_bad_file_is_refused_with_the_line_and_advice(
    repository: Repository, versions: bytes, line: int, advice: str
) -> None:
    assert read_pairs(versions) is None
    first = repository.ids(versions).errors[0]
    assert first.line == line
    assert advice in first.message


@pytest.mark.parametrize("missing", range(3))
def test_a_missing_version_is_named(repository: Repository, missing: int) -> None:
    lines = [line for index, line in enumerate(REQUIRED) if index != missing]
    key = REQUIRED[missing].decode().split("=")[0]
    assert repository.ids(b"\n".join(lines)).errors == [
        Annotation(1, f"Missing: {key}. Add a line KEY=VERSION for each.")
    ]


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("IMAGE_NAME", "is reserved, because .github/scripts/ids writes it"),
        ("DATE", "is reserved, because .github/scripts/ids writes it"),
        ("BUILD_ARGS", "is reserved, because .github/scripts/ids writes it"),
        ("SOURCE_DATE_EPOCH", "changes how BuildKit builds, and the Dockerfile does not show it"),
        ("BUILDKIT_SYNTAX", "changes how BuildKit builds, and the Dockerfile does not show it"),
        ("BUILDKIT_", "changes how BuildKit builds, and the Dockerfile does not show it"),
    ],
)
def test_a_reserved_key_is_refused_with_the_reason(
    repository: Repository, key: str, reason: str
) -> None:
    assert repository.ids(GOOD + key.encode() + b"=1\n").errors == [
        Annotation(4, f"{key} {reason}: choose another name.")
    ]


def test_every_bad_line_is_reported_at_once(repository: Repository) -> None:
    versions = b"# a\nx\n" + GOOD + b"A=\n\nB=1\nB=2\n<<<<<<< c\nDATE=1\n"
    errors = repository.ids(versions).errors
    assert [error.line for error in errors] == [2, 6, 9, 10, 11]


def test_windows_line_endings_are_one_error_and_its_advice_mends_them(
    repository: Repository,
) -> None:
    (error,) = repository.ids(GOOD.replace(b"\n", b"\r\n")).errors
    command = shlex.split(error.message.partition("run: ")[2])
    if not shutil.which(command[0]):
        pytest.skip(f"no {command[0]} on this machine")
    subprocess.run(command, cwd=repository.folder, check=True)
    assert repository.ids(versions=None).outputs
    assert repository.versions.read_bytes() == GOOD


@pytest.mark.parametrize("kind", ["no file", "a folder", "a dangling link"])
def test_without_the_file_it_says_how_to_get_it_back(tmp_path: Path, kind: str) -> None:
    repository = Repository(tmp_path)
    if kind == "a folder":
        repository.versions.mkdir()
    elif kind == "a dangling link":
        repository.versions.symlink_to("nowhere")
    (error,) = repository.ids(versions=None).errors
    assert error.line == 1
    assert error.message.startswith("versions.env is missing or cannot be read")


def test_an_output_file_that_cannot_be_written_fails_the_step(
    repository: Repository, tmp_path: Path
) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "GITHUB_REPOSITORY": "a/b",
        "GITHUB_OUTPUT": str(tmp_path / "missing/output"),
    }
    repository.versions.write_bytes(GOOD)
    result = subprocess.run([repository.script], env=environment, capture_output=True, check=False)
    assert result.returncode != 0
    assert result.stdout == b""
    assert environment["GITHUB_OUTPUT"] in result.stderr.decode()
