"""Prices of levels: extremes of trades in a window, and a moving average of bar closes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ..book.day_seconds import F64, I64

SMA_BARS: Final = 90
MAX_SPAN_MINUTES: Final = 240
"""Over a longer span than this, 90 bars are no average of the last three hours."""

_MINUTE_NS: Final = 60 * 10**9


@dataclass
class WindowExtremes:
    """Highest and lowest trade of ``[start_ns, end_ns)``, each with its first trade's time.

    Attributes
    ----------
    start_ns, end_ns : int, ns since epoch UTC
    high, low : int or None, ticks
        None without a trade.
    high_ns, low_ns : int, ns since epoch UTC
        ``ts_recv`` of the first trade at the extreme.
    """

    start_ns: int
    end_ns: int
    high: int | None = None
    low: int | None = None
    high_ns: int = 0
    low_ns: int = 0

    def add(self, times: I64, price: npt.NDArray[np.int32]) -> None:
        """Take trades in file order: times, non-decreasing, and prices in ticks, shape (n,)."""
        first, last = np.searchsorted(times, [self.start_ns, self.end_ns])
        if first == last:
            return
        times, price = times[first:last], price[first:last]
        highest, lowest = int(price.argmax()), int(price.argmin())  # the first of equals
        if self.high is None or price[highest] > self.high:
            self.high, self.high_ns = int(price[highest]), int(times[highest])
        if self.low is None or price[lowest] < self.low:
            self.low, self.low_ns = int(price[lowest]), int(times[lowest])


@dataclass(frozen=True)
class MovingAverage:
    """A simple moving average at the close of each bar that has enough bars behind it.

    Attributes
    ----------
    known_ns : int64 array, shape (n,), ns since epoch UTC
        End of the bar.
    start_ns : int64 array, shape (n,), ns since epoch UTC
        Start of the oldest bar in it.
    price : float64 array, shape (n,), dollars
        NaN where the bars span more than `MAX_SPAN_MINUTES`.
    """

    known_ns: I64
    start_ns: I64
    price: F64


def simple_moving_average(
    close_ticks: I64, ts_start: I64, ts_end: I64, tick_size: float, bars: int = SMA_BARS
) -> MovingAverage:
    """Return the mean of the last closes at each bar close; none before the first ``bars`` bars.

    Parameters
    ----------
    close_ticks : int64 array, shape (n,), ticks
        Closes of consecutive bars; sums of whole ticks are exact.
    ts_start, ts_end : int64 array, shape (n,), ns since epoch UTC
    tick_size : float, dollars
    bars : int
    """
    total = np.append(0, np.cumsum(close_ticks))
    sums = total[bars:] - total[:-bars] if len(close_ticks) >= bars else np.zeros(0, np.int64)
    known, start = ts_end[bars - 1 :], ts_start[: len(sums)]
    is_recent = known - start <= MAX_SPAN_MINUTES * _MINUTE_NS
    return MovingAverage(known, start, np.where(is_recent, sums / bars * tick_size, np.nan))
