"""Where the mid is about the level. Float64, shape (m,), NaN where missing."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from ..book.day_seconds import F64, I64, DaySeconds, ratio
from ..feature import AS_OF, ODD, Feature, FeatureList
from .level_seconds import LevelSeconds

FEATURES: Final = FeatureList()


@FEATURES.add(
    Feature(
        "distance_ticks",
        doc="Distance of the mid from the {level}: (m - L) / tick, signed, positive above.",
        unit="ticks",
        window=AS_OF,
        null_rule="Null without a valid quote.",
        mirror=ODD,
    )
)
def distance_ticks(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return ``m - L``, ticks."""
    return day.mid - level.ticks[day.rows]


@FEATURES.add(
    Feature(
        "distance_atr",
        doc=(
            "Distance of the mid from the {level} in average true ranges: (m - L) / ATR(14) of "
            "the last closed two-minute bar, signed."
        ),
        unit="ATR",
        window=AS_OF,
        null_rule="Null without a valid quote, without ATR or if it is 0.",
        mirror=ODD,
        source="Wilder 1978",
    )
)
def distance_atr(day: DaySeconds, level: LevelSeconds, average_true_range: F64) -> F64:
    """Return ``m - L`` over the average true range of 2-minute bars, both in dollars."""
    return ratio(distance_ticks(day, level) * day.tick_size, average_true_range)


def since_known(day: DaySeconds, level: LevelSeconds) -> I64:
    """Return the second at which the level became known, for each row; not after the row."""
    known = level.known_second
    return day.rows if known is None else np.minimum(known, day.rows)


def is_known_for(day: DaySeconds, level: LevelSeconds, seconds: int) -> npt.NDArray[np.bool_]:
    """Return for each row whether the level is known for at least so many seconds."""
    known = level.known_second
    if known is None:
        return np.zeros(len(day.rows), np.bool_)
    return np.asarray(day.rows - known >= seconds, np.bool_)
