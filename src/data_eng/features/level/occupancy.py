"""How long the mid has been where about the level. Float64, shape (m,), NaN where missing."""

from __future__ import annotations

from typing import Final

import numpy as np

from ..book.day_seconds import F64, DaySeconds, only, ratio
from ..book.second_sums import SECOND_NS
from ..feature import EVEN, ONE_MINUS, Feature, FeatureList
from .level_seconds import LevelSeconds
from .level_sums import ABOVE_NS, CROSSINGS, NEAR_NS, VALID_NS
from .position import is_known_for, since_known

FEATURES: Final = FeatureList()


_WARM_UP_SECONDS = 60


@FEATURES.add(
    Feature(
        "time_above_fraction",
        doc=("Share of the time with a valid quote, since the {level} is known, in which m > L."),
        unit="dimensionless",
        window="since L is known",
        null_rule="Null until L is known for 60 s, and without such time.",
        mirror=ONE_MINUS,
        minimum=0,
        maximum=1,
    )
)
def time_above_fraction(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return the share of the valid time since the level is known with ``m > L``.

    NaN for the first 60 s.
    """
    begin = since_known(day, level)
    above = level.between(ABOVE_NS, begin, day.rows)
    valid = level.between(VALID_NS, begin, day.rows)
    return only(ratio(above, valid), is_known_for(day, level, _WARM_UP_SECONDS))


@FEATURES.add(
    Feature(
        "dwell_seconds_within_8_ticks_{seconds}s",
        doc="Time with a valid quote and |m - L| <= 8 ticks about the {level}.",
        unit="s",
        window="{seconds} s",
        null_rule="0 is a true zero; null until L is known for {seconds} s.",
        mirror=EVEN,
        minimum=0,
        maximum=300,
        each={"seconds": (300,)},
    )
)
def dwell_seconds(day: DaySeconds, level: LevelSeconds, seconds: int) -> F64:
    """Return the time of the window with ``|m - L|`` of up to 8 ticks, seconds.

    NaN until the level is known for as long as the window.
    """
    near = level.between(NEAR_NS, day.rows - seconds, day.rows)
    return only(near / SECOND_NS, is_known_for(day, level, seconds))


@FEATURES.add(
    Feature(
        "crossing_count_{seconds}s",
        doc=(
            "Sign changes of m - L at the {level}, change by change of the mid or of L, zeros and "
            "times without a valid quote skipped; a change counts at its instant, and the sign "
            "before it may be older than the window, not older than the level."
        ),
        unit="count",
        window="{seconds} s, or since L is known",
        null_rule="0 is a true zero; null only while L has no value.",
        mirror=EVEN,
        minimum=0,
        each={"seconds": (1800,)},
    )
)
def crossing_count(day: DaySeconds, level: LevelSeconds, seconds: int) -> F64:
    """Return the sign changes of ``m - L`` in the window, zeros skipped."""
    return level.between(CROSSINGS, day.rows - seconds, day.rows).astype(np.float64)
