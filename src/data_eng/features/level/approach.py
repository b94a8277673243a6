"""The approach leg: how the price came to the level. Float64, shape (m,), NaN where missing.

The leg starts at the last second with the price 40 ticks or more away, since the last touch ended
and at most 1800 s back; if there is none, where the price was farthest. It ends at the row, or,
while a touch is under way, at the last row before that touch: its values are frozen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ...compiled import kernel
from ..book.day_seconds import F64, I64, DaySeconds, only, ratio
from ..book.second_sums import BUY, CHANGES, DEPTH_L1, OFI_L1, SELL, VOLUME
from ..definitions import APPROACH_MIN_SECONDS, APPROACH_SPAN_SECONDS, ZONE_TICKS
from ..feature import EVEN, Feature, FeatureList
from .level_seconds import LevelSeconds
from .touch_machine import ARMED, TOUCH

FEATURES: Final = FeatureList()


_MIN_TWO_HALVES_SECONDS = 20
_STEP_SECONDS = 5
_RTH_WARM_UP_SECONDS = 120


@dataclass(frozen=True)
class ApproachLeg:
    """The leg of each row, in seconds from the start of the sums.

    Attributes
    ----------
    begin, end : int64 array, shape (m,)
        Equal where there is no leg.
    is_leg : bool array, shape (m,)
    side : int64 array, shape (m,)
        -1 from below, 1 from above.
    distance : float64 array, shape (seconds + 1,), ticks
        ``m - L`` at every second.
    """

    begin: I64
    end: I64
    is_leg: npt.NDArray[np.bool_]
    side: I64
    distance: F64

    @property
    def seconds(self) -> I64:
        """Length of the leg, seconds."""
        return self.end - self.begin


def approach_leg(day: DaySeconds, level: LevelSeconds) -> ApproachLeg:
    """Return the leg of each row."""
    phase = level.touch("phase", day.rows)
    touched = level.step_second(level.touch("touch_ns", day.rows))
    end = np.where(phase == TOUCH, np.maximum(touched, 0), day.rows)
    is_leg = (phase >= ARMED) & (level.touch("phase", end) == ARMED)
    is_leg &= ~np.isnan(level.ticks[end])
    ended_ns = level.touch("end_ns", end)
    first = np.where(ended_ns >= 0, level.step_second(ended_ns) + 1, 0)
    first = np.maximum(np.maximum(first, end - APPROACH_SPAN_SECONDS), 0)
    distance = day.mids - level.place
    begin = np.full(len(end), -1, np.int64)
    find_begin(distance, first, end, is_leg, begin)
    is_near = np.abs(distance[end]) <= ZONE_TICKS  # NaN is not
    is_leg &= is_near & (begin >= 0) & (end - begin >= APPROACH_MIN_SECONDS) & day.is_known
    side = level.touch("side", end)
    return ApproachLeg(np.where(is_leg, begin, end), end, is_leg, side, distance)


@kernel
def find_begin(distance: Any, first: Any, end: Any, is_leg: Any, begin: Any) -> None:
    """Write where each leg begins, -1 where the distance is missing from ``first`` to ``end``."""
    for i in range(end.shape[0]):
        if not is_leg[i]:
            continue
        farthest = -1.0
        for second in range(end[i], first[i] - 1, -1):
            away = abs(distance[second])
            if away > farthest:
                farthest = away
                begin[i] = second
            if away >= ZONE_TICKS:
                begin[i] = second
                break


_NULL = "Null without a leg{more}, and while nothing is known of the book."


@FEATURES.add(
    Feature(
        "approach_speed_ticks_per_minute",
        doc=(
            "Speed of the approach to the {level}: (|d(t0)| - |d(end)|) / (end - t0) * 60 with d = "
            "distance_ticks."
        ),
        unit="ticks/min",
        window="the leg of the approach",
        null_rule=_NULL.format(more=""),
        mirror=EVEN,
        minimum=0,
    )
)
def speed_ticks_per_minute(leg: ApproachLeg) -> F64:
    """Return ``(|d(t0)| - |d(end)|) / (end - t0)``, ticks a minute."""
    return only(_speed(leg, leg.begin, leg.end), leg.is_leg)


@FEATURES.add(
    Feature(
        "approach_speed_change_ticks_per_minute",
        doc=(
            "Speed of the approach to the {level} in the second half of the leg less that in the "
            "first half; of a leg of n seconds the first half has floor(n / 2)."
        ),
        unit="ticks/min",
        window="the leg of the approach",
        null_rule=_NULL.format(
            more=", if it is shorter than 20 s, or without a quote at its middle"
        ),
        mirror=EVEN,
    )
)
def speed_change_ticks_per_minute(leg: ApproachLeg) -> F64:
    """Return the speed of the second half less that of the first; NaN for legs under 20 s."""
    middle = leg.begin + leg.seconds // 2
    change = _speed(leg, middle, leg.end) - _speed(leg, leg.begin, middle)
    return only(change, leg.is_leg & (leg.seconds >= _MIN_TWO_HALVES_SECONDS))


@FEATURES.add(
    Feature(
        "approach_efficiency_ratio",
        doc=(
            "Efficiency of the approach to the {level}: |net change of d| / sum |change of d| at "
            "steps of 5 s from t0, the last one ending at ts, seconds without a quote left out."
        ),
        unit="dimensionless",
        window="the leg of the approach",
        null_rule=_NULL.format(more=", if d never changes"),
        mirror=EVEN,
        source="Kaufman 1995",
        minimum=0,
        maximum=1,
    )
)
def efficiency_ratio(leg: ApproachLeg) -> F64:
    """Return ``|net change of d| / sum |change of d|`` at steps of 5 s from t0 (Kaufman 1995).

    The last step ends at the end of the leg; seconds without a distance are left out. NaN where
    the distance does not change.
    """
    paths = np.zeros(len(leg.end))
    add_paths(leg.distance, leg.begin, leg.end, leg.is_leg, paths)
    net = np.abs(leg.distance[leg.end] - leg.distance[leg.begin])
    return only(ratio(net, paths), leg.is_leg)


@kernel
def add_paths(distance: Any, begin: Any, end: Any, is_leg: Any, paths: Any) -> None:
    """Write the length of each leg's path."""
    for i in range(end.shape[0]):
        if not is_leg[i]:
            continue
        last = distance[begin[i]]
        for second in range(begin[i] + _STEP_SECONDS, end[i], _STEP_SECONDS):
            if not np.isnan(distance[second]):
                paths[i] += abs(distance[second] - last)
                last = distance[second]
        paths[i] += abs(distance[end[i]] - last)


