"""Where the mid is in the regular session's trades. Float64, shape (m,), NaN where missing."""

from __future__ import annotations

from typing import Final

import numpy as np

from ...elementary import log
from ..book.day_seconds import F64, I64, DaySeconds, only, ratio
from ..book.record_chunk import NO_PRICE
from ..book.second_sums import FIRST, HIGH, LOW, NOTIONAL, NOTIONAL_SQUARED, VOLUME
from ..definitions import MIN_SESSIONS
from ..feature import EVEN, ODD, Feature, FeatureList
from .volatility import BPS

FEATURES: Final = FeatureList()


_BAND_WARM_UP_SECONDS = 300
_MIN_STD_TICKS = 1.0


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
        "rth_vwap_deviation_standard_deviations",
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
def rth_vwap_deviation_standard_deviations(day: DaySeconds) -> F64:
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
        "rth_range_to_average_rth_range",
        doc=(
            "Range of the regular session so far / mean range of the prior 20 sessions: (highest - "
            "lowest trade price since 09:30 ET) / mean of the ranges of whole regular sessions "
            "(equity indices: 09:30-16:00 ET)."
        ),
        unit="ratio",
        window="since 09:30; 20 sessions",
        null_rule=(
            "Null before the first trade since 09:30, while nothing is known of the book, and with "
            "fewer than 5 of the prior 20 sessions."
        ),
        mirror=EVEN,
        source="industry (average daily range, of the regular session)",
        minimum=0,
    )
)
def rth_range_to_average(day: DaySeconds, prior_ranges: F64) -> F64:
    """Return the range of the trades since 09:30 over the mean of prior sessions, in ticks both."""
    high, low = (_running(day, column) for column in (HIGH, LOW))
    found = np.full(len(day.rows), np.nan)
    if len(prior_ranges) >= MIN_SESSIONS and prior_ranges.mean() > 0:
        found = (high - low) / prior_ranges.mean()
    return only(found, (high >= low) & day.is_known)


@FEATURES.add(
    Feature(
        "opening_gap_bps",
        doc=(
            "Opening gap: 1e4 ln(first trade with ts_recv >= 09:30 ET / last trade before the "
            "regular close of the session before the date), of the same contract. The close is "
            "16:00 ET (CL 14:30, GC 13:30, ZN 15:00), and 13:00 at the latest on early closes."
        ),
        unit="bps",
        window="constant from the first trade on",
        null_rule=(
            "Null before the first trade, or if that session's partition of the contract is "
            "missing."
        ),
        mirror=ODD,
        source="industry (opening gap)",
    )
)
def opening_gap_bps(day: DaySeconds, prior_close: float | None) -> F64:
    """Return ``1e4 ln(first trade since 09:30 / prior close)``, the prior close in ticks."""
    first = day.seconds.prices[day.open_second :, FIRST]
    traded = np.flatnonzero(first != NO_PRICE)
    if not len(traded) or prior_close is None:
        return np.full(len(day.rows), np.nan)
    gap = BPS * log(np.array([first[traded[0]] / prior_close]))
    return only(np.full(len(day.rows), gap[0]), day.rows > day.open_second + traded[0])


def _running(day: DaySeconds, column: int) -> I64:
    # Highest or lowest trade price of [09:30, ts); high below low before the first trade.
    prices = day.seconds.prices[day.open_second :, column].astype(np.int64)
    bound = NO_PRICE if column == HIGH else -NO_PRICE
    prices = np.where(prices == NO_PRICE, bound, prices)
    best = np.maximum if column == HIGH else np.minimum
    return np.append(bound, best.accumulate(prices))
