"""The MARKET table of a futures contract: its features in order, and what they are made from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from ..bar_closes import BarCloses
from ..book.day_seconds import F64, I32, I64, DaySeconds, only
from ..feature import NONE, Feature, compute
from . import (
    book_shape,
    large_trades,
    liquidity,
    order_flow,
    price_location,
    session_clock,
    trade_flow,
    volatility,
    volume_buckets,
)
from .large_trades import LargeTrades
from .volatility import StepReturns

FEATURES: Final[tuple[Feature, ...]] = (
    *book_shape.FEATURES,
    *trade_flow.FEATURES,
    *large_trades.FEATURES,
    *order_flow.FEATURES,
    *volatility.FEATURES,
    *price_location.FEATURES,
    *liquidity.FEATURES,
    *volume_buckets.FEATURES,
    *session_clock.FEATURES,
)
"""Every feature, in the order of the table."""

DOC: Final = (
    "MARKET features of the front-month futures contract on a grid of one second, from its "
    "MBP-10 records. Notation: Pbk, Qbk, Nbk and Pak, Qak, Nak are price, size and order "
    "count of bid and ask level k (1 is the best); m = (Pb1 + Pa1) / 2, missing unless the "
    "last complete book is two-sided with the ask above the bid; p, v, d are price, size "
    "and sign (+1 buy aggressor, -1 sell, 0 none) of a trade (T record). Books are sampled "
    "at records with F_LAST; after a clear or MAYBE_BAD_BOOK the book is lost until the "
    "next complete two-sided one. Nothing is known of it before the first, from 60 s after the "
    "last record to the next, and outside the range that the input covers. Snapshot records count "
    "in no flow. Windows are [ts - w, ts) on ts_recv."
)
"""What the table is, and the notation of its features."""


@dataclass(frozen=True)
class OutsideInputs:
    """What the features need besides the day's book; every array of shape (m,), NaN where missing.

    Attributes
    ----------
    prior_volume_300s : float64 array, shape (sessions, m), contracts
        `volume_300s` of prior sessions.
    prior_depth_300s : float64 array, shape (sessions, m), contracts
        Mean of the depth of ten prices over 300 s of prior sessions.
    prior_ranges : float64 array, shape (n,), ticks
        Ranges of the regular session of prior sessions with a trade.
    prior_close : float or None, ticks
        Last trade of the same contract before the close of the session before.
    large : LargeTrades or None
        None where there is too little history to tell them.
    closes : BarCloses
        The printed two-minute bars of the day.
    average_true_range : float64 array, shape (m,), dollars
        Of the last 2-minute bar closed at each row.
    vpin : float64 array, shape (m,)
    days_to_expiry : int or None, days
    """

    prior_volume_300s: F64
    prior_depth_300s: F64
    prior_ranges: F64
    prior_close: float | None
    large: LargeTrades | None
    closes: BarCloses
    average_true_range: F64
    vpin: F64
    days_to_expiry: int | None


@dataclass(frozen=True)
class MarketInputs(OutsideInputs):
    """What a MARKET feature may take, by the names of its function's parameters.

    Attributes
    ----------
    day : DaySeconds
    """

    day: DaySeconds

    @property
    def books(self) -> I32:
        """The last complete book before each row, shape (m, 60)."""
        return self.day.books

    @cached_property
    def returns(self) -> StepReturns:
        """Returns of the mid over steps of 5 s."""
        return StepReturns(self.day)


def market_columns(day: DaySeconds, outside: OutsideInputs) -> dict[str, F64]:
    """Return the columns by name, float64, shape (m,), NaN where missing.

    Outside the range that the input covers only what looks at no record has a value.
    """
    columns = compute(FEATURES, MarketInputs(**vars(outside), day=day))
    looks = {feature.name: feature.window != NONE for feature in FEATURES}
    return {
        name: only(column, day.is_inside) if looks[name] else column
        for name, column in columns.items()
    }


def grid_times(day: DaySeconds) -> I64:
    """Return the time of each row, shape (m,), ns since epoch UTC."""
    return day.open_ns + (day.rows - day.open_second) * 1_000_000_000
