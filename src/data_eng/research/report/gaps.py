"""Where a day's data are partial: silences, and hours that no raw file covers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from ...catalogue.tables import CLEAN, SECONDS
from ...features.definitions import MAX_SILENCE_SECONDS
from ...lake.inputs import COVERED_FACT
from ...records.arrow_columns import values
from .day import ReportDay, times_ns

SILENCE: Final = "no records"
NOT_COVERED: Final = "not covered by the raw files"
_NS: Final = 10**9


@dataclass(frozen=True)
class Gap:
    """A stretch of the day.

    Attributes
    ----------
    start_ns, end_ns : int, ns since epoch UTC
    what : str
        `SILENCE` or `NOT_COVERED`.
    """

    start_ns: int
    end_ns: int
    what: str


def gaps(day: ReportDay) -> list[Gap]:
    """Return the gaps between the start of the pre-market and the end of the grid, in order.

    A silence is a run of at least `MAX_SILENCE_SECONDS` whole seconds without a record. Where no
    raw file covers a stretch that is silent throughout, it is told as that alone.
    """
    start_ns, end_ns = day.start_ns, day.window_ns[1]
    bare = list(_not_covered(day, start_ns, end_ns))
    found = [
        gap
        for gap in _silences(day, start_ns, end_ns)
        if not any(one.start_ns <= gap.start_ns and gap.end_ns <= one.end_ns for one in bare)
    ]
    return sorted([*bare, *found], key=lambda gap: gap.start_ns)


def _not_covered(day: ReportDay, start_ns: int, end_ns: int) -> Iterator[Gap]:
    covered = day.manifests[CLEAN][0].facts.get(COVERED_FACT)
    if covered is None:
        return
    reached = start_ns
    for first, last in sorted(covered):
        if min(first, end_ns) > reached:
            yield Gap(reached, min(first, end_ns), NOT_COVERED)
        reached = max(reached, last)
    if reached < end_ns:
        yield Gap(reached, end_ns, NOT_COVERED)


def _silences(day: ReportDay, start_ns: int, end_ns: int) -> Iterator[Gap]:
    table = day.tables[SECONDS]
    times = times_ns(table, "ts")
    rows = np.flatnonzero((times >= start_ns) & (times < end_ns))
    is_silent = values(table["records"], np.int64)[rows] == 0
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_silent, [False]]).astype(np.int8)))
    for first, last in edges.reshape(-1, 2):
        if last - first >= MAX_SILENCE_SECONDS:
            begin = int(times[rows[first]])
            yield Gap(begin, begin + int(last - first) * _NS, SILENCE)
