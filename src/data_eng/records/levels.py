"""The levels of a date, read back from their table."""

from __future__ import annotations

import numpy as np

from ..features.level.level_path import LevelPath
from ..features.level.levels import MOVING, levels
from ..lake.table import Table
from .arrow_columns import dollars, nulls, values


def read_levels(table: Table, tick_size: float) -> list[LevelPath]:
    """Return the levels of a partition in order.

    Parameters
    ----------
    table : Table
        Of the levels.
    tick_size : float, dollars
    """
    rows_of = table.read()
    names = np.array(rows_of["level"].to_pylist())
    ticks = dollars(rows_of["price"]) / tick_size
    times = {name: values(rows_of[name], np.int64) for name in ("known_at", "set_at")}
    start, end = (values(rows_of[name], np.int64) for name in ("window_start", "window_end"))
    is_known = ~nulls(rows_of["known_at"])
    is_set = ~nulls(rows_of["set_at"])
    found = []
    for level in levels():
        rows = np.flatnonzero((names == level.name) & is_known)
        if level.kind != MOVING:
            rows = rows[~np.isnan(ticks[rows])]
        # Back to the exact value, which dollars have rounded.
        path = np.rint(ticks[rows] * level.parts_of_tick) / level.parts_of_tick
        known = times["known_at"][rows]
        if level.kind == MOVING or not len(rows):
            found.append(LevelPath(level.name, known, path, None, None))
            continue
        first = rows[0]
        set_ns = int(times["set_at"][first]) if is_set[first] else None
        window = (int(start[first]), int(end[first]))
        found.append(LevelPath(level.name, known, path, set_ns, window))
    return found
