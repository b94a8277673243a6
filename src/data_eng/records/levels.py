"""The levels of a date, read back from their table."""

from __future__ import annotations

import numpy as np

from ..catalogue.feature_tables import LEVELS
from ..features.level.level_path import MOVING, LevelPath
from ..features.level.prices import SMA_BARS
from ..lake.table import Table
from .mbp10_arrays import dollars, nulls, values


def read_levels(levels: Table, tick_size: float) -> list[LevelPath]:
    """Return the levels of a partition, in the order of `LEVELS`.

    Parameters
    ----------
    levels : Table
    tick_size : float, dollars
    """
    table = levels.read()
    names = np.array(table["level"].to_pylist())
    ticks = dollars(table["price"]) / tick_size
    times = {name: values(table[name], np.int64) for name in ("known_at", "set_at")}
    start, end = (values(table[name], np.int64) for name in ("window_start", "window_end"))
    is_known = ~nulls(table["known_at"])
    is_set = ~nulls(table["set_at"])
    found = []
    for name in LEVELS:
        rows = np.flatnonzero((names == name) & is_known)
        if name == MOVING:
            # A mean of whole ticks: their sum is whole.
            path = np.rint(ticks[rows] * SMA_BARS) / SMA_BARS
            found.append(LevelPath(name, times["known_at"][rows], path, None, None))
            continue
        rows = rows[~np.isnan(ticks[rows])]
        set_ns = int(times["set_at"][rows[0]]) if len(rows) and is_set[rows[0]] else None
        window = (int(start[rows[0]]), int(end[rows[0]])) if len(rows) else None
        known = times["known_at"][rows]
        found.append(LevelPath(name, known, np.rint(ticks[rows]), set_ns, window))
    return found
