"""No history of a project and the template ends in a conflict, or loses a line of either side.

HISTORIES=200 make test TIER=update tries that many, and makes a failing one small.
"""

import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Protocol

import copier
import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from conftest import ANSWERS, commit
from update.harness import (
    ANSWERS_FILE,
    answers,
    assert_clean,
    assert_same,
    expected,
    fresh,
    owner,
    release,
    tree,
    update,
)

# What a project adds to extend what the template owns, and things that any project holds.
ADDED = {
    "apt.txt": "libpq-dev # for psycopg\n",
    "tests/smoke": "#!/bin/sh\ndocker run --rm $1 hello\n",
    "GNUmakefile": "include Makefile\n\nown:\n\techo own\n",
    "src/ruff.toml": 'extend = "../ruff.toml"\n',
    "src/.editorconfig": "[*.md]\nindent_size = 2\n",
    ".github/workflows/own.yml": "name: Own\n",
    "renovate.json": "{}\n",
    "CHANGELOG.md": "# Changes\n",
    "docs/a space and é.md": "no newline at the end",
    "windows.txt": "line\r\nends\r\n",
    "empty": "",
}
PROGRAMS = {"tests/smoke"}
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
    """The files that a release may change; with `whole`, those it may also rename or remove."""
    files = [
        path.relative_to(repository / "template").as_posix()
        for path in (repository / "template").rglob("*")
        if path.is_file() and path.name not in ("versions.env.jinja", f"{ANSWERS_FILE}.jinja")
    ]
    files = [file for file in files if "answers_file" not in file]
    return [file for file in files if not whole or owner(rendered(file)) in ("template", None)]


def rendered(file: str) -> str:
    """Where a file of the template ends in a project."""
    plain = re.sub(r"^\[\[(app|builder)\]\]/", "", file).removesuffix(".jinja")
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
    """Pin every action to another commit."""

    def __call__(self, repository: Path, number: int) -> None:
        for file in (repository / "template/.github/workflows").iterdir():
            text = re.sub(r"@[0-9a-f]{40} # v\S+", f"@{number:040x} # v{number}", file.read_text())
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
    """Rename a file that is the template's."""

    index: int

    def __call__(self, repository: Path, number: int) -> None:
        if name := pick(template_files(repository, whole=True), self.index):
            stem = name.removesuffix(".jinja")
            file = repository / "template" / name
            file.rename(repository / "template" / f"{stem}-{number}{name[len(stem) :]}")


@dataclass(frozen=True)
class Remove:
    """Remove a file that is the template's."""

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


indexes = st.integers(0, 59)
places = st.sampled_from(["first", "middle", "last"])
edits: st.SearchStrategy[Step] = st.one_of(
    st.builds(Bump, indexes),
    st.builds(OwnKey, st.booleans(), st.booleans()),
    st.builds(OwnIgnore),
    st.builds(Edit, indexes, places | st.just("all")),
    st.builds(Delete, indexes),
    st.builds(Add, indexes),
)
FOLDERS = [
    "scripts",
    ".github/workflows",
    "[[app]]",
    "[[builder]]/new",
    "[[app]]/src/[[package_name]]",
    "[[app]]/tests",
    "[[builder]]/tests",
]
releases: st.SearchStrategy[Step] = st.one_of(
    st.builds(Change, indexes, places),
    st.builds(Pins),
    st.builds(AddKey),
    st.builds(Defaults),
    st.builds(Ask),
    st.builds(Rename, indexes),
    st.builds(Remove, indexes),
    st.builds(Bring, st.sampled_from(FOLDERS)),
)
rounds = st.tuples(
    st.lists(edits, min_size=1, max_size=8), st.lists(releases, min_size=1, max_size=6)
)
History = Sequence[tuple[Sequence[Step], Sequence[Step]]]

# Everything that can happen, all at once and twice: whatever chance picks, this is tried.
ALL: History = [
    (
        [
            *(Bump(index) for index in range(7)),
            OwnKey(blank=True, newline=False),
            OwnKey(blank=False, newline=True),
            OwnIgnore(),
            *(Edit(index, where) for index, where in enumerate(["first", "middle", "last", "all"])),
            Delete(5),
            Delete(6),
            *(Add(index) for index in range(len(ADDED) + 2)),
        ],
        [
            *(Change(index, where) for index in range(30) for where in ("first", "last")),
            Pins(),
            AddKey(),
            AddKey(),
            Defaults(),
            Ask(),
            Rename(3),
            Remove(7),
            *map(Bring, FOLDERS),
        ],
    )
] * 2
TRIED = os.environ.get("HISTORIES")


@settings(
    max_examples=int(TRIED or 12),
    derandomize=True,
    database=None,
    deadline=None,
    phases=tuple(Phase) if TRIED else (Phase.explicit, Phase.generate),
)
@given(
    kind=st.sampled_from(["app", "builder"]),
    skip_answered=st.booleans(),
    history=st.lists(rounds, min_size=2, max_size=3),
)
@example(kind="app", skip_answered=False, history=ALL)
@example(kind="builder", skip_answered=True, history=ALL)
def test_every_update_merges_without_a_conflict_and_loses_nothing(
    template: Path,
    tmp_path_factory: pytest.TempPathFactory,
    kind: str,
    skip_answered: bool,
    history: History,
) -> None:
    work = tmp_path_factory.mktemp("history")
    versions, project = work / "template", work / "project"
    shutil.copytree(template, versions, symlinks=True)
    copier.run_copy(
        str(versions),
        project,
        data={**ANSWERS, "kind": kind},
        defaults=True,
        quiet=True,
        unsafe=False,
        vcs_ref="v1.0.0",
    )
    commit(project)
    old, numbers = tree(project), count(1)
    for round_, (ours, theirs) in enumerate(history, 1):
        for step in ours:
            step(project, next(numbers))
        commit(project)
        before, recorded = tree(project), answers(project)
        for step in theirs:
            step(versions, next(numbers))
        release(versions, tag := f"v1.{round_}.0")

        update(project, vcs_ref=tag, skip_answered=skip_answered)

        assert_clean(project)
        assert recorded.items() <= answers(project).items()
        new = fresh(versions, project, work / tag, tag)
        assert_same(tree(project), expected(before, old, new))
        commit(project)
        old = new
