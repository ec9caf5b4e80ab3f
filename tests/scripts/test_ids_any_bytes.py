""".github/scripts/ids, run for real on arbitrary bytes: read exactly, or refused as a whole."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.scripts.ids import REQUIRED, Repository, assert_read, read_pairs, today
from tests.support.fuzzing import EXAMPLES

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


@settings(max_examples=EXAMPLES // 2, deadline=None)
@given(versions=files(pairs | comments | st.just(b"")).filter(lambda data: bool(read_pairs(data))))
def test_every_good_file_is_read(repository: Repository, versions: bytes) -> None:
    before = today()
    result = repository.ids(versions)
    assert_read(result, versions, {before, today()})


@settings(max_examples=2 * EXAMPLES, deadline=None)
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
