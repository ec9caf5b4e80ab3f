"""What is read from an answers file, and what is refused because two parsers may differ about it."""

import string

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.propagate.commands import Failed
from scripts.propagate.recorded import Recorded, parse
from tests.support.fuzzing import EXAMPLES

OURS = "https://github.com/Acme-Org/template.git"
THEIRS = "https://github.com/Evil-Org/template.git"


def test_the_answers_are_read_without_what_is_copiers() -> None:
    text = f"# Do not edit.\n_commit: v1.0.0\n_src_path: {OURS}\n_other: 1\nplatforms: [a, b]\n"
    assert parse(text) == Recorded(OURS, "v1.0.0", {"platforms": ["a", "b"]})


def test_what_is_written_is_read_back_with_the_new_source() -> None:
    answers = {"description": "yes: '#1'\n☃", "year": "2026", "on": True, "none": None}
    recorded = Recorded(THEIRS, "v1.0.0", answers)
    assert parse(recorded.written(OURS)) == Recorded(OURS, "v1.0.0", answers)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"_src_path: {OURS}\n_src_path: {THEIRS}\n", "line 2: a duplicate key"),
        (f"_src_path: {OURS}\n? _src_path\n: {THEIRS}\n", "line 2: a duplicate key"),
        (f'_src_path: {OURS}\n"_src\\x5fpath": {THEIRS}\n', "line 2: a duplicate key"),
        (f"_src_path: {OURS}\n<<: {{_src_path: {THEIRS}}}\n", "line 2: a key that is not a string"),
        ("a: {b: 1, b: 2}\n", "line 1: a duplicate key"),
        ("1: a\n", "line 1: a key that is not a string"),
        ("? [a]\n: b\n", "line 1: a key that is not a string"),
        ("a: &a [x]\nb: *a\n", "line 2: an alias"),
        ("a: [\n", "line 2: expected the node content"),
        (f"_src_path: [{OURS}]\n", "_src_path and _commit must be strings"),
        ("_commit: 1\n", "_src_path and _commit must be strings"),
        ("_commit: main\n", "_commit is not a version"),
        ('_commit: "v1.0.0\\n"\n', "_commit is not a version"),
        ("_commit: --upload-pack=touch\n", "_commit is not a version"),
        ("- a\n", "no answers"),
        ("", "no answers"),
        ("a: 2026-01-01\n", "not what Copier writes: TypeError"),
        ("a: 2026-99-99\n", "not what Copier writes: ValueError"),
        ("a: !!python/object/apply:os.getcwd []\n", "line 1: could not determine a constructor"),
        ("a: !!binary YQ==\n", "not what Copier writes: TypeError"),
        (f"a: {'9' * 5000}\n", "not what Copier writes: ValueError"),
        (f"a: {'[' * 20000}\n", "not what Copier writes: RecursionError"),
        ("a: \x1b[2J\n", "not what Copier writes: ReaderError"),
        (f"_src_path: {OURS}\n--- \n_src_path: {THEIRS}\n", "line 2: but found another document"),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(text: str, reason: str) -> None:
    with pytest.raises(Failed) as failed:
        parse(text)
    assert str(failed.value).startswith(
        (f".copier-answers.yml, {reason}", f".copier-answers.yml: {reason}")
    )


def test_an_alias_bomb_is_refused_at_its_first_alias() -> None:
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 40)]
    with pytest.raises(Failed, match="line 2: an alias"):
        parse("\n".join(lines))


KEYS = st.sampled_from(["_src_path", "_commit", "? _src_path\n", '"_src_path"', "<<", "a", "&a a"])
VALUES = st.one_of(
    st.sampled_from(
        [OURS, THEIRS, "v1.0.0", "*a", "{_src_path: x}", "[", "!!str x", "|\n  x", "'"]
    ),
    st.text(string.printable, max_size=20),
)


@settings(max_examples=3 * EXAMPLES, deadline=None)
@given(st.lists(st.tuples(KEYS, VALUES), max_size=6))
def test_whatever_is_in_the_file_copier_reads_what_we_read(pairs: list[tuple[str, str]]) -> None:
    """A fuzzer: FUZZ=100 tries more."""
    text = "".join(f"{key}: {value}\n" for key, value in pairs)
    try:
        recorded = parse(text)
    except Failed:
        return
    # As Copier reads the project's file, and the one that we write for it.
    theirs = yaml.safe_load(text)
    assert recorded.source == theirs.get("_src_path", "")
    ours = yaml.safe_load(recorded.written(OURS))
    assert ours == {**recorded.answers, "_src_path": OURS, "_commit": recorded.version}
