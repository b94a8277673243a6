"""The history of touches at each row. Float64, shape (m,), NaN where missing."""

from __future__ import annotations

from typing import Final

import numpy as np

from ..book.day_seconds import F64, DaySeconds, only
from ..feature import AS_OF, EVEN, ODD, Feature, FeatureList
from .level_seconds import LevelSeconds
from .levels import FORMED
from .touch_machine import ARMED, TOUCH

FEATURES: Final = FeatureList()


@FEATURES.add(
    Feature(
        "seconds_since_extreme_set",
        doc=("Time since the first trade at the extreme that is the {level}: ts - ts_recv of it."),
        unit="s",
        window="since the extreme was set",
        null_rule="Null only while L has no value.",
        mirror=EVEN,
        minimum=0,
        kinds=(FORMED,),
    )
)
def seconds_since_extreme_set(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return the seconds since the trade that set the extreme."""
    if level.path.set_ns is None:
        return np.full(len(day.rows), np.nan)
    return level.seconds_since(np.full_like(day.rows, level.path.set_ns), day.rows)


@FEATURES.add(
    Feature(
        "approach_side",
        doc=(
            "Side from which the {level} is armed or being touched: -1 from below, +1 from above."
        ),
        unit="side",
        window=AS_OF,
        null_rule="Null if not armed.",
        mirror=ODD,
        minimum=-1,
        maximum=1,
    )
)
def approach_side(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return -1 while armed or touching from below, 1 from above."""
    phase = level.touch("phase", day.rows)
    return only(level.touch("side", day.rows), phase >= ARMED)


@FEATURES.add(
    Feature(
        "touch_count",
        doc="Touches of the {level} started since it is known.",
        unit="count",
        window="since L is known",
        null_rule="0 is a true zero; null only while L has no value.",
        mirror=EVEN,
        source="Osler 2000 (hit)",
        minimum=0,
    )
)
def touch_count(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return the touches started since the level is known."""
    return level.touch("touches", day.rows).astype(np.float64)


@FEATURES.add(
    Feature(
        "seconds_since_last_touch",
        doc="Time since the last touch of the {level} started.",
        unit="s",
        window="since L is known",
        null_rule="Null before the first touch.",
        mirror=EVEN,
        minimum=0,
    )
)
def seconds_since_last_touch(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return the seconds since the last touch started; NaN before the first."""
    since = level.seconds_since(level.touch("touch_ns", day.rows), day.rows)
    return only(since, level.touch("touches", day.rows) > 0)


@FEATURES.add(
    Feature(
        "touch_in_progress",
        doc="1 while a touch of the {level} is under way, else 0.",
        unit="indicator",
        window=AS_OF,
        null_rule="Null only while L has no value.",
        mirror=EVEN,
        minimum=0,
        maximum=1,
    )
)
def touch_in_progress(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return 1 while a touch is under way, else 0."""
    return np.where(level.touch("phase", day.rows) == TOUCH, 1.0, 0.0)


@FEATURES.add(
    Feature(
        "prior_bounce_count",
        doc=(
            "Completed touches that left the {level} on the side they came from (breaks are "
            "touch_count - prior_bounce_count - touch_in_progress)."
        ),
        unit="count",
        window="since L is known",
        null_rule="0 is a true zero; null only while L has no value.",
        mirror=EVEN,
        source="Osler 2000",
        minimum=0,
    )
)
def prior_bounce_count(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return the completed touches that left on the side they came from."""
    return level.touch("bounces", day.rows).astype(np.float64)


@FEATURES.add(
    Feature(
        "last_touch_penetration_ticks",
        doc=(
            "Largest excursion of a trade beyond the {level}, away from the approach side, in the "
            "last completed touch."
        ),
        unit="ticks",
        window="since L is known",
        null_rule="Null before the first completed touch.",
        mirror=EVEN,
        minimum=0,
    )
)
def last_touch_penetration_ticks(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return how far trades went beyond the level in the last completed touch, ticks."""
    return level.touch_float("last_penetration", day.rows)


@FEATURES.add(
    Feature(
        "max_touch_penetration_ticks",
        doc="Largest last_touch_penetration_ticks of the completed touches of the {level}.",
        unit="ticks",
        window="since L is known",
        null_rule="Null before the first completed touch.",
        mirror=EVEN,
        minimum=0,
    )
)
def max_touch_penetration_ticks(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return the largest of these over the completed touches, ticks."""
    return level.touch_float("max_penetration", day.rows)