@FEATURES.add(
    Feature(
        "approach_trade_flow_imbalance_toward_level",
        doc=(
            "(volume of aggressors trading toward the {level} - away from it) / sided volume, in "
            "the leg."
        ),
        unit="dimensionless",
        window="the leg of the approach",
        null_rule=_NULL.format(more=", without sided volume"),
        mirror=EVEN,
        source="Chordia, Roll & Subrahmanyam 2002",
        minimum=-1,
        maximum=1,
    )
)
def trade_flow_imbalance(day: DaySeconds, leg: ApproachLeg) -> F64:
    """Return (volume of aggressors toward the level - away) / sided volume of the leg."""
    buy, sell = (day.between(field, leg.begin, leg.end) for field in (BUY, SELL))
    return only(ratio(leg.side * (sell - buy), buy + sell), leg.is_leg)


@FEATURES.add(
    Feature(
        "approach_order_flow_imbalance_toward_level_per_minute",
        doc=(
            "OFI_1 of the leg, oriented toward the {level}, over the mean depth of level 1 per "
            "side in all its complete books, per minute of leg."
        ),
        unit="1/min",
        window="the leg of the approach",
        null_rule=_NULL.format(more=", without a change of the book or depth"),
        mirror=EVEN,
        source="Cont, Kukanov & Stoikov 2014",
    )
)
def order_flow_imbalance(day: DaySeconds, leg: ApproachLeg) -> F64:
    """Return ``OFI_1`` toward the level over the mean depth of level 1 per side, per minute."""
    changes = day.between(CHANGES, leg.begin, leg.end)
    depth = ratio(day.between(DEPTH_L1, leg.begin, leg.end), 2 * changes)
    flow = ratio(-leg.side * day.between(OFI_L1, leg.begin, leg.end), depth)
    return only(ratio(flow, leg.seconds / 60), leg.is_leg)


@FEATURES.add(
    Feature(
        "approach_volume_rate_to_session_volume_rate",
        doc=(
            "Volume per minute in the leg of the approach to the {level} / volume per minute "
            "since 09:30 America/New_York, both up to the end of the leg."
        ),
        unit="ratio",
        window="the leg of the approach",
        null_rule=_NULL.format(more=", if the leg ends before 09:32 or nothing traded since 09:30"),
        mirror=EVEN,
    )
)
def volume_rate_to_session_rate(day: DaySeconds, leg: ApproachLeg) -> F64:
    """Return the volume a minute of the leg over that since 09:30; NaN for the first 120 s."""
    open_ = np.full_like(leg.end, day.open_second)
    is_warm = leg.end - open_ >= _RTH_WARM_UP_SECONDS
    since = np.where(is_warm, leg.end - open_, 0)
    usual = ratio(day.between(VOLUME, np.minimum(open_, leg.end), leg.end), since)
    rate = ratio(day.between(VOLUME, leg.begin, leg.end), leg.seconds)
    return only(ratio(rate, usual), leg.is_leg & is_warm)


def _speed(leg: ApproachLeg, begin: I64, end: I64) -> F64:
    closed = np.abs(leg.distance[begin]) - np.abs(leg.distance[end])
    return ratio(60 * closed, end - begin)
