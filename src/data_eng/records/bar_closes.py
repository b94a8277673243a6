"""The closes of published 2-minute bars."""

from __future__ import annotations

import numpy as np

from ..features.bar_closes import BarCloses
from ..lake.table import Table
from .arrow_columns import dollars, values


def read_bar_closes(bars: Table, tick_size: float) -> BarCloses:
    """Return when each bar closed, and at what price.

    Parameters
    ----------
    bars : Table
    tick_size : float, dollars
    """
    table = bars.read(["ts_end", "close"])
    if not len(table):
        return BarCloses(np.zeros(0, np.int64), np.zeros(0))
    close = np.rint(dollars(table["close"]) / tick_size)
    return BarCloses(values(table["ts_end"], np.int64), close)
