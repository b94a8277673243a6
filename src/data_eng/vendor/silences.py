"""Times without a record: found while files are streamed, a part of the times after the other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ..exchange.sessions import NEW_YORK
from ..lake.inputs import FIRST_RECORD_FACT, LAST_RECORD_FACT

SILENCE_NS: Final = 60 * 10**9
"""What manifests call a silence: no longer than the time after which any market is unknown."""
LONG_SILENCE_S: Final = 900.0
"""One that is told by itself: quotes of the products change all day, and in a halt orders do."""
_MOST_TOLD: Final = 3
_SECOND_NS: Final = 10**9

I64 = npt.NDArray[np.int64]


def reached_times(last_ns: int, times: npt.NDArray[np.integer]) -> I64:
    """Return when each record counts as received: once all before it are.

    Parameters
    ----------
    last_ns : int, ns since epoch UTC
        The same of the record before the first.
    times : int array, shape (n,), ns since epoch UTC
        ``ts_recv``, which may step back.

    Returns
    -------
    int64 array, shape (n + 1,)
        Ascending, ``last_ns`` first.
    """
    return np.maximum.accumulate(np.concatenate([[last_ns], times.astype(np.int64, copy=False)]))


def gaps_in(reached: I64) -> list[tuple[int, int]]:
    """Return the gaps of `SILENCE_NS` or longer in ascending times, as ``(last, next)``."""
    rows = np.flatnonzero(np.diff(reached) >= SILENCE_NS)
    return list(zip(reached[rows].tolist(), reached[rows + 1].tolist(), strict=True))


def long_silences(facts: Mapping[str, Any]) -> str | None:
    """Return in words the silences of `LONG_SILENCE_S` or longer amid the records of a date.

    Before the first and after the last record they are told as what is not covered (`shortfall`).

    Parameters
    ----------
    facts : mapping
        Of a manifest of Bronze.
    """
    found, first, last = facts.get("silences"), facts[FIRST_RECORD_FACT], facts[LAST_RECORD_FACT]
    if found is None or first is None:
        return None
    long = [
        one
        for one in found["longest"]
        if one["seconds"] >= LONG_SILENCE_S
        and one["start_ns"] >= first
        and one["start_ns"] + one["seconds"] * _SECOND_NS <= last
    ]
    told = [f"{one['seconds']:,.0f} s from {_clock(one['start_ns'])}" for one in long[:_MOST_TOLD]]
    if not told:
        return None
    more = f" and {len(long) - len(told)} more" if len(long) > len(told) else ""
    return (
        f"no record for {', '.join(told)}{more}, New York: what the market was meanwhile is "
        "unknown; download the date again if it was open"
    )


def _clock(ns: int) -> str:
    return dt.datetime.fromtimestamp(ns // _SECOND_NS, NEW_YORK).strftime("%H:%M:%S")


class RootSilences:
    """Times of `SILENCE_NS` or longer between records of any instrument of a root."""

    def __init__(self) -> None:
        self._last_ns: int | None = None
        self._found: list[list[int | None]] = []

    def add(self, times: npt.NDArray[np.integer]) -> None:
        """Take the receipt of the next records, shape (n,), ns since epoch UTC."""
        if not len(times):
            return
        begin = int(times[0]) if self._last_ns is None else self._last_ns
        reached = reached_times(begin, times)
        self._found += ([*gap] for gap in gaps_in(reached))
        self._last_ns = int(reached[-1])

    def ranges(self) -> list[list[int | None]]:
        """Return ``[last, next]`` of each; after the last record ``next`` is None."""
        if self._last_ns is None:
            return []
        return [*self._found, [self._last_ns, None]]
