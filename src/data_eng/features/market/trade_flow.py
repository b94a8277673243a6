"""Trades: volume, size, sign, and what they paid. Float64, shape (m,), NaN where missing."""

from __future__ import annotations

from typing import Final

from ..book.day_seconds import F64, DaySeconds, only, ratio
from ..book.second_sums import (
    BUY,
    EFFECTIVE,
    EFFECTIVE_VOLUME,
    REALIZED,
    REALIZED_VOLUME,
    SELL,
    TRADES,
    VOLUME,
)
from ..feature import EVEN, ODD, Feature, FeatureList
from .prior_sessions import relative_to_sessions

FEATURES: Final = FeatureList()


_REALIZED_LAG_SECONDS = 5


@FEATURES.add(
    Feature(
        "volume_{seconds}s",
        doc="Traded volume: sum v.",
        unit="contracts",
        window="{seconds} s",
        null_rule=(
            "0 is a true zero; null while the window reaches before the first record of the "
            "contract in the partition, or if more than 10 % of it is unknown."
        ),
        mirror=EVEN,
        source="industry",
        minimum=0,
        each={"seconds": (10, 60, 300)},
    )
)
def volume(day: DaySeconds, seconds: int) -> F64:
    """Return ``sum v`` over the window, contracts; NaN if it reaches before the first record."""
    return only(day.window(VOLUME, seconds), day.is_covered(seconds) & day.is_window_known(seconds))


@FEATURES.add(
    Feature(
        "relative_volume_300s",
        doc=(
            "Relative volume: volume_300s / mean of volume_300s at the same New York wall time "
            "over the prior 20 regular sessions. A prior session is that of its own front-month "
            "contract; early closes are left out of the 20."
        ),
        unit="ratio",
        window="300 s, 20 sessions",
        null_rule="Null if fewer than 5 of the 20 sessions have a value, or their mean is 0.",
        mirror=EVEN,
        source="RVOL (industry)",
        minimum=0,
    )
)
def relative_volume_300s(day: DaySeconds, prior_volume_300s: F64) -> F64:
    """Return the volume of 300 s over its mean at the same clock time of prior sessions."""
    return relative_to_sessions(volume(day, 300), prior_volume_300s)


@FEATURES.add(
    Feature(
        "average_trade_size_{seconds}s",
        doc="Average trade size: sum v / number of T records.",
        unit="contracts/trade",
        window="{seconds} s",
        null_rule="Null if no trade, or if more than 10 % of the window is unknown.",
        mirror=EVEN,
        source="industry",
        each={"seconds": (60, 300)},
    )
)
def average_trade_size(day: DaySeconds, seconds: int) -> F64:
    """Return ``sum v / trades`` over the window, contracts per trade; NaN without a trade."""
    size = ratio(day.window(VOLUME, seconds), day.window(TRADES, seconds))
    return only(size, day.is_window_known(seconds))


@FEATURES.add(
    Feature(
        "trade_flow_imbalance_{seconds}s",
        doc=(
            "Trade flow imbalance: sum d v / sum |d| v, d = +1 for a buy aggressor, -1 for a "
            "sell, 0 for none."
        ),
        unit="dimensionless",
        window="{seconds} s",
        null_rule="Null if no sided volume, or if more than 10 % of the window is unknown.",
        mirror=ODD,
        source="Chordia, Roll & Subrahmanyam 2002; Cont et al. 2014 (TI)",
        minimum=-1,
        maximum=1,
        each={"seconds": (10, 60, 300)},
    )
)
def trade_flow_imbalance(day: DaySeconds, seconds: int) -> F64:
    """Return ``sum d v / sum |d| v`` over the window; NaN without sided volume."""
    buy, sell = day.window(BUY, seconds), day.window(SELL, seconds)
    return only(ratio(buy - sell, buy + sell), day.is_window_known(seconds))


@FEATURES.add(
    Feature(
        "cumulative_volume_delta_to_volume_rth",
        doc=(
            "Cumulative volume delta of the regular session over its volume: sum d v / sum |d| v "
            "since 09:30 ET."
        ),
        unit="dimensionless",
        window="since 09:30",
        null_rule=(
            "Null until the first trade with an aggressor since 09:30 ET, and while nothing is "
            "known of the book."
        ),
        mirror=ODD,
        source="CVD (industry)",
        minimum=-1,
        maximum=1,
    )
)
def cumulative_volume_delta(day: DaySeconds) -> F64:
    """Return ``sum d v / sum |d| v`` since 09:30 ET; NaN until the first sided trade."""
    buy, sell = day.since_open(BUY), day.since_open(SELL)
    return only(ratio(buy - sell, buy + sell), day.is_known)


@FEATURES.add(
    Feature(
        "effective_spread_ticks_{seconds}s",
        doc=(
            "Effective spread: sum v 2 d (p - m_before) / sum v / tick over trades with an "
            "aggressor; m_before is the mid of the book in the trade record. A trade whose record "
            "shows no valid quote is left out."
        ),
        unit="ticks",
        window="{seconds} s",
        null_rule=(
            "Null if no trade with an aggressor, or if more than 10 % of the window is unknown."
        ),
        mirror=EVEN,
        source="Huang & Stoll 1996",
        each={"seconds": (60,)},
    )
)
def effective_spread_ticks(day: DaySeconds, seconds: int) -> F64:
    """Return ``sum v 2 d (p - m_before) / sum v``, ticks, over sided trades.

    ``m_before`` is the mid of the book in the trade's own record; trades whose record shows no
    valid quote are left out. NaN without such a trade.
    """
    spread = ratio(day.window(EFFECTIVE, seconds), day.window(EFFECTIVE_VOLUME, seconds))
    return only(spread, day.is_window_known(seconds))


@FEATURES.add(
    Feature(
        "realized_spread_5s_ticks_{seconds}s",
        doc=(
            "Realized spread at five seconds: sum v 2 d (p - m_{+5s}) / sum v / tick over trades "
            "with an aggressor aged 5 s to 65 s; m_{+5s} is the mid of the last complete book "
            "with ts_recv before the trade time + 5 s. A trade without a valid quote five seconds "
            "later is left out."
        ),
        unit="ticks",
        window="{seconds} s that end 5 s before ts",
        null_rule=(
            "Null if no trade with an aggressor, or if more than 10 % of the window is unknown."
        ),
        mirror=EVEN,
        source="Huang & Stoll 1996",
        each={"seconds": (60,)},
    )
)
def realized_spread_ticks(day: DaySeconds, seconds: int) -> F64:
    """Return ``sum v 2 d (p - m_{+5s}) / sum v``, ticks, over sided trades aged 5 s and more.

    The trades are those of ``[ts - 5 s - seconds, ts - 5 s)``, counted in the second in which
    ``m_{+5s}`` is known: the mid of the last complete book before the trade's time plus five
    seconds. Trades without a valid quote then are left out.
    """
    spread = ratio(day.window(REALIZED, seconds), day.window(REALIZED_VOLUME, seconds))
    return only(spread, day.is_window_known(seconds, lag=_REALIZED_LAG_SECONDS))
