"""Trades at the level. Float64, shape (m,), NaN where missing."""

from __future__ import annotations

from typing import Final

from ..book.day_seconds import F64, I64, DaySeconds, only, ratio
from ..book.second_sums import TRADES, VOLUME
from ..feature import EVEN, ODD, Feature, FeatureList
from .level_seconds import LevelSeconds
from .level_sums import BAND_BUY, BAND_SELL, BAND_TRADES, BAND_VOLUME
from .touches import SINCE_START

FEATURES: Final = FeatureList()

_UNKNOWN: Final = "if more than 10 % of the window is unknown."


@FEATURES.add(
    Feature(
        "volume_share_within_2_ticks_{seconds}s",
        doc="Volume within 2 ticks of the {level} / all volume: |p - tick(L)| <= 2 ticks.",
        unit="dimensionless",
        window="{seconds} s",
        null_rule="Null without volume, or " + _UNKNOWN,
        mirror=EVEN,
        source="volume at price",
        minimum=0,
        maximum=1,
        each={"seconds": (300,)},
    )
)
def volume_share(day: DaySeconds, level: LevelSeconds, seconds: int) -> F64:
    """Return the share of the window's volume within two ticks of the level."""
    share = ratio(_window(day, level, BAND_VOLUME, seconds), day.window(VOLUME, seconds))
    return only(share, day.is_window_known(seconds))


@FEATURES.add(
    Feature(
        "volume_share_within_2_ticks_since_known",
        doc="Volume within 2 ticks of the {level}, as it stood / all volume.",
        unit="dimensionless",
        window=SINCE_START,
        null_rule="Null without volume, and while nothing is known of the book.",
        mirror=EVEN,
        source="volume profile",
        minimum=0,
        maximum=1,
    )
)
def volume_share_since_known(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return the share of the volume within two ticks since the level is known."""
    begin = level.start_seconds(day)
    share = ratio(level.between(BAND_VOLUME, begin, day.rows), day.between(VOLUME, begin, day.rows))
    return only(share, day.is_known)


@FEATURES.add(
    Feature(
        "trade_flow_imbalance_within_2_ticks_{seconds}s",
        doc="(buy - sell) / (buy + sell) aggressor volume within 2 ticks of the {level}.",
        unit="dimensionless",
        window="{seconds} s",
        null_rule="Null without sided volume there, or " + _UNKNOWN,
        mirror=ODD,
        source="Chordia, Roll & Subrahmanyam 2002",
        minimum=-1,
        maximum=1,
        each={"seconds": (10, 300)},
    )
)
def trade_flow_imbalance(day: DaySeconds, level: LevelSeconds, seconds: int) -> F64:
    """Return ``sum d v / sum |d| v`` within two ticks; NaN without sided volume."""
    buy, sell = (_window(day, level, field, seconds) for field in (BAND_BUY, BAND_SELL))
    return only(ratio(buy - sell, buy + sell), day.is_window_known(seconds))


@FEATURES.add(
    Feature(
        "average_trade_size_ratio_within_2_ticks_{seconds}s",
        doc="Contracts per trade within 2 ticks of the {level} / those per trade of all trades.",
        unit="ratio",
        window="{seconds} s",
        null_rule="Null without a trade within 2 ticks, or " + _UNKNOWN,
        mirror=EVEN,
        minimum=0,
        each={"seconds": (300,)},
    )
)
def average_trade_size_ratio(day: DaySeconds, level: LevelSeconds, seconds: int) -> F64:
    """Return contracts per trade within two ticks over those of all trades."""
    there = ratio(
        _window(day, level, BAND_VOLUME, seconds), _window(day, level, BAND_TRADES, seconds)
    )
    everywhere = ratio(day.window(VOLUME, seconds), day.window(TRADES, seconds))
    return only(ratio(there, everywhere), day.is_window_known(seconds))


def _window(day: DaySeconds, level: LevelSeconds, field: int, seconds: int) -> I64:
    return level.between(field, day.rows - seconds, day.rows)
