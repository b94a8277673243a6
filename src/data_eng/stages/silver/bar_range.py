"""The average true range of published 2-minute bars at given times."""

from __future__ import annotations

import numpy as np
import pyarrow.parquet as pq

from ...features.book.day_seconds import F64, I64
from ...features.true_range import average_true_range, last_closed
from ..partition_input import LoadedPartition
from .mbp10_arrays import dollars, values


def average_true_range_at(bars: LoadedPartition, times: I64) -> F64:
    """Return Wilder's average true range of the last bar closed at each time.

    Parameters
    ----------
    bars : LoadedPartition
        Of the bars' table; its file is opened.
    times : int64 array, shape (m,), ns since epoch UTC

    Returns
    -------
    float64 array, shape (m,), dollars
        NaN before the fifteenth bar.
    """
    file = pq.ParquetFile(bars.open_part(), page_checksum_verification=True)
    table = file.read(columns=["ts_end", "high", "low", "close"])
    if not len(table):
        return np.full(len(times), np.nan)
    high, low, close = (dollars(table[name]) for name in ("high", "low", "close"))
    ends = values(table["ts_end"], np.int64)
    return last_closed(ends, average_true_range(high, low, close), times)
