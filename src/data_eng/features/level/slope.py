"""How fast a moving level moves. Float64, shape (m,), NaN where missing."""

from __future__ import annotations

from typing import Final

import numpy as np

from ..book.day_seconds import F64, DaySeconds
from ..book.second_sums import SECOND_NS
from ..feature import ODD, Feature, FeatureList
from .level_seconds import LevelSeconds
from .levels import MOVING

FEATURES: Final = FeatureList()


@FEATURES.add(
    Feature(
        "slope_ticks_per_bar_{bars}_bars",
        doc="Slope of the {level}: (SMA_n - SMA_{n-{bars}}) / ({bars} tick).",
        unit="ticks/bar",
        window="{bars} bars",
        null_rule="Null until 100 closed bars, and ten bars after a lapse.",
        mirror=ODD,
        kinds=(MOVING,),
        each={"bars": (10,)},
    )
)
@FEATURES.add(
    Feature(
        "slope_ticks_per_bar",
        doc="Slope of the {level}: (SMA_n - SMA_{n-1}) / tick.",
        unit="ticks/bar",
        window="{bars} bar",
        null_rule="Null until 91 closed bars, and next to a lapse.",
        mirror=ODD,
        kinds=(MOVING,),
        each={"bars": (1,)},
    )
)
def slope_ticks_per_bar(day: DaySeconds, level: LevelSeconds, bars: int) -> F64:
    """Return ``(L_n - L_{n - bars}) / bars`` of the values at bar closes, ticks a bar.

    NaN until there are enough values.
    """
    values = level.path.ticks
    slope = np.full(len(values) + 1, np.nan)  # the last for rows before the first value
    slope[bars:-1] = (values[bars:] - values[:-bars]) / bars
    times = day.seconds.start_ns + day.rows * SECOND_NS
    return slope[np.searchsorted(level.path.times, times, side="right") - 1]
