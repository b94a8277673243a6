"""How the liquidity at the level changes while displayed. Float64, shape (m,), NaN where missing.

Everything is counted over ``[ts - u, ts)``, u = min(w, ts - t_in): t_in is the start of the current
unbroken run of valid complete books with tick(L) displayed (of the band: all five prices within two
ticks), or the last step that changed tick(L) if that is later. The run of a fixed level may begin
before it is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ..book.day_seconds import F64, I64, DaySeconds, only, ratio
from ..book.second_sums import SECOND_NS
from ..feature import EVEN, ODD, Feature, FeatureList
from .level_seconds import LevelSeconds
from .level_sums import (
    ADDED,
    AT_VOLUME,
    BAND_DISPLAYED,
    BAND_FLOW,
    BAND_SIZE_NS,
    CANCELLED,
    DISPLAYED,
    SIZE_NS,
)
from .resting import BookAtLevel

FEATURES: Final = FeatureList()

_LEAST_SECONDS: Final = {10: 3, 60: 5}
_WINDOW: Final = "the last {seconds} s, as far back as the price has been displayed without a break"
_NULL: Final = "Null if the price has been displayed for less than {least} s"


@dataclass(frozen=True)
class DisplayedWindow:
    """Windows of rows that reach back no farther than something has been displayed.

    Attributes
    ----------
    level : LevelSeconds
    ends : int64 array, shape (m,)
        Rows, seconds from the start of the sums.
    seconds : float64 array, shape (m,)
        Their length u; NaN where it is too short.
    """

    level: LevelSeconds
    ends: I64
    seconds: F64

    @property
    def begins(self) -> I64:
        """The second in which each begins: what that second holds follows the beginning."""
        length = np.nan_to_num(np.ceil(self.seconds), nan=0.0)
        return self.ends - length.astype(np.int64)

    def sum(self, field: int) -> F64:
        """Return the sum of a field of `LevelSums.sums`, NaN where the window is too short."""
        total = self.level.between(field, self.begins, self.ends)
        return only(total, ~np.isnan(self.seconds))


def displayed_window(
    day: DaySeconds, level: LevelSeconds, which: int, seconds: int
) -> DisplayedWindow:
    """Return the windows of up to some seconds in which tick(L), or its band, is displayed."""
    since_ns = level.level_sums.since_ns[day.rows, which]
    length = np.minimum(level.seconds_since(since_ns, day.rows), float(seconds))
    is_long = (since_ns >= 0) & (length >= _LEAST_SECONDS[seconds]) & day.is_known
    return DisplayedWindow(level, day.rows, only(length, is_long))


@dataclass(frozen=True)
class DisplayedFlow:
    """What the features of flow at a level are computed from.

    Attributes
    ----------
    day : DaySeconds
    level : LevelSeconds
    book : BookAtLevel
    """

    day: DaySeconds
    level: LevelSeconds
    book: BookAtLevel

    def window(self, seconds: int, which: int = DISPLAYED) -> DisplayedWindow:
        """Return the windows of up to some seconds."""
        return displayed_window(self.day, self.level, which, seconds)

    def rate(self, field: int, seconds: int) -> F64:
        """Return a sum at tick(L) in mean sizes per second."""
        window = self.window(seconds)
        return ratio(ratio(window.sum(field), self.book.mean_size), window.seconds)

    def per_mean_size(self, field: int, size_field: int, window: DisplayedWindow) -> F64:
        """Return a sum over the time-weighted mean size displayed in the window."""
        mean = ratio(window.sum(size_field), window.seconds * SECOND_NS)
        return ratio(window.sum(field), mean)


def _rate(which: str, formula: str, seconds: int) -> Feature:
    return Feature(
        f"relative_displayed_size_{which}_per_second_{{seconds}}s",
        doc=(
            f"Size {which} at the {{level}}, in mean sizes D a second: sum over events and sides "
            f"of max(0, {formula}) at tick(L) / D / u; dQ is the change of the size there on a "
            "side, e what the event's trades executed there on that side."
        ),
        unit="mean sizes per second",
        window=_WINDOW,
        null_rule=_null(seconds, ", or without D"),
        mirror=EVEN,
        source="Biais, Hillion & Spatt 1995",
        minimum=0,
        each={"seconds": (seconds,)},
    )


def _null(seconds: int, more: str) -> str:
    return _NULL.format(least=_LEAST_SECONDS[seconds]) + more + "."


@FEATURES.add(_rate("added", "dQ + e", 60))
@FEATURES.add(_rate("added", "dQ + e", 10))
def added_per_second(flow: DisplayedFlow, seconds: int) -> F64:
    """Return what was added at the level, in mean sizes a second."""
    return flow.rate(ADDED, seconds)


@FEATURES.add(_rate("cancelled", "-dQ - e", 60))
@FEATURES.add(_rate("cancelled", "-dQ - e", 10))
def cancelled_per_second(flow: DisplayedFlow, seconds: int) -> F64:
    """Return what was cancelled at the level, in mean sizes a second."""
    return flow.rate(CANCELLED, seconds)


def _net_flow(seconds: int) -> Feature:
    return Feature(
        "net_limit_order_flow_within_2_ticks_{seconds}s",
        doc=(
            "Net flow of limit orders within 2 ticks of the {level}: sum over events of ((added - "
            "cancelled) of bids - (added - cancelled) of asks) at the five prices, executions left "
            "out / time-weighted mean size displayed there."
        ),
        unit="dimensionless",
        window=_WINDOW,
        null_rule=_NULL.replace("the price has", "the five prices have").format(
            least=_LEAST_SECONDS[seconds]
        )
        + ", or the mean is 0.",
        mirror=ODD,
        source="Cont, Kukanov & Stoikov 2014, by price",
        each={"seconds": (seconds,)},
    )


@FEATURES.add(_net_flow(60))
@FEATURES.add(_net_flow(10))
def net_limit_order_flow(flow: DisplayedFlow, seconds: int) -> F64:
    """Return the net flow of limit orders in the band over the mean size displayed there."""
    return flow.per_mean_size(BAND_FLOW, BAND_SIZE_NS, flow.window(seconds, BAND_DISPLAYED))


@FEATURES.add(
    Feature(
        "replenishment_ratio_{seconds}s",
        doc="Size added at the {level} / volume traded there (p = tick(L)).",
        unit="ratio",
        window=_WINDOW,
        null_rule=_null(60, ", or without a trade there"),
        mirror=EVEN,
        source="Biais, Hillion & Spatt 1995; Large 2007",
        minimum=0,
        each={"seconds": (60,)},
    )
)
def replenishment_ratio(flow: DisplayedFlow, seconds: int) -> F64:
    """Return what was added at the level over what traded there; NaN if nothing did."""
    window = flow.window(seconds)
    return ratio(window.sum(ADDED), window.sum(AT_VOLUME))


@FEATURES.add(
    Feature(
        "traded_to_displayed_size_ratio_{seconds}s",
        doc="Volume traded at the {level} / time-weighted mean size displayed there.",
        unit="ratio",
        window=_WINDOW,
        null_rule=_null(60, ", or the mean is 0"),
        mirror=EVEN,
        minimum=0,
        each={"seconds": (60,)},
    )
)
def traded_to_displayed_size_ratio(flow: DisplayedFlow, seconds: int) -> F64:
    """Return what traded at the level over the mean size displayed there."""
    return flow.per_mean_size(AT_VOLUME, SIZE_NS, flow.window(seconds))
