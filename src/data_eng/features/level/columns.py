"""The LEVEL table: its features in order, and what they are made from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from ..bar_closes import BarCloses
from ..book.day_seconds import F64, DaySeconds
from ..feature import Feature, compute
from . import (
    approach,
    closes,
    forming,
    occupancy,
    position,
    resting,
    resting_flow,
    slope,
    touches,
    traded,
)
from .approach import ApproachLeg, approach_leg
from .closes import CloseCrossings
from .level_seconds import LevelSeconds
from .levels import FORMED, Level, level_named
from .resting import BookAtLevel, book_at_level
from .resting_flow import DisplayedFlow

FEATURES: Final[tuple[Feature, ...]] = (
    *position.FEATURES,
    *forming.FEATURES,
    *touches.FEATURES,
    *occupancy.FEATURES,
    *closes.FEATURES,
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
    "it is known. tick(L), L rounded to the tick, half to even, stands for L wherever a price of "
    "the book or of a trade is compared. m, books and valid quotes as in silver.future.market; "
    "a price is displayed if it lies between the outermost of the ten levels of a valid book "
    "(a side with fewer levels hides nothing). Windows are [ts - w, ts) on ts_recv. "
    "Nothing is known of the book before its first complete two-sided state, from 60 s after the "
    "last record to the next such state, and outside the range that the input covers. "
    "Touches: the level is armed on a side once m is 8 ticks or more from L; the next trade "
    "at or through L starts a touch; it ends once m is 8 ticks or more from L again, rejected if "
    "on the side it came from, and the level is armed on that side at once. The machine starts "
    "idle when L is known, at 09:30 America/New_York at the earliest, with the mid that stands; it "
    "also moves with the steps of L, and rests while L has no value. Leg of the approach: from "
    "t0, the last second with |distance_ticks| >= 40 since the last touch ended and at most 1800 s "
    "back, else the farthest second of that span (the latest of equals), to ts; during a touch to "
    "the second in which it started, so that the value is frozen. There is no leg where the level "
    "is not armed, |distance_ticks| > 40 or the leg would be shorter than 10 s. D: mean size of a "
    "displayed price, over the complete valid books of 300 s with ten prices on both sides the "
    "mean of the twenty sizes; null with fewer than 100 of them."
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
    bars : BarCloses
        The printed two-minute bars of the day.
    round_ticks : float or None, ticks
        The product's round number.
    """

    day: DaySeconds
    level: LevelSeconds
    bars: BarCloses
    round_ticks: float | None

    @cached_property
    def leg(self) -> ApproachLeg:
        """The approach leg of each row."""
        return approach_leg(self.day, self.level)

    @cached_property
    def book(self) -> BookAtLevel:
        """The book of each row beside the level."""
        return book_at_level(self.day, self.level.nearest_tick[self.day.rows])

    @cached_property
    def flow(self) -> DisplayedFlow:
        """What changed at the level while it was displayed."""
        return DisplayedFlow(self.day, self.level, self.book)

    @cached_property
    def crossings(self) -> CloseCrossings:
        """The two-minute closes about the level."""
        return CloseCrossings(self.day, self.level, self.bars)


def features_of(level: Level) -> tuple[Feature, ...]:
    """Return the features of a level, in the order of its table."""
    has = {level.kind, level.window} if level.kind == FORMED else {level.kind}
    return tuple(found for found in FEATURES if not found.kinds or has & set(found.kinds))


def level_columns(
    day: DaySeconds, level: LevelSeconds, bars: BarCloses, round_ticks: float | None
) -> dict[str, F64]:
    """Return the columns of one level by base name, float64, shape (m,), NaN where missing.

    Parameters
    ----------
    day : DaySeconds
    level : LevelSeconds
        Of the same records and seconds.
    bars : BarCloses
        The printed two-minute bars of the day.
    round_ticks : float or None, ticks
        The product's round number.

    Raises
    ------
    ValueError
        The two are not of the same seconds.
    """
    if level.start_ns != day.seconds.start_ns or len(level.ticks) != len(day.mids):
        raise ValueError("the level's sums and the day's are not of the same seconds")
    features = features_of(level_named(level.path.name))
    columns = compute(features, LevelFeatureInputs(day, level, bars, round_ticks))
    has_value = ~np.isnan(level.ticks[day.rows]) & day.is_inside
    return {name: np.where(has_value, column, np.nan) for name, column in columns.items()}
