"""What the features are computed from: window sums, books and mids by whole second."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from .record_chunk import ASK_PX, BID_PX, NO_PRICE
from .second_sums import KNOWN, SECOND_NS, UNCHANGED, UNKNOWN, UNKNOWN_NS, SecondSums

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]

_ROWS_AT_ONCE: Final = 256
"""Of windows of 360 values 0.7 MB, which stay in the second-level cache."""


@dataclass(frozen=True)
class DaySeconds:
    """A finished scan, and the rows of the grid in it.

    Attributes
    ----------
    seconds : SecondSums
    first_ns : int, ns since epoch UTC
        Time of the first record.
    open_ns, close_ns : int, ns since epoch UTC
        First and last row of the grid, 09:30 and 12:30 ET; the sums reach to the last or farther.
    tick_size : float, dollars
    multiplier : float, USD per point
    covered_ns : sequence of tuple of int or None, ns since epoch UTC
        The ranges that the input covers: outside nothing is known. None where it states none.
    """

    seconds: SecondSums
    first_ns: int
    open_ns: int
    close_ns: int
    tick_size: float
    multiplier: float
    covered_ns: Sequence[tuple[int, int]] | None = None

    @cached_property
    def open_second(self) -> int:
        """Seconds from the start of the sums to the first row."""
        return (self.open_ns - self.seconds.start_ns) // SECOND_NS

    @cached_property
    def rows(self) -> I64:
        """Seconds from the start of the sums to each row, shape (m,)."""
        last = (self.close_ns - self.seconds.start_ns) // SECOND_NS
        return np.arange(self.open_second, last + 1)

    @cached_property
    def _cumulative(self) -> I64:
        # Integers, so that a window's sum does not depend on what came before it.
        sums = self.seconds.sums
        total = np.zeros((len(sums) + 1, sums.shape[1]), np.int64)
        np.cumsum(sums, axis=0, out=total[1:])
        return total

    def window(self, field: int, seconds: int, ends: I64 | None = None) -> I64:
        """Return the sum of a field over ``[end - seconds, end)``.

        Parameters
        ----------
        field : int
            Column of `SecondSums.sums`.
        seconds : int
            Length of the window; seconds before the start of the sums count nothing.
        ends : int64 array, optional
            Seconds from the start of the sums; by default the rows.
        """
        ends = self.rows if ends is None else ends
        total = self._cumulative[:, field]
        sums: I64 = total[np.maximum(ends, 0)] - total[np.maximum(ends - seconds, 0)]
        return sums

    def between(self, field: int, begin: I64, end: I64) -> I64:
        """Return the sum of a field over ``[begin, end)``, seconds from the start of the sums."""
        total = self._cumulative[:, field]
        sums: I64 = total[end] - total[begin]
        return sums

    def since_open(self, field: int) -> I64:
        """Return the sum of a field over ``[09:30, ts)`` for each row."""
        return self.between(field, np.full_like(self.rows, self.open_second), self.rows)

    def is_covered(self, seconds: int) -> npt.NDArray[np.bool_]:
        """Return for each row whether ``[ts - seconds, ts)`` lies after the first record."""
        begin = self.seconds.start_ns + (self.rows - seconds) * SECOND_NS
        return begin >= self.first_ns

    @cached_property
    def is_known(self) -> npt.NDArray[np.bool_]:
        """Whether anything is known of the book at each row, shape (m,).

        Not before its first complete two-sided book, after a minute without a record, and outside
        the range that the input covers. A book that was cleared or may be bad is known to be so.
        """
        last = self._last_change[self.rows]
        is_known = (last >= 0) & (self.seconds.status[last] != UNKNOWN)
        return np.asarray(is_known & self.is_inside, np.bool_)

    @cached_property
    def is_inside(self) -> npt.NDArray[np.bool_]:
        """Whether each row lies in a range that the input covers, shape (m,).

        At a time what was received before it is known: a range holds its end, not its start.
        """
        times = self.seconds.start_ns + self.rows * SECOND_NS
        if self.covered_ns is None:
            return np.ones(len(times), np.bool_)
        inside = [(start < times) & (times <= end) for start, end in self.covered_ns]
        return np.any(inside, axis=0) if inside else np.zeros(len(times), np.bool_)

    def is_window_known(self, seconds: int, lag: int = 0) -> npt.NDArray[np.bool_]:
        """Return where ``[ts - lag - seconds, ts - lag)`` is known, as `is_window_known`."""
        return is_window_known(self._cumulative[:, UNKNOWN_NS], self.rows - lag, seconds)

    @cached_property
    def _last_change(self) -> I64:
        # For each whole second the last second before it in which the book changed, -1 for none.
        changed = self.seconds.status != UNCHANGED
        last = np.full(len(changed) + 1, -1, np.int64)
        np.maximum.accumulate(np.where(changed, np.arange(len(changed)), -1), out=last[1:])
        return last

    @cached_property
    def books(self) -> I32:
        """Book at each row, shape (m, 60); all `NO_PRICE` where it is unknown."""
        return self.books_at(self.rows)

    def books_at(self, seconds: I64) -> I32:
        """Return the book at whole seconds from the start of the sums, as `books`."""
        last = self._last_change[seconds]
        books: I32 = self.seconds.books[last]
        books[(last < 0) | (self.seconds.status[last] != KNOWN)] = NO_PRICE
        return books

    @cached_property
    def mids(self) -> F64:
        """Mid price at every whole second from start to end, shape (seconds + 1,), ticks.

        NaN where there is no valid quote: book unknown, one-sided, locked or crossed.
        """
        last = self._last_change
        bid, ask = (self.seconds.books[last, column] for column in (BID_PX, ASK_PX))
        is_known = (last >= 0) & (self.seconds.status[last] == KNOWN)
        is_valid = is_known & (bid != NO_PRICE) & (ask != NO_PRICE) & (ask > bid)
        return np.where(is_valid, (bid.astype(np.float64) + ask) / 2, np.nan)

    @cached_property
    def mid(self) -> F64:
        """Mid price at each row, shape (m,), ticks; NaN as in `mids`."""
        return self.mids[self.rows]

    def each_window(self, field: int, seconds: int) -> I64:
        """Return the sum of a field over ``[t - seconds, t)`` at every whole second ``t``.

        From start to end, shape (seconds + 1,); see `window`.
        """
        return self.window(field, seconds, np.arange(len(self._cumulative)))

    def before(
        self, series: npt.NDArray[Any], count: int, step_seconds: int, missing: float = np.nan
    ) -> npt.NDArray[Any]:
        """Return a series at ``ts - (count - 1) * step_seconds``, ..., ``ts``, shape (m, count).

        The windows lie over each other in the memory of the series: see `by_rows`.

        Parameters
        ----------
        series : array, shape (seconds + 1,)
            At every whole second from start to end.
        count : int
        step_seconds : int
        missing : number
            What stands for what lies before the start.
        """
        reach = (count - 1) * step_seconds
        first = self.open_second - reach
        if first < 0:
            series = np.append(np.full(-first, missing, series.dtype), series)
            first = 0
        used = series[first : first + reach + len(self.rows)]
        return sliding_window_view(used, reach + 1)[:, ::step_seconds]


def by_rows(
    formula: Callable[..., npt.NDArray[Any]], *windows: npt.NDArray[Any]
) -> npt.NDArray[Any]:
    """Return a formula of windows, computed for some rows at a time.

    Windows of all rows are 30 MB an array, which are taken from the system and cleared for every
    operation: as long as the operation takes.

    Parameters
    ----------
    formula : callable
        Of arrays of shape (rows, n), row by row in memory, so that numpy sums a row in one order;
        returns an array of shape (rows,).
    *windows : array, shape (m, n)
        As of `DaySeconds.before`.
    """
    blocks = range(0, len(windows[0]), _ROWS_AT_ONCE)
    parts = [
        formula(*(np.ascontiguousarray(one[at : at + _ROWS_AT_ONCE]) for one in windows))
        for at in blocks
    ]
    return np.concatenate(parts)


def is_window_known(unknown: I64, ends: I64, seconds: int) -> npt.NDArray[np.bool_]:
    """Return where at most a tenth of a window is unknown time, shape (m,).

    Parameters
    ----------
    unknown : int64 array, shape (n + 1,), ns
        Unknown time before each whole second (`second_sums.UNKNOWN_NS`, summed up); what lies
        before the first is unknown too.
    ends : int64 array, shape (m,)
        Ends of the windows, seconds.
    seconds : int
        Their length.
    """
    before = np.maximum(seconds - ends, 0) * SECOND_NS
    inside = unknown[np.maximum(ends, 0)] - unknown[np.maximum(ends - seconds, 0)]
    return np.asarray(10 * (before + inside) <= seconds * SECOND_NS, np.bool_)


def change(series: F64, seconds: int) -> F64:
    """Return the change of a series by whole second over so many of them, NaN for the first."""
    out = np.full(len(series), np.nan)
    np.subtract(series[seconds:], series[:-seconds], out=out[seconds:])
    return out


def ratio(numerator: npt.NDArray[Any], denominator: npt.NDArray[Any]) -> F64:
    """Return ``numerator / denominator``, NaN where the denominator is not positive."""
    out = np.full(np.broadcast(numerator, denominator).shape, np.nan)
    np.divide(numerator, denominator, out=out, where=denominator > 0)
    return out


def only(values: npt.NDArray[Any], where: npt.NDArray[np.bool_]) -> F64:
    """Return the values as float64, NaN where ``where`` is false."""
    return np.where(where, values, np.nan).astype(np.float64)
