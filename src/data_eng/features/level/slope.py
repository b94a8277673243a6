"""How fast a moving level moves. Float64, shape (m,), NaN where missing."""

from __future__ import annotations

import numpy as np

from ..book.day_seconds import F64, DaySeconds
from ..book.second_sums import SECOND_NS
from .level_seconds import LevelSeconds


def slope_ticks_per_bar(day: DaySeconds, level: LevelSeconds, bars: int) -> F64:
    """Return ``(L_n - L_{n - bars}) / bars`` of the values at bar closes, ticks a bar.

    NaN until there are enough values.
    """
    values = level.path.ticks
    slope = np.full(len(values) + 1, np.nan)  # the last for rows before the first value
    slope[bars:-1] = (values[bars:] - values[:-bars]) / bars
    times = day.seconds.start_ns + day.rows * SECOND_NS
    return slope[np.searchsorted(level.path.times, times, side="right") - 1]
