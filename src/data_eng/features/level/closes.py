"""Closes of two-minute bars about the level. Float64, shape (m,), NaN where missing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from ..bar_closes import BarCloses
from ..book.day_seconds import F64, I64, DaySeconds, only
from ..book.second_sums import SECOND_NS
from ..feature import EVEN, Feature, FeatureList
from .level_seconds import LevelSeconds
from .touches import SINCE_START

FEATURES: Final = FeatureList()


@dataclass(frozen=True)
class CloseCrossings:
    """On which side of a level the bars closed.

    Attributes
    ----------
    day : DaySeconds
    level : LevelSeconds
    bars : BarCloses
    """

    day: DaySeconds
    level: LevelSeconds
    bars: BarCloses

    @cached_property
    def crosses(self) -> I64:
        """1 for each bar that closed on another side than the bar before, else 0, shape (n,).

        A close at the level, or without one, keeps the side before. Of the bars closed by the start
        of what counts only the last one's side is used.
        """
        sign = np.sign(self.bars.close - self.level.path.place.at(self.bars.end_ns))
        is_sided = np.abs(sign) == 1
        last = np.maximum.accumulate(np.where(is_sided, np.arange(len(sign)), -1))
        side = np.where(last >= 0, sign[last], 0.0)
        before = np.append(0.0, side[:-1])[: len(side)]
        start_ns = self.level.path.start_ns(self.day.open_ns)
        return np.asarray((side * before < 0) & (self.bars.end_ns > start_ns), np.int64)

    @cached_property
    def closed(self) -> I64:
        """Bars closed by each row, shape (m,)."""
        times = self.day.seconds.start_ns + self.day.rows * SECOND_NS
        return np.searchsorted(self.bars.end_ns, times, side="right").astype(np.int64)


@FEATURES.add(
    Feature(
        "two_minute_close_crossing_count",
        doc=(
            "Closed two-minute bars whose side of the {level} differs from that of the bar before; "
            "side = sign(close - L), L in force when the bar closes; a close at L keeps the side "
            "before. The first is compared with the last bar closed by then that is not at L."
        ),
        unit="count",
        window=SINCE_START,
        null_rule="Null before L is known, and while nothing is known of the book.",
        mirror=EVEN,
    )
)
def close_crossing_count(day: DaySeconds, crossings: CloseCrossings) -> F64:
    """Return the bars so far that closed on the other side."""
    count = np.append(0, np.cumsum(crossings.crosses))[crossings.closed]
    return only(count, day.is_known)


@FEATURES.add(
    Feature(
        "two_minute_bars_since_close_crossing",
        doc="Printed two-minute bars closed since the last that crossed the {level}.",
        unit="bars",
        window=SINCE_START,
        null_rule="Null before the first, and while nothing is known of the book.",
        mirror=EVEN,
        minimum=0,
    )
)
def bars_since_close_crossing(day: DaySeconds, crossings: CloseCrossings) -> F64:
    """Return the bars closed since the last crossing; NaN before the first."""
    crosses = crossings.crosses
    last = np.maximum.accumulate(np.where(crosses > 0, np.arange(1, len(crosses) + 1), 0))
    last = np.append(0, last)[crossings.closed]
    return only(crossings.closed - last, (last > 0) & day.is_known)
