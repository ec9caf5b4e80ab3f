"""Where the time of a test run goes: the seconds of each tier, and its slowest file."""

from collections import defaultdict
from collections.abc import Iterable

import pytest


def rows(reports: Iterable[pytest.TestReport]) -> list[str]:
    """A table of the tiers, the slowest first. docs/tests.md has their shares."""
    seconds: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    tests: dict[str, set[str]] = defaultdict(set)
    for report in reports:
        _, tier, *_, file = report.nodeid.partition("::")[0].split("/")
        seconds[tier][file] += report.duration
        tests[tier].add(report.nodeid)
    found = ["| tier | tests | seconds | its slowest file |", "| --- | ---: | ---: | --- |"]
    for tier, files in sorted(seconds.items(), key=lambda item: -sum(item[1].values())):
        slowest = max(files, key=files.__getitem__)
        spent = f"{sum(files.values()):.0f} | `{slowest}`, {files[slowest]:.0f}"
        found.append(f"| `{tier}` | {len(tests[tier])} | {spent} |")
    return found


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
