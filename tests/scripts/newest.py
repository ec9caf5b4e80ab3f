"""newest.py, run in this process on lines of `git for-each-ref`."""

import contextlib
import io
import sys
from collections.abc import Iterable, Sequence
from unittest import mock

from tests.support.commands import load
from tools.projects import ROOT

script = load(ROOT / "template/.github/scripts/newest.py")
COMMIT = "a" * 40
OTHER = "b" * 40


def newest(
    scheme: str,
    lines: Iterable[str],
    ref: str = "refs/tags/none",
    *options: str,
    **environment: str,
) -> tuple[str, str]:
    """What the script prints for lines of `git for-each-ref`, and its error."""
    variables = {
        "GITHUB_REF": ref,
        "GITHUB_SHA": COMMIT,
        "GITHUB_REPOSITORY": "Acme-Org/MyTool",
        "GITHUB_RUN_ATTEMPT": "1",
        "GITHUB_EVENT_NAME": "push",
        **environment,
    }
    printed, error = io.StringIO(), ""
    with (
        mock.patch.object(sys, "argv", ["newest.py", scheme, *options]),
        mock.patch.object(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines))),
        mock.patch.dict("os.environ", variables),
        contextlib.redirect_stdout(printed),
    ):
        try:
            script.main()
        except SystemExit as stop:
            error = str(stop.code)
    return printed.getvalue(), error


def dated(tags: Sequence[str]) -> list[str]:
    """Tags of commits, each a second younger than the one before it."""
    return [f"refs/tags/{tag} {date} commit" for date, tag in enumerate(tags)]


def true(text: str) -> set[str]:
    """The outputs that are true."""
    pairs = dict(line.split("=") for line in text.splitlines())
    keys = ["version", "prerelease", "newest", "major", "minor", "latest", "day"]
    assert list(pairs) == keys
    assert set(pairs.values()) <= {"true", "false"}
    return {key for key, value in pairs.items() if value == "true"}


def says(scheme: str, tags: Sequence[str], tag: str) -> set[str]:
    """What the script says is true of the first run of a tag, where every day's tag follows."""
    printed, error = newest(scheme, dated(tags), f"refs/tags/{tag}")
    assert error == ""
    found = true(printed)
    assert "day" in found
    return found - {"day"}
