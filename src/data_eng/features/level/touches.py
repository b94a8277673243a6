"""The history of touches at each row. Float64, shape (m,), NaN where missing."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from ..book.day_seconds import F64, DaySeconds, only
from ..feature import AS_OF, EVEN, ODD, Feature, FeatureList
from .level_seconds import LevelSeconds
from .touch_machine import ARMED, TOUCH

FEATURES: Final = FeatureList()

SINCE_START: Final = "since L is known, from 09:30 America/New_York at the earliest"
_MEANWHILE: Final = "null while nothing is known of the book."


@FEATURES.add(
    Feature(
        "approach_side",
        doc=(
            "Side from which the {level} is armed or being touched: -1 from below, +1 from above."
        ),
        unit="side",
        window=SINCE_START,
        null_rule="Null if not armed, and while nothing is known of the book.",
        mirror=ODD,
        minimum=-1,
        maximum=1,
    )
)
def approach_side(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return -1 while armed or touching from below, 1 from above."""
    phase = level.touch("phase", day.rows)
    return only(level.touch("side", day.rows), (phase >= ARMED) & day.is_known)


@FEATURES.add(
    Feature(
        "touch_count",
        doc="Touches of the {level} started.",
        unit="count",
        window=SINCE_START,
        null_rule="0 is a true zero; " + _MEANWHILE,
        mirror=EVEN,
        source="Osler 2000 (hit)",
    )
)
def touch_count(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return the touches started so far."""
    return only(level.touch("touches", day.rows), day.is_known)


@FEATURES.add(
    Feature(
        "seconds_since_last_touch_end",
        doc=(
            "Time since the last completed touch of the {level} ended; the touch in progress does "
            "not count."
        ),
        unit="s",
        window=SINCE_START,
        null_rule="Null before the first completed touch, and while nothing is known of the book.",
        mirror=EVEN,
        minimum=0,
    )
)
def seconds_since_last_touch_end(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return the seconds since the last completed touch ended; NaN before the first."""
    ended = level.touch("end_ns", day.rows)
    return only(level.seconds_since(ended, day.rows), (ended >= 0) & day.is_known)


@FEATURES.add(
    Feature(
        "rejection_count",
        doc="Completed touches of the {level} that left it on the side they came from.",
        unit="count",
        window=SINCE_START,
        null_rule="0 is a true zero; " + _MEANWHILE,
        mirror=EVEN,
        source="Osler 2000",
    )
)
def rejection_count(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return the completed touches that left on the side they came from."""
    return only(level.touch("rejections", day.rows), day.is_known)


@FEATURES.add(
    Feature(
        "last_touch_rejected",
        doc=(
            "1 if the last completed touch of the {level} was left on the side it came from, 0 if "
            "on the other."
        ),
        unit="indicator",
        window=SINCE_START,
        null_rule="Null before the first completed touch, and while nothing is known of the book.",
        mirror=EVEN,
        minimum=0,
        maximum=1,
    )
)
def last_touch_rejected(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return 1 where the last completed touch was rejected, else 0; NaN before the first."""
    has_ended = level.touch("end_ns", day.rows) >= 0
    return only(level.touch("was_rejected", day.rows), has_ended & day.is_known)


@FEATURES.add(
    Feature(
        "last_rejected_touch_penetration_ticks",
        doc=(
            "Largest excursion of a trade beyond the {level}, away from the approach side, in the "
            "most recent rejected touch."
        ),
        unit="ticks",
        window=SINCE_START,
        null_rule="Null before the first rejected touch, and while nothing is known of the book.",
        mirror=EVEN,
        minimum=0,
    )
)
def last_rejected_touch_penetration(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return how far trades went beyond the level in the last rejected touch, ticks."""
    return only(level.touch_float("last_penetration", day.rows), day.is_known)


@FEATURES.add(
    Feature(
        "max_rejected_touch_penetration_ticks",
        doc="Largest excursion of a trade beyond the {level} over the rejected touches.",
        unit="ticks",
        window=SINCE_START,
        null_rule="Null before the first rejected touch, and while nothing is known of the book.",
        mirror=EVEN,
        minimum=0,
    )
)
def max_rejected_touch_penetration(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return the largest of these over the rejected touches, ticks."""
    return only(level.touch_float("max_penetration", day.rows), day.is_known)


@FEATURES.add(
    Feature(
        "max_distance_since_last_touch_ticks",
        doc=(
            "Largest |m - L|, L as it stood, from the end of the last completed touch of the "
            "{level} to the start of the touch in progress, to ts where none is."
        ),
        unit="ticks",
        window="since the last completed touch ended; frozen during a touch",
        null_rule="Null before the first completed touch, and while nothing is known of the book.",
        mirror=EVEN,
        minimum=0,
    )
)
def max_distance_since_last_touch(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return how far the mid went from the level since the last touch ended, ticks."""
    return only(level.touch_float("excursion", day.rows), day.is_known)


@FEATURES.add(
    Feature(
        "touch_duration_seconds",
        doc="Time since the touch of the {level} in progress started.",
        unit="s",
        window=AS_OF,
        null_rule="Null unless a touch is in progress, and while nothing is known of the book.",
        mirror=EVEN,
        minimum=0,
    )
)
def touch_duration(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return the seconds since the touch in progress started."""
    since = level.seconds_since(level.touch("touch_ns", day.rows), day.rows)
    return only(since, _is_touching(day, level))


@FEATURES.add(
    Feature(
        "touch_penetration_ticks",
        doc=(
            "Largest excursion of a trade beyond the {level}, away from the approach side, in the "
            "touch in progress."
        ),
        unit="ticks",
        window=AS_OF,
        null_rule="Null unless a touch is in progress, and while nothing is known of the book.",
        mirror=EVEN,
        minimum=0,
    )
)
def touch_penetration(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return how far trades went beyond the level in the touch in progress, ticks."""
    return only(level.touch_float("penetration", day.rows), _is_touching(day, level))


def _is_touching(day: DaySeconds, level: LevelSeconds) -> npt.NDArray[np.bool_]:
    return np.asarray((level.touch("phase", day.rows) == TOUCH) & day.is_known, np.bool_)
