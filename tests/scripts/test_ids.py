""".github/scripts/ids, run for real: what it makes of good, bad and arbitrary versions.env files."""

import os
import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.rendering import Render
from tools.projects import ROOT

SCRIPT = ROOT / "template/.github/scripts/ids"
REQUIRED = [b"PYTHON_VERSION=3.13.14", b"PYINSTALLER_VERSION=6.22.3", b"UPX_VERSION=5.2.1"]
GOOD = b"".join(line + b"\n" for line in REQUIRED)
# A builder's tags hold these versions.
TAGGED = {"PYTHON_VERSION", "PYINSTALLER_VERSION", "UPX_VERSION"}
RESERVED = re.compile("IMAGE_NAME|DATE|BUILD_ARGS|SOURCE_DATE_EPOCH|BUILDKIT_.*")

# What a step wrote before this script, which appends.
EARLIER = b"EARLIER=1\n"

# https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
OCI_COMPONENT = r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*"
OCI_NAME = re.compile(rf"{OCI_COMPONENT}/{OCI_COMPONENT}")


@dataclass
class Annotation:
    """An error as GitHub shows it; without a line it is not about the file.

    Syntax: https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
    """

    line: int | None
    message: str


@dataclass
class Result:
    """How the script ended, what it printed, and what it added to GITHUB_OUTPUT."""

    code: int
    stdout: str
    written: bytes

    @property
    def errors(self) -> list[Annotation]:
        """The errors of a failed run.

        Raises:
            AssertionError: it ended well, wrote an output, or printed anything else.
        """
        assert (self.code, self.written) == (1, b"")
        annotations = []
        for line in self.stdout.removesuffix("\n").split("\n"):
            # Printable ASCII without % cannot end the command, begin another or hide anything.
            found = re.fullmatch(r"::error(?: file=versions\.env,line=(\d+))?::([ -$&-~]+)", line)
            assert found, line
            annotations.append(Annotation(int(found[1]) if found[1] else None, found[2]))
        return annotations

    @property
    def outputs(self) -> list[tuple[str, str]]:
        """The outputs of a run that ended well and printed nothing."""
        assert (self.code, self.stdout) == (0, "")
        return parse_outputs(self.written.decode("ascii"))


