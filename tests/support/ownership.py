"""Who owns which file, and what an update should make of a project."""

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import copier
import yaml

from tests.support.files import Tree, tree
from tests.support.git import commit, git
from tests.support.rendering import copy, macros, quicker

ANSWERS_FILE = ".copier-answers.yml"


@cache
def ownership() -> Mapping[str, str]:
    """The lists of hooks/owners.jinja: a pattern of files, to `template`, `project` or `both`."""
    return {
        pattern: name.lower()
        for name, patterns in vars(macros("owners")).items()
        if name.isupper()
        for pattern in patterns
    }


def patterns(path: str) -> Sequence[str]:
    """The patterns of the lists that a file's path fits: `folder/`, `*.spec` at the root, or its name."""
    return [
        pattern
        for pattern in ownership()
        if (path.startswith(pattern) and pattern.endswith("/"))
        or (fnmatchcase(path, pattern) and path.count("/") == pattern.count("/"))
    ]


def owner(path: str) -> str | None:
    """Who owns a file, by the lists. None for a file that the template does not generate."""
    found = patterns(path)
    assert len(found) <= 1, f"{path} fits several patterns of hooks/owners.jinja: {found}"
    return ownership()[found[0]] if found else None


def answers(project: Path) -> dict[str, Any]:
    """What the project answered, and what was recorded for it."""
    stored = yaml.safe_load((project / ANSWERS_FILE).read_text())
    return {name: value for name, value in stored.items() if not name.startswith("_")}


def fresh(template: Path, project: Path, folder: Path, ref: str) -> Tree:
    """A new copy of the template with a project's answers."""
    return tree(copy(template, folder, answers(project), ref))


def keys(versions: str) -> Mapping[str, str]:
    """Each key of a versions.env, to its line and the comment above it."""
    found = re.finditer(r"(?m)^(?:#.*\n)?([A-Z][A-Z0-9_]*)=.*\n", versions)
    return {entry[1]: entry[0] for entry in found}


def both(path: str, new: bytes, own: bytes) -> bytes:
    """A file with two owners after an update: the template's lines, with the project's values and tail."""
    text, mine = new.decode(), own.decode()
    last = text.splitlines()[-1]
    assert last.startswith("# Your own "), last
    if path == "versions.env":
        ours = keys(mine.split(last)[0])
        for key, entry in keys(text).items():
            text = text.replace(entry, ours.get(key, entry))
    return (text + mine.partition(f"{last}\n")[2]).encode()


def expected(before: Tree, old: Tree, new: Tree) -> Tree:
    """What an update should make of a project.

    Args:
        before: the project
        old: a fresh copy of the version it is on
        new: a fresh copy of the version it goes to
    """
    from_project = {
        path: file
        for path, file in before.items()
        if owner(path) == "project" or (path not in old and path not in new)
    }
    from_template = {path: file for path, file in new.items() if owner(path) != "project"}
    for path in (path for path in from_template if owner(path) == "both"):
        from_template[path] = (new[path][0], both(path, new[path][1], before[path][1]))
    return {**from_project, **from_template}


def assert_same(result: Tree, wanted: Tree) -> None:
    """Assert that two trees are equal, naming the files that differ."""
    assert sorted(result) == sorted(wanted)
    for path in wanted:
        assert result[path] == wanted[path], path


def assert_clean(project: Path) -> None:
    """Assert that Git knows of no conflict, and that no file holds a marker of one."""
    unmerged = git(project, "ls-files", "--unmerged")
    assert not unmerged, unmerged
    for path, (_, content) in tree(project).items():
        assert not re.search(rb"(?m)^(<{7}|>{7}|\|{7}|={7})( |$)", content), path
        assert not path.endswith(".rej")


def update(project: Path, **options: Any) -> None:
    """Run `copier update --defaults` in-process, with unsafe features refused."""
    with quicker():
        copier.run_update(
            project, defaults=True, overwrite=True, quiet=True, unsafe=False, **options
        )


def update_cleanly(
    project: Path, template: Path, tag: str, old: Tree, folder: Path, **options: Any
) -> Tree:
    """Update a project to a tag, and assert that it becomes what it should.

    Args:
        project: is committed
        template: has the tag
        tag: the version it goes to
        old: a fresh copy of the version it is on
        folder: where a fresh copy of the new version, which is returned, may be made
        options: of the update
    """
    before, recorded = tree(project), answers(project)
    update(project, vcs_ref=tag, **options)
    assert_clean(project)
    assert recorded.items() <= answers(project).items()
    new = fresh(template, project, folder, tag)
    assert_same(tree(project), expected(before, old, new))
    return new


def release(template: Path, tag: str) -> None:
    """Commit what has changed in a template, and tag it."""
    commit(template, tag)
    git(template, "tag", tag)
