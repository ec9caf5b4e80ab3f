"""A run of the tests: where it writes what it needs once, and where its time goes."""

import os
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")
LEAST = 6 * 2**30  # bytes; a run of all tests takes about one gigabyte


def use_memory() -> None:
    """Put temporary files into memory where Linux has enough of it, unless TMPDIR names a place.

    Many tests make and delete thousands of small files. ext4 takes two to three times as long for that,
    because it looks for inodes that were not deleted in the last seconds.
    """
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK):
        return
    found = os.statvfs(MEMORY)
    if found.f_bavail * found.f_frsize < LEAST or found.f_flag & os.ST_NOEXEC:
        return
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


def rows(reports: Iterable[pytest.TestReport]) -> list[str]:
    """A table of the tiers, the slowest first. docs/tests.md has their shares."""
    seconds: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    tests: dict[str, set[str]] = defaultdict(set)
    for report in reports:
        _, tier, *_, file = report.nodeid.partition("::")[0].split("/")
        seconds[tier][file] += report.duration
        tests[tier].add(report.nodeid)
    table = ["| tier | tests | seconds | its slowest file |", "| --- | ---: | ---: | --- |"]
    for tier, files in sorted(seconds.items(), key=lambda item: -sum(item[1].values())):
        slowest = max(files, key=files.__getitem__)
        spent = f"{sum(files.values()):.0f} | `{slowest}`, {files[slowest]:.0f}"
        table.append(f"| `{tier}` | {len(tests[tier])} | {spent} |")
    return table


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table after a run of several tiers."""
    # Under "" are the setups and teardowns that passed.
    reports = [
        report
        for outcome in ("passed", "failed", "skipped", "error", "")
        for report in terminalreporter.stats.get(outcome, [])
        if isinstance(report, pytest.TestReport)
    ]
    if len(table := rows(reports)) > 3:
        terminalreporter.section("seconds by tier, summed over the workers")
        for row in table:
            terminalreporter.write_line(row)
