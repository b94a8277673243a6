"""Wilder's average true range of 2-minute bars."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .book.day_seconds import F64, I64

PERIOD = 14


@dataclass(frozen=True)
class TrueRange:
    """Average true range as bars close.

    Attributes
    ----------
    ts_end : int64 array, shape (n,), ns since epoch UTC
    value : float64 array, shape (n,)
        In the unit of the prices; NaN before the fifteenth bar.
    """

    ts_end: I64
    value: F64


def average_true_range(high: F64, low: F64, close: F64, period: int = PERIOD) -> F64:
    """Return the average true range at the close of each bar (Wilder 1978).

    ``TR_i = max(high_i, close_{i-1}) - min(low_i, close_{i-1})`` from the second bar on; the first
    value is the mean of the first ``period`` true ranges, each later one
    ``(ATR * (period - 1) + TR) / period``.

    Parameters
    ----------
    high, low, close : float64 array, shape (n,)
        Consecutive bars.
    period : int

    Returns
    -------
    float64 array, shape (n,), in the unit of the prices
        NaN for the first ``period`` bars.
    """
    out = np.full(len(close), np.nan)
    if len(close) <= period:
        return out
    true_range = np.maximum(high[1:], close[:-1]) - np.minimum(low[1:], close[:-1])
    value = float(true_range[:period].mean())
    out[period] = value
    for bar in range(period + 1, len(close)):
        value = (value * (period - 1) + float(true_range[bar - 1])) / period
        out[bar] = value
    return out


def last_closed(ts_end: I64, values: F64, times: I64) -> F64:
    """Return the value of the last bar closed at each time: ``ts_end <= ts``; NaN before one.

    Parameters
    ----------
    ts_end : int64 array, shape (n,), ns since epoch UTC
        Ends of the bars, increasing.
    values : float64 array, shape (n,)
    times : int64 array, shape (m,), ns since epoch UTC
    """
    last: npt.NDArray[np.intp] = np.searchsorted(ts_end, times, side="right") - 1
    padded = np.append(values, np.nan)
    return padded[last]
