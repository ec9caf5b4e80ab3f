"""What a release of the template may do to its files."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.ownership import ANSWERS_FILE, owner
from tests.update.project_edits import pick


def template_files(repository: Path, *, whole: bool) -> Sequence[str]:
    """The files that a release may change; with `whole`, those it may also rename or remove.

    Those with a last comment that the project's own lines go below keep their names.
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
    """Add a key to versions.env above its last comment, with a recorded version."""

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
            text, found = re.subn(rf'{start}"?[\w.-]+"?$', rf'\g<1>"{number}.9"', text)
            assert found or name == "python_full_version", name
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
