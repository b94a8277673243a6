"""Skipped tests: told by reason at the end of a run, which fails for a reason nobody has approved.

``tests/skips.txt`` has the reasons that are approved. A skip that it does not have is either a
test that ought to run here, or a new line with its why.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

LIST: Final = Path(__file__).with_name("skips.txt")
_MARK: Final = "  # "
_PREFIX: Final = "Skipped: "


def read_list(path: Path) -> dict[str, str]:
    """Return why a reason is approved, by its pattern."""
    found = {}
    for line in path.read_text().splitlines():
        if line and not line.startswith("#"):
            pattern, mark, why = line.partition(_MARK)
            assert mark, f"{path}: {line!r} does not say why, after {_MARK!r}"
            found[pattern.strip()] = why.strip()
    return found


class Skips:
    """Plugin of the process that reports; with pytest-xdist it hears what the workers report."""

    def __init__(self, path: Path = LIST) -> None:
        self._approved = [re.compile(one, re.DOTALL) for one in read_list(path)]
        self._path = path
        self._counts: Counter[str] = Counter()

    @property
    def unknown(self) -> list[str]:
        """Reasons that the list does not have."""
        return sorted(
            one for one in self._counts if not any(p.fullmatch(one) for p in self._approved)
        )

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a test that was skipped."""
        self._count(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Count a module that was skipped."""
        self._count(report)

    def _count(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail"):
            where = report.longrepr
            reason = where[2] if isinstance(where, tuple) else str(where)
            self._counts[reason.removeprefix(_PREFIX)] += 1

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail a run that passed, where a reason is unknown."""
        if self.unknown and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print each reason with its number, those that are unknown as errors."""
        if not self._counts:
            return
        terminalreporter.section("skipped")
        unknown = self.unknown
        for reason, count in sorted(self._counts.items()):
            if reason in unknown:
                told = f"{count} {reason}: not in {self._path.name}; run the test, or add the line"
                terminalreporter.write_line(f"ERROR {told}", red=True)
            else:
                terminalreporter.write_line(f"{count} {reason}")
