"""Where the mid and round numbers are about the level. Float64, shape (m,), NaN where missing."""

from __future__ import annotations

from typing import Final

import numpy as np

from ..book.day_seconds import F64, DaySeconds
from ..feature import AS_OF, EVEN, ODD, Feature, FeatureList
from .level_seconds import LevelSeconds

FEATURES: Final = FeatureList()


@FEATURES.add(
    Feature(
        "distance_ticks",
        doc="Distance of the mid from the {level}: (m - L) / tick, signed, positive above.",
        unit="ticks",
        window=AS_OF,
        null_rule="Null before L is known, and without a valid quote.",
        mirror=ODD,
    )
)
def distance_ticks(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return ``m - L``, ticks."""
    return day.mid - level.ticks[day.rows]


@FEATURES.add(
    Feature(
        "distance_from_round_number_ticks",
        doc=(
            "Distance of the {level} from the nearest multiple R of the product's round number "
            "(ES: 25 points): |L - R| / tick."
        ),
        unit="ticks",
        window=AS_OF,
        null_rule="Null before L is known, and for a product without a round number.",
        mirror=EVEN,
        source="Osler 2003",
        minimum=0,
    )
)
def distance_from_round_number(
    day: DaySeconds, level: LevelSeconds, round_ticks: float | None
) -> F64:
    """Return ``|L - nearest multiple of round_ticks|``, ticks."""
    if round_ticks is None:
        return np.full(len(day.rows), np.nan)
    ticks = level.ticks[day.rows]
    return np.abs(ticks - np.rint(ticks / round_ticks) * round_ticks)
