"""What the records of a partition cover: first and last receipt, steps back in time, silences.

Facts of Bronze manifests, from ``ts_recv`` in file order; memory does not grow with the day.
"""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ..exchange.calendar import closure_reason
from ..exchange.products import watched_window
from ..exchange.sessions import NEW_YORK, utc_day_ns
from ..lake.inputs import COVERED_FACT, FIRST_RECORD_FACT, LAST_RECORD_FACT
from .dbn.layout import UNDEF_TIMESTAMP
from .dbn.metadata import DbnMetadata
from .raw_file import RawFile
from .silences import SILENCE_NS, gaps_in, reached_times

SECOND_NS: Final = 10**9
MAX_STEP_BACK_NS: Final = SECOND_NS
"""How far ``ts_recv`` may fall behind that of a record ahead of it.

None of the 225,000 records of the real files at hand, of all schemas, steps back at all. A clock
that is set right, or packets that change places, move times by far less than a second; files put
together in the wrong order by far more. Up to a second, the running maximum moves a record by one
row of the one-second grid at most.
"""

LONGEST_SHOWN: Final = 50

Window = tuple[int, int]


class StepBackError(Exception):
    """A receive time falls back beyond the bound.

    Attributes
    ----------
    row : int
        Of the times given last.
    received_ns, before_ns : int, ns since epoch UTC
        When the record was received, and the latest of those ahead of it.
    """

    def __init__(self, row: int, received_ns: int, before_ns: int) -> None:
        super().__init__(row, received_ns, before_ns)
        self.row, self.received_ns, self.before_ns = row, received_ns, before_ns


class WindowSilences:
    """The stretches of a window without a record that last over `SILENCE_NS`.

    Parameters
    ----------
    window : (start, end), ns since epoch UTC
    """

    def __init__(self, window: Window) -> None:
        self._window = window
        self._count, self._total_ns = 0, 0
        self._longest: list[tuple[int, int]] = []  # a heap of (length, -start)

    def take(self, begin_ns: int, end_ns: int) -> None:
        """Take a time without a record, in or out of the window."""
        begin_ns, end_ns = max(begin_ns, self._window[0]), min(end_ns, self._window[1])
        length = end_ns - begin_ns
        if length <= SILENCE_NS:
            return
        self._count += 1
        self._total_ns += length
        heapq.heappush(self._longest, (length, -begin_ns))
        if len(self._longest) > LONGEST_SHOWN:
            heapq.heappop(self._longest)

    def facts(self) -> dict[str, Any]:
        """Return what a manifest records: window, number, total, the longest by length."""
        return {
            "window_ns": list(self._window),
            "count": self._count,
            "seconds": self._total_ns / SECOND_NS,
            "longest": [
                {"start_ns": -start, "seconds": length / SECOND_NS}
                for length, start in sorted(self._longest, reverse=True)
            ],
        }


class Coverage:
    """Takes the receive times of a partition's records, in file order.

    Parameters
    ----------
    window : (start, end) or None, ns since epoch UTC
        Where silences are counted; None where the product has no such times.
    """

    def __init__(self, window: Window | None) -> None:
        self._window = window
        self._silences = None if window is None else WindowSilences(window)
        self._first_ns: int | None = None
        self._reached_ns = 0 if window is None else window[0]
        self._steps, self._largest_step_ns = 0, 0

    def add(self, times: npt.NDArray[np.int64]) -> None:
        """Take the next records' ``ts_recv``, shape (n,), ns since epoch UTC.

        Raises
        ------
        StepBackError
            One is more than `MAX_STEP_BACK_NS` before that of a record ahead of it.
        """
        if not len(times):
            return
        if self._first_ns is None:
            self._first_ns = int(times[0])
            self._take_gap(self._reached_ns, self._first_ns)
            self._reached_ns = self._first_ns
        reached = reached_times(self._reached_ns, times)
        self._count_steps_back(times, reached[:-1])
        for begin_ns, end_ns in gaps_in(reached):
            self._take_gap(begin_ns, end_ns)
        self._reached_ns = int(reached[-1])

    def finish(self) -> None:
        """Say that all records were taken."""
        if self._window is not None:
            self._take_gap(self._reached_ns, self._window[1])

    def facts(self) -> dict[str, Any]:
        """Return what a manifest records, after `finish`.

        First and last receipt; records with a ``ts_recv`` before that of a record ahead of them,
        and by how much at most; silences.
        """
        return {
            FIRST_RECORD_FACT: self._first_ns,
            LAST_RECORD_FACT: None if self._first_ns is None else self._reached_ns,
            "steps_back": {"count": self._steps, "largest_ns": self._largest_step_ns},
            "silences": None if self._silences is None else self._silences.facts(),
        }

    def _take_gap(self, begin_ns: int, end_ns: int) -> None:
        if self._silences is not None:
            self._silences.take(begin_ns, end_ns)

    def _count_steps_back(self, times: npt.NDArray[np.int64], ahead: npt.NDArray[np.int64]) -> None:
        back = ahead - times
        largest_ns = int(back.max())
        if largest_ns <= 0:
            return
        if largest_ns > MAX_STEP_BACK_NS:
            row = int(np.argmax(back > MAX_STEP_BACK_NS))
            raise StepBackError(row, int(times[row]), int(ahead[row]))
        self._steps += int(np.count_nonzero(back > 0))
        self._largest_step_ns = max(self._largest_step_ns, largest_ns)


