""".github/scripts/ids in a folder of its own: what it is given, and what it writes and prints."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tools.projects import ROOT

SCRIPT = ROOT / "template/.github/scripts/ids"
REQUIRED = [b"PYTHON_VERSION=3.13.14", b"PYINSTALLER_VERSION=6.22.3", b"UPX_VERSION=5.2.1"]
GOOD = b"".join(line + b"\n" for line in REQUIRED)
# A builder's tags hold these versions.
TAGGED = {"PYTHON_VERSION", "PYINSTALLER_VERSION", "UPX_VERSION"}
RESERVED = re.compile("IMAGE_NAME|DATE|BUILD_ARGS|SOURCE_DATE_EPOCH|BUILDKIT_.*")

# What a step wrote before this script, which appends.
EARLIER = b"EARLIER=1\n"


@dataclass
class Annotation:
    """An error as GitHub shows it; without a line it is not about the file.

    Syntax: https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
    """

    line: int | None
    message: str


@dataclass
class Result:
    """How the script ended, what it printed, what it complained, and what it added to GITHUB_OUTPUT."""

    code: int
    stdout: str
    stderr: str
    written: bytes

    @property
    def errors(self) -> list[Annotation]:
        """The errors of a failed run.

        Raises:
            AssertionError: it ended well, wrote an output, or printed anything else.
        """
        assert (self.code, self.stdout, self.written) == (1, "", b"")
        annotations = []
        for line in self.stderr.removesuffix("\n").split("\n"):
            # Printable ASCII without % cannot end the command, begin another or hide anything.
            match = re.fullmatch(r"::error(?: file=versions\.env,line=(\d+))?::([ -$&-~]+)", line)
            assert match, line
            annotations.append(Annotation(int(match[1]) if match[1] else None, match[2]))
        return annotations

    @property
    def outputs(self) -> list[tuple[str, str]]:
        """The outputs of a run that ended well and printed nothing."""
        assert (self.code, self.stdout, self.stderr) == (0, "", "")
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
        result = subprocess.run([command], cwd=cwd, env=variables, capture_output=True, check=False)
        written = self.output.read_bytes()
        assert written.startswith(EARLIER)
        printed = (result.stdout.decode("ascii"), result.stderr.decode("ascii"))
        return Result(result.returncode, *printed, written[len(EARLIER) :])


def parse_outputs(text: str) -> list[tuple[str, str]]:
    """Parse the file of a step's outputs as GitHub's runner does.

    Source: src/Runner.Worker/FileCommandManager.cs of https://github.com/actions/runner

    Raises:
        AssertionError: a line is not understood, or an output occurs twice.
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
        match = re.fullmatch(rb"([A-Z][A-Z0-9_]*)=([0-9A-Za-z._+:/@~=,%-]+)", line)
        if not match:
            return None
        key, value = match[1].decode(), match[2].decode()
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
