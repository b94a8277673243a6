"""Where the mid is in the regular session's trades. Float64, shape (m,), NaN where missing."""

from __future__ import annotations

from typing import Final

import numpy as np

from ..book.day_seconds import F64, I64, DaySeconds, only, ratio
from ..book.record_chunk import NO_PRICE
from ..book.second_sums import HIGH, LOW, NOTIONAL, NOTIONAL_SQUARED, VOLUME
from ..feature import ODD, ONE_MINUS, Feature, FeatureList

FEATURES: Final = FeatureList()


_BAND_WARM_UP_SECONDS = 300
_MIN_STD_TICKS = 1.0
_MIN_RANGE_TICKS = 4


@FEATURES.add(
    Feature(
        "rth_vwap_deviation_ticks",
        doc=(
            "Distance of the mid from the VWAP of the regular session: (m - VWAP since 09:30)/tick."
        ),
        unit="ticks",
        window="since 09:30",
        null_rule="Null until first RTH trade.",
        mirror=ODD,
        source="Berkowitz, Logue & Noser 1988; industry",
    )
)
def rth_vwap_deviation_ticks(day: DaySeconds) -> F64:
    """Return ``m`` less the VWAP since 09:30, ticks; NaN until the first trade."""
    return day.mid - ratio(day.since_open(NOTIONAL), day.since_open(VOLUME))


@FEATURES.add(
    Feature(
        "rth_vwap_deviation_sigma",
        doc=(
            "Distance of the mid from the VWAP of the regular session, in standard deviations: (m "
            "- VWAP)/volume-weighted std of trade price since 09:30."
        ),
        unit="standard deviations",
        window="since 09:30",
        null_rule="Null for the first 300 s, or if the deviation is below 1 tick.",
        mirror=ODD,
        source="VWAP bands (industry)",
    )
)
def rth_vwap_deviation_sigma(day: DaySeconds) -> F64:
    """Return ``m`` less the VWAP over the volume-weighted deviation of the trade price since 09:30.

    NaN for the first 300 s, and where the deviation is under one tick.
    """
    contracts, notional = day.since_open(VOLUME), day.since_open(NOTIONAL)
    squared = day.since_open(NOTIONAL_SQUARED)
    # About a price of the session: squares of whole prices would cost the variance its digits.
    origin = notional // np.maximum(contracts, 1)
    about = notional - origin * contracts
    about_squared = squared - 2 * origin * notional + origin * origin * contracts
    variance = ratio(about_squared, contracts) - ratio(about, contracts) ** 2
    deviation = np.sqrt(np.maximum(variance, 0.0))
    is_warm = day.rows - day.open_second >= _BAND_WARM_UP_SECONDS
    is_wide = deviation >= _MIN_STD_TICKS
    return only(ratio(rth_vwap_deviation_ticks(day), deviation), is_warm & is_wide)


@FEATURES.add(
    Feature(
        "rth_range_position",
        doc=(
            "Position of the mid in the range of the regular session: (m - low) / (high - low) of "
            "the trade prices in [09:30 ET, ts)."
        ),
        unit="dimensionless",
        window="since 09:30",
        null_rule="Null while range < 4 ticks.",
        mirror=ONE_MINUS,
        source="stochastic %K form (Lane)",
    )
)
def rth_range_position(day: DaySeconds) -> F64:
    """Return ``(m - low) / (high - low)`` of the trades since 09:30; NaN under 4 ticks."""
    high, low = (_running(day, column) for column in (HIGH, LOW))
    span = high - low
    return only(ratio(day.mid - low, span), span >= _MIN_RANGE_TICKS)


def _running(day: DaySeconds, column: int) -> I64:
    # Highest or lowest trade price of [09:30, ts); high below low before the first trade.
    prices = day.seconds.prices[day.open_second :, column].astype(np.int64)
    bound = NO_PRICE if column == HIGH else -NO_PRICE
    prices = np.where(prices == NO_PRICE, bound, prices)
    best = np.maximum if column == HIGH else np.minimum
    return np.append(bound, best.accumulate(prices))
