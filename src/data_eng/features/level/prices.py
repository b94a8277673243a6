"""Price rules: extremes of trades in a window, and a moving average of bar closes.

A rule takes `LevelInputs` and gives `LevelPrices`; it is pure, and compiles nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from .level_inputs import F64, I64, LevelInputs, LevelPrices, fixed_price, no_price

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

    def add(self, times: I64, price: npt.NDArray[np.integer[Any]]) -> None:
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
    ticks : float64 array, shape (n,), ticks
        NaN where the bars span more than `MAX_SPAN_MINUTES`; of more or fewer bars than
        `SMA_BARS`, more than as much in proportion.
    """

    known_ns: I64
    start_ns: I64
    ticks: F64


def simple_moving_average(
    close_ticks: I64, ts_start: I64, ts_end: I64, bars: int = SMA_BARS
) -> MovingAverage:
    """Return the mean of the last closes at each bar close; none before the first ``bars`` bars.

    Parameters
    ----------
    close_ticks : int64 array, shape (n,), ticks
        Closes of consecutive bars; sums of whole ticks are exact.
    ts_start, ts_end : int64 array, shape (n,), ns since epoch UTC
    bars : int
    """
    total = np.append(0, np.cumsum(close_ticks))
    sums = total[bars:] - total[:-bars] if len(close_ticks) >= bars else np.zeros(0, np.int64)
    known, start = ts_end[bars - 1 :], ts_start[: len(sums)]
    is_recent = known - start <= MAX_SPAN_MINUTES * _MINUTE_NS * bars // SMA_BARS
    return MovingAverage(known, start, np.where(is_recent, sums / bars, np.nan))


def window_high(window: str, inputs: LevelInputs) -> LevelPrices:
    """Return the highest trade price of a window of the date, known at its end."""
    found = _extremes(window, inputs)
    return _extreme(found, found.high, found.high_ns)


def window_low(window: str, inputs: LevelInputs) -> LevelPrices:
    """Return the lowest trade price of a window of the date, known at its end."""
    found = _extremes(window, inputs)
    return _extreme(found, found.low, found.low_ns)


def moving_average(inputs: LevelInputs) -> LevelPrices:
    """Return the mean of the last `SMA_BARS` closes at each bar close of the date."""
    bars = inputs.bars
    found = simple_moving_average(bars.close, bars.start_ns, bars.end_ns)
    if not len(found.known_ns):
        return no_price(f"fewer than {SMA_BARS} bars")
    missing = None
    if np.isnan(found.ticks).all():
        missing = f"{SMA_BARS} bars span more than {MAX_SPAN_MINUTES} minutes"
    windows = np.stack([found.start_ns, found.known_ns], axis=1)
    return LevelPrices(found.known_ns, found.ticks, windows, missing=missing)


def _extremes(window: str, inputs: LevelInputs) -> WindowExtremes:
    found = WindowExtremes(*inputs.windows[window])
    found.add(inputs.trades.times, inputs.trades.ticks)
    return found


def _extreme(found: WindowExtremes, ticks: int | None, set_ns: int) -> LevelPrices:
    window = (found.start_ns, found.end_ns)
    if ticks is None:
        return no_price("no trade in the window", found.end_ns, window)
    return fixed_price(found.end_ns, ticks, window, set_ns)
