"""The LEVEL table: its features in order, and what they are made from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from ..book.day_seconds import F64, DaySeconds
from ..feature import Feature, compute
from . import approach, occupancy, position, resting, resting_flow, slope, touches, traded
from .approach import ApproachLeg, approach_leg
from .level_seconds import LevelSeconds
from .levels import Level, level_named
from .resting import BookAtLevel, book_at_level

FEATURES: Final[tuple[Feature, ...]] = (
    *position.FEATURES,
    *touches.FEATURES,
    *occupancy.FEATURES,
    *approach.FEATURES,
    *traded.FEATURES,
    *resting.FEATURES,
    *resting_flow.FEATURES,
    *slope.FEATURES,
)
"""Every feature, in the order of the tables."""

DOC: Final = (
    "LEVEL features of the {level} of the front-month futures contract on a grid of one "
    "second, from its MBP-10 records. L is the level in force at ts, from "
    "silver.future.level: {value} Every column is null where L has no value at ts, so until "
    "it is known. tick(L) = floor(L / tick + 0.5) tick stands for L wherever a price of the "
    "book or of a trade is compared. m, books and valid quotes as in silver.future.market; "
    "a price is visible if it lies between the outermost of the ten levels of a valid book "
    "(a side with fewer levels hides nothing). Windows are [ts - w, ts) on ts_recv. "
    "Touches: the level is armed on a side once m is 8 ticks or more from L; the next trade "
    "at or through L starts a touch; it ends once m is 8 ticks or more from L again, on the "
    "side it came from as a bounce, else as a break, and the level is armed on that side at "
    "once. The machine starts when L is known; it also moves with the steps of L, and rests "
    "while L has no value. Leg of the approach: from t0, the last second with "
    "|distance_ticks| >= 40 since the last touch ended and at most 1800 s back, else the "
    "farthest second of that span (the latest of equals), to ts; during a touch to the last "
    "second before it, so that the value is frozen. There is no leg where the level is not "
    "armed, |distance_ticks| > 40 or the leg would be shorter than 10 s."
)
"""What a table is, and the notation of its features; ``{level}`` and ``{value}`` of `Level`."""


@dataclass(frozen=True)
class LevelFeatureInputs:
    """What a LEVEL feature may take, by the names of its function's parameters.

    Attributes
    ----------
    day : DaySeconds
    level : LevelSeconds
        Of a pass over the same records and seconds.
    average_true_range : float64 array, shape (m,), dollars
        Of the last 2-minute bar closed at each row, NaN where missing.
    """

    day: DaySeconds
    level: LevelSeconds
    average_true_range: F64

    @cached_property
    def leg(self) -> ApproachLeg:
        """The approach leg of each row."""
        return approach_leg(self.day, self.level)

    @cached_property
    def book(self) -> BookAtLevel:
        """The book of each row beside the level."""
        return book_at_level(self.day, self.level.nearest_tick[self.day.rows])


def features_of(level: Level) -> tuple[Feature, ...]:
    """Return the features of a level, in the order of its table."""
    return tuple(found for found in FEATURES if not found.kinds or level.kind in found.kinds)


def level_columns(day: DaySeconds, level: LevelSeconds, average_true_range: F64) -> dict[str, F64]:
    """Return the columns of one level by base name, float64, shape (m,), NaN where missing.

    Parameters
    ----------
    day : DaySeconds
    level : LevelSeconds
        Of the same records and seconds.
    average_true_range : float64 array, shape (m,), dollars
        Of the last 2-minute bar closed at each row, NaN where missing.

    Raises
    ------
    ValueError
        The two are not of the same seconds.
    """
    if level.start_ns != day.seconds.start_ns or len(level.ticks) != len(day.mids):
        raise ValueError("the level's sums and the day's are not of the same seconds")
    features = features_of(level_named(level.path.name))
    columns = compute(features, LevelFeatureInputs(day, level, average_true_range))
    has_value = ~np.isnan(level.ticks[day.rows])
    return {name: np.where(has_value, column, np.nan) for name, column in columns.items()}
