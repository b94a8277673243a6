"""Large trades: those of a size that few trades of prior sessions reach. NaN where missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from ..book.day_seconds import F64, I64, DaySeconds, only, ratio
from ..book.second_sums import SECOND_NS, VOLUME
from ..book.trades import Trades, counted_trades
from ..definitions import MIN_SESSIONS
from ..feature import EVEN, ODD, Feature, FeatureList

FEATURES: Final = FeatureList()

LARGE_SHARE: Final = 0.99
"""A trade is large if at least this share of prior trades is no larger."""
LEAST_SIZE: Final = 2

_LARGE: Final = (
    "size >= s, the smallest size with at least 99 % of the trade records of the regular session "
    "(equity indices: 09:30-16:00 ET) of the prior 20 sessions (pooled) of size <= s, at least 2"
)


@dataclass(frozen=True)
class LargeTrades:
    """Large trades by second.

    Attributes
    ----------
    volume, buy, sell : int64 array, shape (seconds,), contracts
        All of them, those with a buy and with a sell aggressor.
    """

    volume: I64
    buy: I64
    sell: I64


def large_size(sessions: Iterable[Mapping[int, int]]) -> int | None:
    """Return the size from which on a trade is large.

    Parameters
    ----------
    sessions : iterable of mapping
        Number of trades by size, contracts, of each prior session.

    Returns
    -------
    int or None, contracts
        None with fewer than `MIN_SESSIONS` of them, or without a trade.
    """
    found = list(sessions)
    pooled: dict[int, int] = {}
    for counts in found:
        for size, count in counts.items():
            pooled[size] = pooled.get(size, 0) + count
    total = sum(pooled.values())
    if len(found) < MIN_SESSIONS or not total:
        return None
    below = 0
    for size in sorted(pooled):
        below += pooled[size]
        if 100 * below >= round(100 * LARGE_SHARE) * total:
            return max(size, LEAST_SIZE)
    raise AssertionError("the largest size has all trades at or below it")


def large_trades(trades: Trades, size: int, start_ns: int, seconds: int) -> LargeTrades:
    """Return the large trades of a day by second.

    Parameters
    ----------
    trades : Trades
        All T records, or those that count; those after the last second are left out.
    size : int, contracts
        From which on a trade is large.
    start_ns : int, ns since epoch UTC
        Start of the first second.
    seconds : int
    """
    counted = counted_trades(trades)
    second = (counted.ts_recv - start_ns) // SECOND_NS
    is_taken = (counted.size >= size) & (second < seconds)
    second, volume, sign = second[is_taken], counted.size[is_taken], counted.sign[is_taken]
    sums = (
        np.bincount(second[of], weights=volume[of], minlength=seconds).astype(np.int64)
        for of in (np.ones(len(second), np.bool_), sign > 0, sign < 0)
    )
    return LargeTrades(*sums)


@FEATURES.add(
    Feature(
        "large_trade_volume_share_{seconds}s",
        doc=f"Share of large trades in the volume; large: {_LARGE}.",
        unit="dimensionless",
        window="{seconds} s; 20 sessions",
        null_rule=(
            "Null without volume, with fewer than 5 of the prior 20 sessions, or if more than 10 % "
            "of the window is unknown."
        ),
        mirror=EVEN,
        source="large trade reports (industry)",
        minimum=0,
        maximum=1,
        each={"seconds": (300,)},
    )
)
def volume_share(day: DaySeconds, large: LargeTrades | None, seconds: int) -> F64:
    """Return the volume of large trades over all volume."""
    if large is None:
        return np.full(len(day.rows), np.nan)
    share = ratio(_window(large.volume, day, seconds), day.window(VOLUME, seconds))
    return only(share, day.is_window_known(seconds))


@FEATURES.add(
    Feature(
        "large_trade_flow_imbalance_{seconds}s",
        doc=(
            "Trade flow imbalance of large trades: sum d v / sum |d| v; large as in "
            "large_trade_volume_share_{seconds}s."
        ),
        unit="dimensionless",
        window="{seconds} s; 20 sessions",
        null_rule=(
            "Null without a sided large trade, with fewer than 5 of the prior 20 sessions, or if "
            "more than 10 % of the window is unknown."
        ),
        mirror=ODD,
        source="Chordia, Roll & Subrahmanyam 2002, on large trades",
        minimum=-1,
        maximum=1,
        each={"seconds": (300,)},
    )
)
def flow_imbalance(day: DaySeconds, large: LargeTrades | None, seconds: int) -> F64:
    """Return ``sum d v / sum |d| v`` over large trades."""
    if large is None:
        return np.full(len(day.rows), np.nan)
    buy, sell = (_window(one, day, seconds) for one in (large.buy, large.sell))
    return only(ratio(buy - sell, buy + sell), day.is_window_known(seconds))


def _window(values: I64, day: DaySeconds, seconds: int) -> I64:
    total = np.append(0, np.cumsum(values))
    sums: I64 = total[day.rows] - total[np.maximum(day.rows - seconds, 0)]
    return sums
