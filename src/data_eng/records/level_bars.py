"""The 2-minute bars of a published date as the levels read them."""

from __future__ import annotations

import numpy as np

from ..features.level.level_inputs import LevelBars
from ..lake.table import Table
from .arrow_columns import values
from .ticks import ticks_of


def read_level_bars(bars: Table, tick_size: float) -> LevelBars:
    """Return times, highs, lows and closes of the bars.

    Parameters
    ----------
    bars : Table
    tick_size : float, dollars

    Raises
    ------
    ContractError
        As of `ticks_of`.
    """
    table = bars.read(["ts_start", "ts_end", "high", "low", "close"])
    if not len(table):
        return LevelBars(*(np.zeros(0, np.int64),) * 5)
    start, end = (values(table[name], np.int64) for name in ("ts_start", "ts_end"))
    where = str(bars.partition), 0
    high, low, close = (
        ticks_of(table[name], tick_size, name, where).astype(np.int64)
        for name in ("high", "low", "close")
    )
    return LevelBars(start, end, high, low, close)
