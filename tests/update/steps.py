"""What a project may do to its files, and what a release of the template may do to its own."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.support.files import tree
from tests.support.ownership import ANSWERS_FILE, owner

# What a project adds to extend what the template owns, and things that any project holds.
ADDED = {
    "apt.txt": "libpq-dev # for psycopg\n",
    "tests/smoke": "#!/bin/sh\ndocker run --rm $1 hello\n",
    "GNUmakefile": "include Makefile\n\nown:\n\techo own\n",
    "src/ruff.toml": 'extend = "../ruff.toml"\n',
    "tests/ruff.toml": 'extend = "../ruff.toml"\n',
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
PROGRAMS = {"tests/smoke", "tools/deploy"}
ICON = bytes(range(256)) * 8


class Step(Protocol):
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


# What a project may do.


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
    """Add a key below the last line of versions.env."""

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
            file.chmod(0o755 if name in PROGRAMS else 0o644)


# What a release of the template may do.


def template_files(repository: Path, *, whole: bool) -> Sequence[str]:
    """The files that a release may change; with `whole`, those it may also rename or remove.

    Those with a last line that the project's own go below keep their names.
    """
    files = [
        path.relative_to(repository / "template").as_posix()
        for path in (repository / "template").rglob("*")
        if path.is_file() and path.name not in ("versions.env.jinja", f"{ANSWERS_FILE}.jinja")
    ]
    files = [file for file in files if "answers_file" not in file]
    return [file for file in files if not whole or owner(rendered(file)) != "both"]


def rendered(file: str) -> str:
    """Where a file of the template ends in a project."""
    plain = re.sub(r"^\[\[only_\w+\]\]/", "", file).removesuffix(".jinja")
    return plain.replace("[[command_name]]", "my-tool").replace("[[package_name]]", "my_tool")


@dataclass(frozen=True)
class Change:
    """Insert, replace or remove a line, of any file but the released lines of versions.env."""

    index: int
    where: str

    def __call__(self, repository: Path, number: int) -> None:
        if not (name := pick(template_files(repository, whole=False), self.index)):
            return
        file = repository / "template" / name
        lines = file.read_text().splitlines(keepends=True)
        plain = [
            line for line, text in enumerate(lines) if not re.search(r"\[\[|\[%|\[#|#%|\]\]", text)
        ]
        if name.endswith(".dockerignore"):
            plain.pop()  # the last line stays, and stays the last
        line = (
            plain[{"first": 0, "middle": len(plain) // 2, "last": -1}[self.where]] if plain else 0
        )
        what = f"# changed {number}\n"
        match number % 3 if plain else 0:
            case 0:
                lines.insert(line, what)
            case 1:
                lines[line] = what
            case 2:
                lines[line : line + 1] = [what, lines[line], what]
        file.write_text("".join(lines))


@dataclass(frozen=True)
class Pins:
    """Raise every pin: of actions, runners, packages and base images."""

    def __call__(self, repository: Path, number: int) -> None:
        for name in template_files(repository, whole=False):
            file = repository / "template" / name
            text = re.sub(r"@[0-9a-f]{40} # v\S+", f"@{number:040x} # v{number}", file.read_text())
            text = re.sub(r"(ubuntu-|==|\bdebian)\d[\w.]*", rf"\g<1>{number}.0", text)
            file.write_text(text)


@dataclass(frozen=True)
class AddKey:
    """Add a key to versions.env above its last line, with a recorded version."""

    def __call__(self, repository: Path, number: int) -> None:
        name = f"tool{number}_version"
        with (repository / "copier.yml").open("a") as file:
            file.write(f'\n{name}:\n  type: str\n  ask: false\n  default: "{number}.0"\n')
        file_ = repository / "template/versions.env.jinja"
        *lines, last = file_.read_text().splitlines(keepends=True)
        comment = f"# renovate: datasource=pypi depName=tool{number}\n"
        lines += [comment, f"{name.upper()}=[[ {name} ]]\n", "\n", last]
        file_.write_text("".join(lines))


@dataclass(frozen=True)
class Defaults:
    """Raise every version that a new project starts with."""

    def __call__(self, repository: Path, number: int) -> None:
        file = repository / "copier.yml"
        text = file.read_text()
        versions = (repository / "template/versions.env.jinja").read_text()
        for name in re.findall(r"(?m)^[A-Z].*=\[\[ (\w+) \]\]$", versions):
            start = rf"(?m)^({name}:\n(?:  .*\n)*?  default: )"
            text, found = re.subn(rf'{start}"?[\w.]+"?$', rf'\g<1>"{number}.9"', text)
            assert found or name == "python_release", name
        text = re.sub(r'"(3\.\d+)": "[\d.]+"', rf'"\1": "\1.{number}"', text)
        file.write_text(text)


@dataclass(frozen=True)
class Ask:
    """Ask one question more, which has a default."""

    def __call__(self, repository: Path, number: int) -> None:
        with (repository / "copier.yml").open("a") as file:
            file.write(f"\nask_{number}:\n  type: str\n  help: Which?\n  default: that\n")
        file_ = repository / f"template/scripts/ask-{number}.jinja"
        file_.parent.mkdir(exist_ok=True)
        file_.write_text(f"[[ ask_{number} ]]\n")


@dataclass(frozen=True)
class Rename:
    """Rename a file, whoever owns what was made from it."""

    index: int

    def __call__(self, repository: Path, number: int) -> None:
        if name := pick(template_files(repository, whole=True), self.index):
            stem = name.removesuffix(".jinja")
            file = repository / "template" / name
            file.rename(repository / "template" / f"{stem}-{number}{name[len(stem) :]}")


@dataclass(frozen=True)
class Remove:
    """Remove a file, whoever owns what was made from it."""

    index: int

    def __call__(self, repository: Path, number: int) -> None:
        if name := pick(template_files(repository, whole=True), self.index):
            (repository / "template" / name).unlink()


@dataclass(frozen=True)
class Bring:
    """Add a file: a template-owned one arrives, one under src or tests does not."""

    folder: str

    def __call__(self, repository: Path, number: int) -> None:
        file = repository / "template" / self.folder / f"new_{number}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"# new {number}\n")


# Where a release may add a file.
FOLDERS = [
    "scripts",
    ".github/workflows",
    "[[only_app]]",
    "[[only_builder]]/new",
    "[[only_windows_builder]]",
    "[[only_app]]/src/[[package_name]]",
    "[[only_app]]/tests",
    "[[only_builder]]/tests",
]
