"""Random histories of a project and the template: no update conflicts or loses a line of either side.

HISTORIES=200 make test TIER=update tries 200 histories, and makes a failing one small.
"""

import os
import shutil
from collections.abc import Sequence
from itertools import count, cycle
from pathlib import Path

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from tests.support.files import tree
from tests.support.git import commit, git
from tests.support.ownership import release, update_cleanly
from tests.support.rendering import ANSWERS, copy
from tests.update.project_edits import ADDED, Add, Bump, Delete, Edit, Event, OwnIgnore, OwnKey
from tests.update.release_changes import (
    FOLDERS,
    AddKey,
    Ask,
    Bring,
    Change,
    Defaults,
    Pins,
    Remove,
    Rename,
)
from tools.projects import KINDS

INDEXES = range(60)  # more than there are files to pick from
PLACES = ["first", "middle", "last"]
indexes = st.sampled_from(INDEXES)
places = st.sampled_from(PLACES)
edits: st.SearchStrategy[Event] = st.one_of(
    st.builds(Bump, indexes),
    st.builds(OwnKey, st.booleans(), st.booleans()),
    st.builds(OwnIgnore),
    st.builds(Edit, indexes, places | st.just("all")),
    st.builds(Delete, indexes),
    st.builds(Add, indexes),
)
releases: st.SearchStrategy[Event] = st.one_of(
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
History = Sequence[tuple[Sequence[Event], Sequence[Event]]]

# Every step, all at once and twice. This history is tried in each run.
ALL: History = [
    (
        [
            *(Bump(index) for index in range(7)),
            OwnKey(blank=True, newline=False),
            OwnKey(blank=False, newline=True),
            OwnIgnore(),
            *(Add(index) for index in range(len(ADDED) + 2)),
            *(Edit(index, where) for index, where in zip(INDEXES, cycle([*PLACES, "all"]))),
            *(Delete(index) for index in (1, 4, 9)),
        ],
        [
            *(Change(index, where) for index in INDEXES for where in ("first", "last")),
            Pins(),
            AddKey(),
            AddKey(),
            Defaults(),
            Ask(),
            *(Rename(index) for index in (3, 12, 20)),
            *(Remove(index) for index in (7, 15, 24)),
            *map(Bring, FOLDERS),
        ],
    )
] * 2
TRIED = os.environ.get("HISTORIES")


@settings(
    max_examples=int(TRIED or 3),
    derandomize=True,
    database=None,
    deadline=None,
    phases=tuple(Phase) if TRIED else (Phase.explicit, Phase.generate),
)
@given(
    kind=st.sampled_from(sorted(KINDS)),
    skip_answered=st.booleans(),
    history=st.lists(rounds, min_size=2, max_size=3),
)
@example(kind="app", skip_answered=False, history=ALL)
@example(kind="linux-builder", skip_answered=True, history=ALL)
@example(kind="windows-builder", skip_answered=True, history=ALL)
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
    copy(versions, project, {**ANSWERS, **KINDS[kind]})
    commit(project)
    old, numbers = tree(project), count(1)
    for round_, (ours, theirs) in enumerate(history, 1):
        for step in ours:
            step(project, next(numbers))
        # Another .gitattributes gives files that nobody has edited other line endings.
        git(project, "add", "--all")
        git(project, "add", "--renormalize", ".")
        commit(project)
        for step in theirs:
            step(versions, next(numbers))
        release(versions, tag := f"v1.{round_}.0")
        options = {"skip_answered": skip_answered}
        old = update_cleanly(project, versions, tag, old, work / tag, **options)
        commit(project)
