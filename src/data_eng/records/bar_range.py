"""The average true range of published 2-minute bars at given times."""

from __future__ import annotations

import numpy as np

from ..features.book.day_seconds import F64, I64
from ..features.true_range import TrueRange, average_true_range, last_closed
from ..lake.table import Table
from .arrow_columns import dollars, values


def read_true_range(bars: Table, tick_size: float) -> TrueRange:
    """Return Wilder's average true range at the close of every bar.

    Parameters
    ----------
    bars : Table
    tick_size : float, dollars
        The unit of the result; 1 for dollars.
    """
    table = bars.read(["ts_end", "high", "low", "close"])
    if not len(table):
        return TrueRange(np.zeros(0, np.int64), np.zeros(0))
    high, low, close = (dollars(table[name]) for name in ("high", "low", "close"))
    ends = values(table["ts_end"], np.int64)
    return TrueRange(ends, average_true_range(high, low, close) / tick_size)


def average_true_range_at(bars: Table, times: I64) -> F64:
    """Return Wilder's average true range of the last bar closed at each time.

    Parameters
    ----------
    bars : Table
    times : int64 array, shape (m,), ns since epoch UTC

    Returns
    -------
    float64 array, shape (m,), dollars
        NaN before the fifteenth bar.
    """
    found = read_true_range(bars, 1.0)
    return last_closed(found.ts_end, found.value, times)
