"""What a project may do to its files."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.support.files import tree
from tests.support.ownership import owner

# What a project adds to extend what the template owns, and things that any project holds.
ADDED = {
    "apt.txt": "libpq-dev # for psycopg\n",
    "tests/smoke": "#!/bin/sh\ndocker run --rm $1 hello\n",
    "GNUmakefile": "include Makefile\n\nown:\n\techo own\n",
    "src/AGENTS.md": "# Source\n",
    "src/.editorconfig": "[*.md]\nindent_size = 2\n",
    ".github/workflows/own.yml": "name: Own\n",
    "tools/deploy": "#!/bin/sh\n",
    "src/my_tool/own.py": "OWN = True\n",
    "renovate.json": "{}\n",
    "CHANGELOG.md": "# Changes\n",
    "docs/a space and é.md": "no newline at the end",
    "windows.txt": "line\r\nends\r\n",
    "empty": "",
}
EXECUTABLE = {"tests/smoke", "tools/deploy"}
ICON = bytes(range(256)) * 8


class Event(Protocol):
    """Something that happens to the repository of a project or of the template."""

    def __call__(self, repository: Path, number: int) -> None: ...


def pick(candidates: Sequence[str], index: int) -> str | None:
    """One of the candidates, if there are any."""
    return sorted(candidates)[index % len(candidates)] if candidates else None


def insert(text: str, line: str, where: str) -> str:
    """Insert a line at the first, middle or last place."""
    lines = text.splitlines(keepends=True)
    lines.insert({"first": 0, "middle": len(lines) // 2, "last": len(lines)}[where], line)
    return "".join(lines)


@dataclass(frozen=True)
class Bump:
    """Raise a version in versions.env, and as Renovate does, UPX together with its digests."""

    index: int

    def __call__(self, repository: Path, number: int) -> None:
        file = repository / "versions.env"
        text = file.read_text()
        key = pick(re.findall("(?m)^([A-Z].*)=", text), self.index)
        values = {key: f"{number}.0.{self.index}"}
        if key == "UPX_VERSION":
            values |= {f"UPX_SHA256_{arch}": f"{number:064x}" for arch in ("AMD64", "ARM64")}
            text = re.sub("digestVersion=.*", f"digestVersion=v{values[key]}", text)
        for name, value in values.items():
            text = re.sub(f"(?m)^{name}=.*", f"{name}={value}", text)
        file.write_text(text)


@dataclass(frozen=True)
class OwnKey:
    """Add a key below the last comment of versions.env."""

    blank: bool
    newline: bool

    def __call__(self, repository: Path, number: int) -> None:
        file = repository / "versions.env"
        text = file.read_text()
        text += "" if text.endswith("\n") else "\n"
        text += "\n# renovate: datasource=pypi depName=x\n" if self.blank else ""
        file.write_text(f"{text}OWN_{number}=1" + ("\n" if self.newline else ""))


@dataclass(frozen=True)
class OwnIgnore:
    """Add a line at the end of .dockerignore."""

    def __call__(self, repository: Path, number: int) -> None:
        with (repository / ".dockerignore").open("a") as file:
            file.write(f"own-{number}\n")


@dataclass(frozen=True)
class Edit:
    """Edit or rewrite a file that is the project's."""

    index: int
    where: str

    def __call__(self, repository: Path, number: int) -> None:
        if name := pick(
            [path for path in tree(repository) if owner(path) == "project"], self.index
        ):
            file = repository / name
            text = "" if self.where == "all" else file.read_bytes().decode(errors="replace")
            line = f"# edited {number}\n"
            file.write_text(line if self.where == "all" else insert(text, line, self.where))


@dataclass(frozen=True)
class Delete:
    """Delete a file that is the project's."""

    index: int

    def __call__(self, repository: Path, number: int) -> None:
        if name := pick(
            [path for path in tree(repository) if owner(path) == "project"], self.index
        ):
            (repository / name).unlink()


@dataclass(frozen=True)
class Add:
    """Add a file: to extend what the template owns, or anything else."""

    index: int

    def __call__(self, repository: Path, number: int) -> None:
        name = pick([*ADDED, "src/icon.png", "docs/link"], self.index)
        assert name
        file = repository / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if name == "docs/link":
            file.unlink(missing_ok=True)
            file.symlink_to("../README.md")
        else:
            file.write_bytes(ADDED[name].encode() if name in ADDED else ICON)
            file.chmod(0o755 if name in EXECUTABLE else 0o644)