class Repository:
    """A folder with the script and a versions.env."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.versions = folder / "versions.env"
        self.script = folder / ".github/scripts/ids"
        self.output = folder / "output"
        self.script.parent.mkdir(parents=True)
        shutil.copy2(SCRIPT, self.script)

    def ids(
        self,
        versions: bytes | None = GOOD,
        name: str | None = "Acme-Org/MyTool",
        cwd: Path | None = None,
        **environment: str,
    ) -> Result:
        """Run the script on a versions.env; None leaves that file as it is, or the name unset."""
        if versions is not None:
            self.versions.write_bytes(versions)
        self.output.write_bytes(EARLIER)
        variables = {"PATH": os.environ["PATH"], "GITHUB_OUTPUT": str(self.output), **environment}
        if name is not None:
            variables["GITHUB_REPOSITORY"] = name
        command = f"./{os.path.relpath(self.script, cwd)}" if cwd else self.script
        done = subprocess.run([command], cwd=cwd, env=variables, capture_output=True, check=False)
        assert done.stderr == b""
        written = self.output.read_bytes()
        assert written.startswith(EARLIER)
        return Result(done.returncode, done.stdout.decode("ascii"), written[len(EARLIER) :])


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return Repository(tmp_path_factory.mktemp("ids"))


def parse_outputs(text: str) -> list[tuple[str, str]]:
    """Parse the file of a step's outputs as GitHub's runner does.

    Source: src/Runner.Worker/FileCommandManager.cs of https://github.com/actions/runner

    Raises:
        AssertionError: a line is not understood, or an output is there twice.
        ValueError: a value of several lines does not end.
    """
    outputs = []
    lines = text.split("\n")
    while lines:
        line = lines.pop(0)
        separator = re.search("=|<<", line)
        if separator is None:
            assert line == "", line
            continue
        name, value = line[: separator.start()], line[separator.end() :]
        assert name
        if separator[0] == "<<":
            assert value
            end = lines.index(value)
            value = "\n".join(lines[:end])
            lines = lines[end + 1 :]
        outputs.append((name, value))
    assert len({name.lower() for name, _ in outputs}) == len(outputs)
    return outputs


def read_pairs(data: bytes) -> list[tuple[str, str]] | None:
    """Read a versions.env: its pairs in order, or None where it must be refused."""
    if re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", data):
        return None
    pairs: dict[str, str] = {}
    for line in data.split(b"\n"):
        if line == b"" or line.startswith(b"#"):
            continue
        found = re.fullmatch(rb"([A-Z][A-Z0-9_]*)=([0-9A-Za-z._+:/@~=,%-]+)", line)
        if not found:
            return None
        key, value = found[1].decode(), found[2].decode()
        if key in TAGGED and not re.fullmatch(r"[0-9A-Za-z._+-]+", value):
            return None
        if key in pairs or RESERVED.fullmatch(key):
            return None
        pairs[key] = value
    if not pairs.keys() >= TAGGED:
        return None
    return list(pairs.items())


def today() -> str:
    """The date in UTC, as in a tag."""
    return datetime.now(UTC).strftime("%Y%m%d")


def expected(pairs: list[tuple[str, str]], date: str) -> list[tuple[str, str]]:
    """The outputs for the pairs of a file."""
    build_args = "\n".join(f"{key}={value}" for key, value in pairs)
    return [("IMAGE_NAME", "acme-org/mytool"), ("DATE", date), *pairs, ("BUILD_ARGS", build_args)]


def assert_read(result: Result, data: bytes, dates: set[str]) -> None:
    """Assert that the outputs are exactly what the file holds."""
    pairs = read_pairs(data)
    assert pairs is not None
    outputs = result.outputs
    assert dict(outputs)["DATE"] in dates
    assert outputs == expected(pairs, dict(outputs)["DATE"])


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


def test_make_hands_every_value_to_docker_as_it_is(
    repository: Repository, render: Render, tmp_path: Path
) -> None:
    """The Makefile gives the same pairs to a shell, which must change nothing in them."""
    makefile = render() / "Makefile"
    special = GOOD + b"A=~/x:~root/y\nB=1%0A,2=%25\nC=~\nD==,~\n"
    assert repository.ids(special).outputs
    docker = tmp_path / "docker"
    docker.write_text('#!/bin/sh\nfor word in "$@"; do echo "$word"; done\n')
    docker.chmod(0o755)
    words = subprocess.run(
        ["make", "--silent", "--file", makefile, "image"],
        cwd=repository.folder,
        env={"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "HOME": "/home"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    pairs = read_pairs(special)
    assert pairs
    assert [word for word in words if "=" in word] == [f"{key}={value}" for key, value in pairs]


def test_without_github_output_the_same_lines_are_printed(repository: Repository) -> None:
    written = repository.ids().written.decode()
    printed = repository.ids(GITHUB_OUTPUT="")
    assert printed == Result(0, written, b"")


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
        pytest.param(GOOD + "É=1\n".encode(), 4, "KEY of A-Z", id="a key beyond ASCII"),
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
            "is part of a tag",
            id="a rule of a tag",
        ),
        pytest.param(GOOD.replace(b"=5.2.1", b"=a/b"), 3, "is part of a tag", id="a path in a tag"),
        pytest.param(GOOD + "A=é\n".encode(), 4, "may hold", id="a value beyond ASCII"),
        pytest.param(GOOD + b"A=\xff\n", 4, "may hold", id="a value that is no UTF-8"),
        pytest.param(b"UPX_VERSION=4\n" + GOOD, 4, "in lines 1 and 4", id="a key twice"),
        pytest.param(GOOD + b"<<<<<<< before\n", 4, "keep one of both", id="conflict: ours"),
        pytest.param(GOOD + b"||||||| base\n", 4, "keep one of both", id="conflict: base"),
        pytest.param(GOOD + b"=======\n", 4, "keep one of both", id="conflict: middle"),
        pytest.param(GOOD + b">>>>>>> after", 4, "keep one of both", id="conflict: theirs"),
        pytest.param(GOOD.replace(b"\n", b"\r\n"), 1, "with LF", id="Windows line ends"),
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
        ("IMAGE_NAME", "is what .github/scripts/ids itself writes"),
        ("DATE", "is what .github/scripts/ids itself writes"),
        ("BUILD_ARGS", "is what .github/scripts/ids itself writes"),
        ("SOURCE_DATE_EPOCH", "changes how BuildKit builds, unseen by the Dockerfile"),
        ("BUILDKIT_SYNTAX", "changes how BuildKit builds, unseen by the Dockerfile"),
        ("BUILDKIT_", "changes how BuildKit builds, unseen by the Dockerfile"),
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
    errors = repository.ids(versions, name="-/-").errors
    assert [error.line for error in errors] == [2, 6, 9, 10, 11, None]


def test_windows_line_ends_are_one_error_and_its_advice_mends_them(repository: Repository) -> None:
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
    assert error.message.startswith("There is no versions.env")


def test_an_output_file_that_cannot_be_written_fails_the_step(
    repository: Repository, tmp_path: Path
) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "GITHUB_REPOSITORY": "a/b",
        "GITHUB_OUTPUT": str(tmp_path / "missing/output"),
    }
    repository.versions.write_bytes(GOOD)
    done = subprocess.run([repository.script], env=environment, capture_output=True, check=False)
    assert done.returncode != 0
    assert done.stdout == b""
    assert environment["GITHUB_OUTPUT"] in done.stderr.decode()


@pytest.mark.parametrize("name", [None, ""])
def test_without_a_repository_name_it_says_how_to_give_one(
    repository: Repository, name: str | None
) -> None:
    assert repository.ids(name=name).errors == [
        Annotation(
            None,
            "GITHUB_REPOSITORY is not set: run it as GITHUB_REPOSITORY=owner/name .github/scripts/ids",
        )
    ]


@pytest.mark.parametrize(
    "name", ["Acme-Org/MyTool", "a/b", "A--B/C---D", "a_b/c__d", "1/2", "octo_acme/x.y_z__0-9"]
)
def test_a_repository_name_is_lowercased(repository: Repository, name: str) -> None:
    assert dict(repository.ids(name=name).outputs)["IMAGE_NAME"] == name.lower()


@pytest.mark.parametrize(
    "name",
    [
        "Acme/Foo..Bar",
        "Acme/-x",
        "Acme/a_-b",
        "Acme/.github",
        "Acme/x-",
        "Acme/x_",
        "Acme/a___b",
        "Acme/a._b",
        "-/x",
        "Acme",
        "Acme/",
        "/x",
        "Acme/x/y",
        "Acme/x y",
        "Acme/É",
        "Acme/x\n",
        "\nAcme/x",
        "Acme/x\nUPX_VERSION=0",
        "Acme/x\n::warning::y",
        "Acme/$(id)",
        "ghcr.io:80/x",
    ],
)
def test_a_name_that_no_image_can_have_is_refused_with_the_rule(
    repository: Repository, name: str
) -> None:
    (error,) = repository.ids(name=name).errors
    assert error.line is None
    assert re.fullmatch(
        r"GITHUB_REPOSITORY .* Rename the repository\. "
        r"The rule: https://github\.com/opencontainers/distribution-spec/\S+#pulling-manifests",
        error.message,
    )


# Names as GitHub lets people register them, and as an enterprise's short code extends them.
owners = st.from_regex(r"[A-Za-z0-9]{1,9}(-[A-Za-z0-9]{1,9}){0,3}(_[a-z0-9]{3,8})?", fullmatch=True)
names = st.from_regex(r"[A-Za-z0-9._-]{1,100}", fullmatch=True)


@settings(max_examples=80, deadline=None)
@given(owner=owners, name=names | st.from_regex(r"\w{1,5}[._-]{1,2}\w{1,5}", fullmatch=True))
def test_every_name_that_github_allows_is_an_image_name_or_refused(
    repository: Repository, owner: str, name: str
) -> None:
    result = repository.ids(name=f"{owner}/{name}")
    lowercase = f"{owner}/{name}".lower()
    if name.isascii() and OCI_NAME.fullmatch(lowercase):
        assert dict(result.outputs)["IMAGE_NAME"] == lowercase
    else:
        assert [error.line for error in result.errors] == [None]


pairs = st.from_regex(rb"[A-Z][A-Z0-9_]{0,9}=[0-9A-Za-z._+:/@~=,%-]{1,20}", fullmatch=True)
text = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=20)
comments = text.map(lambda words: b"#" + words.encode())
almost = st.sampled_from(
    [
        *REQUIRED,
        *(b"IMAGE_NAME=x", b"DATE=1", b"BUILD_ARGS=x", b"BUILDKIT_SYNTAX=x", b"BUILDKIT=1"),
        *(b"END", b"END=END", b"BUILD_ARGS<<END", b"A<<B", b"A=<<B", b"A==", b"A", b"=", b"a=1"),
        *(b"<<<<<<< ours", b"||||||| base", b"=======", b">>>>>>> theirs", b"<<<<<<<x"),
        *(b"A=1\r", b"\r", b"A=\r1", b"# \r", b"A=\x00", b"\x00", b"# \x00", b"A\x00=1", b"\x04"),
        *(b" A=1", b"A =1", b"A= 1", b"A=1 ", b"A=1\t", b"\t", b" ", b"A=$(id)", b"A=`id`", b"A=*"),
        *(b"A=1%0A", b"%0A::error::x", b"::error::x", b"::set-output name=x::y", b"A=\\", b"\\"),
        *(b"A=\xff", b"\xff", b"#\xff", b"A=\xc2\xa0", b"\xef\xbb\xbf#", "É=1".encode(), b"A=\x7f"),
        *(b"#" + b"x" * 10_000, b"LONG=" + b"1" * 10_000, b"L" * 10_000 + b"=1", b"?" * 10_000),
    ]
)
lines = pairs | comments | almost | st.just(b"") | st.binary(max_size=12)


@st.composite
def files(draw: st.DrawFn, extra: st.SearchStrategy[bytes]) -> bytes:
    """The three versions in any order, and among them lines of another kind."""
    content = draw(st.permutations(REQUIRED))
    for line in draw(st.lists(extra, max_size=5)):
        content.insert(draw(st.integers(0, len(content))), line)
    return b"\n".join(content) + draw(st.sampled_from([b"", b"\n", b"\n\n"]))


@settings(max_examples=50, deadline=None)
@given(versions=files(pairs | comments | st.just(b"")).filter(lambda data: bool(read_pairs(data))))
def test_every_good_file_is_read(repository: Repository, versions: bytes) -> None:
    before = today()
    result = repository.ids(versions)
    assert_read(result, versions, {before, today()})


@settings(max_examples=250, deadline=None)
@given(versions=files(lines) | st.lists(lines, max_size=6).map(b"\n".join) | st.binary())
def test_any_bytes_are_read_exactly_or_refused_with_nothing_written(
    repository: Repository, versions: bytes
) -> None:
    before = today()
    result = repository.ids(versions)
    if read_pairs(versions) is None:
        for error in result.errors:
            assert error.line is not None
            assert 1 <= error.line <= versions.count(b"\n") + 1
    else:
        assert_read(result, versions, {before, today()})
