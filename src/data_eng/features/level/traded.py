"""Trades at the level. Float64, shape (m,), NaN where missing."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from ..book.day_seconds import F64, I64, DaySeconds, only, ratio
from ..book.second_sums import SECOND_NS, VOLUME
from ..feature import EVEN, ODD, Feature, FeatureList
from .level_seconds import LevelSeconds
from .level_sums import BAND_BUY, BAND_SELL, BAND_TRADES, BAND_VOLUME
from .levels import FORMED
from .position import since_known
from .touch_machine import TOUCH

FEATURES: Final = FeatureList()


@FEATURES.add(
    Feature(
        "volume_within_2_ticks_{seconds}s",
        doc=("Volume traded within 2 ticks of the {level}: sum v over |p - tick(L)| <= 2 ticks."),
        unit="contracts",
        window="{seconds} s",
        null_rule="0 is a true zero; null only while L has no value.",
        mirror=EVEN,
        source="volume at price",
        minimum=0,
        each={"seconds": (300,)},
    )
)
def volume(day: DaySeconds, level: LevelSeconds, seconds: int) -> F64:
    """Return ``sum v`` within two ticks of the level over the window, contracts."""
    return _window(day, level, BAND_VOLUME, seconds).astype(np.float64)


@FEATURES.add(
    Feature(
        "volume_share_within_2_ticks_rth",
        doc="Share of the volume within 2 ticks of the {level}.",
        unit="dimensionless",
        window="since 09:30 America/New_York, or since L is known if that is later",
        null_rule="Null without volume.",
        mirror=EVEN,
        source="volume profile",
        minimum=0,
        maximum=1,
    )
)
def volume_share_rth(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return the share of the volume within two ticks since 09:30, or since the level is known."""
    begin = np.maximum(since_known(day, level), day.open_second)
    banded = level.between(BAND_VOLUME, begin, day.rows)
    return ratio(banded, day.between(VOLUME, begin, day.rows))


@FEATURES.add(
    Feature(
        "trade_flow_imbalance_within_2_ticks_{seconds}s",
        doc="(buy - sell) / (buy + sell) aggressor volume within 2 ticks of the {level}.",
        unit="dimensionless",
        window="{seconds} s",
        null_rule="Null without sided volume there.",
        mirror=ODD,
        source="Chordia, Roll & Subrahmanyam 2002",
        minimum=-1,
        maximum=1,
        each={"seconds": (300,)},
    )
)
def trade_flow_imbalance(day: DaySeconds, level: LevelSeconds, seconds: int) -> F64:
    """Return ``sum d v / sum |d| v`` within two ticks; NaN without sided volume."""
    buy, sell = (_window(day, level, field, seconds) for field in (BAND_BUY, BAND_SELL))
    return ratio(buy - sell, buy + sell)


@FEATURES.add(
    Feature(
        "average_trade_size_within_2_ticks_{seconds}s",
        doc="Contracts per trade within 2 ticks of the {level}.",
        unit="contracts/trade",
        window="{seconds} s",
        null_rule="Null without a trade there.",
        mirror=EVEN,
        minimum=0,
        each={"seconds": (300,)},
    )
)
def average_trade_size(day: DaySeconds, level: LevelSeconds, seconds: int) -> F64:
    """Return contracts per trade within two ticks; NaN without a trade."""
    return ratio(
        _window(day, level, BAND_VOLUME, seconds), _window(day, level, BAND_TRADES, seconds)
    )


@FEATURES.add(
    Feature(
        "volume_per_penetration_tick_{seconds}s",
        doc=(
            "volume_within_2_ticks_{seconds}s / max(1, largest excursion of a trade of a touch "
            "beyond the {level} in the window, ticks)."
        ),
        unit="contracts/tick",
        window="{seconds} s",
        null_rule="Null if no touch was in progress in the window.",
        mirror=EVEN,
        source="inverse of the form of Amihud 2002 and Kyle 1985",
        minimum=0,
        each={"seconds": (300,)},
    )
)
def volume_per_penetration_tick(day: DaySeconds, level: LevelSeconds, seconds: int) -> F64:
    """Return the volume within two ticks per tick that touches went beyond the level.

    The divisor is the largest excursion of a trade beyond the level during a touch within the
    window, at least one tick. NaN without a second of a touch in the window.
    """
    deepest = np.maximum(_largest(level.penetration, day.rows, seconds), 1.0)
    touched = np.append(0, np.cumsum(_is_touched(level)))
    has_touch = touched[day.rows] > touched[np.maximum(day.rows - seconds, 0)]
    return only(volume(day, level, seconds) / deepest, has_touch)


@FEATURES.add(
    Feature(
        "formation_volume_share_within_2_ticks",
        doc=(
            "Share of the volume of the window that formed the {level} that traded within 2 ticks "
            "of the final extreme."
        ),
        unit="dimensionless",
        window="the pre-market or the opening range",
        null_rule="Null only while L has no value.",
        mirror=EVEN,
        source="volume profile",
        minimum=0,
        maximum=1,
        kinds=(FORMED,),
    )
)
def formation_volume_share(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return the share of the formation window's volume within two ticks of the final extreme."""
    if level.path.window is None:
        return np.full(len(day.rows), np.nan)
    start_ns = day.seconds.start_ns
    begin, end = ((np.array([t]) - start_ns) // SECOND_NS for t in level.path.window)
    end = np.minimum(end, day.rows[-1])
    share = ratio(level.between(BAND_VOLUME, begin, end), day.between(VOLUME, begin, end))
    return np.full(len(day.rows), share[0])


def _window(day: DaySeconds, level: LevelSeconds, field: int, seconds: int) -> I64:
    return level.between(field, day.rows - seconds, day.rows)


def _is_touched(level: LevelSeconds) -> npt.NDArray[np.bool_]:
    # For each second whether a touch was under way at its start, or started within it.
    ends = np.arange(len(level.penetration) + 1)
    touches = level.touch("touches", ends)
    return np.asarray((level.touch("phase", ends[:-1]) == TOUCH) | (np.diff(touches) > 0), np.bool_)


def _largest(values: F64, ends: I64, seconds: int) -> F64:
    # The largest value of [end - seconds, end); seconds before the first count nothing.
    padded = np.concatenate([np.full(seconds, -1.0), values])
    windows = np.lib.stride_tricks.sliding_window_view(padded, seconds)
    largest: F64 = windows[ends].max(axis=1)
    return largest