def covered_ranges(files: Sequence[RawFile], date: dt.date) -> list[list[int]] | None:
    """Return the part of a UTC day that the headers of its files cover.

    Of files asked for by several parents of options (``ES.OPT``, ``EW.OPT``) the part that those of
    every parent cover: a chain that lacks one of them is not known.

    Returns
    -------
    list of [start, end] or None
        Half-open ranges, ns since epoch UTC, ascending and apart; None where a header states no
        range: that of a live capture.
    """
    headers = [file.metadata for file in files]
    if any(meta.end == UNDEF_TIMESTAMP for meta in headers):
        return None
    parents = frozenset().union(*map(option_parents, headers))
    found = [list(utc_day_ns(date))]
    for parent in sorted(parents) or [""]:
        of_parent = [meta for meta in headers if parent in (option_parents(meta) or {parent})]
        found = _both(found, _joined(of_parent))
    return found


def option_parents(meta: DbnMetadata) -> frozenset[str]:
    """Return the parents of options that a file was asked for.

    Empty for a request that is not by parents of options: it stands for all.
    """
    is_parents = meta.stype_in == "parent" and all(one.endswith(".OPT") for one in meta.symbols)
    return frozenset(meta.symbols) if is_parents else frozenset()


def _joined(headers: Sequence[DbnMetadata]) -> list[list[int]]:
    # The ranges of headers, ascending and apart.
    found: list[list[int]] = []
    for meta in sorted(headers, key=lambda one: one.start):
        if found and meta.start <= found[-1][1]:
            found[-1][1] = max(found[-1][1], meta.end)
        elif meta.start < meta.end:
            found.append([meta.start, meta.end])
    return found


def _both(ours: list[list[int]], others: list[list[int]]) -> list[list[int]]:
    # Where two lists of ranges overlap.
    cut = [[max(a, c), min(b, d)] for a, b in ours for c, d in others]
    return [one for one in cut if one[0] < one[1]]


def shortfall(
    symbol: str, date: dt.date, facts: Mapping[str, Any], *, by_records: bool
) -> str | None:
    """Return in words how a day falls short of the product's times, None where it covers them.

    Parameters
    ----------
    symbol : str
        Futures contract.
    date : datetime.date
    facts : mapping
        Of the manifest.
    by_records : bool
        Whether records must reach from the one end to the other, but for `SILENCE_NS`; else
        the headers alone are looked at.
    """
    window = watched_window(symbol, date)
    if window is None or closure_reason(date) is not None:
        return None
    covered, first, last = (
        facts[name] for name in (COVERED_FACT, FIRST_RECORD_FACT, LAST_RECORD_FACT)
    )
    parts = []
    if covered is not None and not any(a <= window[0] and b >= window[1] for a, b in covered):
        ranges = ", ".join(f"{_clock(a)}-{_clock(b)}" for a, b in covered)
        parts.append(f"the files cover {ranges}")
    if by_records and first is None:
        parts.append("there is no record")
    elif by_records and (first > window[0] + SILENCE_NS or last < window[1] - SILENCE_NS):
        parts.append(f"the records reach from {_clock(first)} to {_clock(last)}")
    if not parts:
        return None
    return (
        f"does not cover {_clock(window[0])}-{_clock(window[1])} New York: {', '.join(parts)}; "
        "what is not covered is unknown: download the whole date if it should be"
    )


def _clock(ns: int) -> str:
    return dt.datetime.fromtimestamp(ns // SECOND_NS, NEW_YORK).strftime("%H:%M:%S")
