"""Trades: volume, size, sign, and what they paid. Float64, shape (m,), NaN where missing."""

from __future__ import annotations

import numpy as np

from ..book.day_seconds import F64, I64, DaySeconds, only, ratio
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


def volume(day: DaySeconds, seconds: int) -> F64:
    """Return ``sum v`` over the window, contracts; NaN if it reaches before the first record."""
    return only(day.window(VOLUME, seconds), day.is_covered(seconds))


def window_volume(volume: I64, ends: I64, seconds: int, first_second: int) -> F64:
    """Return the volume of windows of another session, as `volume` gives it for its own.

    Parameters
    ----------
    volume : int64 array, shape (n,), contracts
        By second, `second_sums.VOLUME`.
    ends : int64 array, shape (m,)
        Ends of the windows, seconds from the start of ``volume``.
    seconds : int
        Length of the windows.
    first_second : int
        First whole second after which the session has records throughout: that of its first
        record, rounded up.

    Returns
    -------
    float64 array, shape (m,), contracts
        NaN where a window begins before ``first_second``.
    """
    total = np.append(0, np.cumsum(volume))
    begins = ends - seconds
    sums = total[ends] - total[np.maximum(begins, 0)]
    return only(sums, begins >= first_second)


def relative_volume(volume_now: F64, prior: F64, min_sessions: int) -> F64:
    """Return volume over its mean at the same clock time of prior sessions.

    Parameters
    ----------
    volume_now : float64 array, shape (m,)
    prior : float64 array, shape (sessions, m)
        Volume of the same window, NaN where missing.
    min_sessions : int
        NaN where fewer sessions have a value, or their mean is 0.
    """
    is_there = ~np.isnan(prior)
    count = is_there.sum(axis=0)
    mean = ratio(np.where(is_there, prior, 0.0).sum(axis=0), count)
    return only(ratio(volume_now, mean), count >= min_sessions)


def average_trade_size(day: DaySeconds, seconds: int) -> F64:
    """Return ``sum v / trades`` over the window, contracts per trade; NaN without a trade."""
    return ratio(day.window(VOLUME, seconds), day.window(TRADES, seconds))


def trade_flow_imbalance(day: DaySeconds, seconds: int) -> F64:
    """Return ``sum d v / sum |d| v`` over the window; NaN without sided volume."""
    buy, sell = day.window(BUY, seconds), day.window(SELL, seconds)
    return ratio(buy - sell, buy + sell)


def cumulative_trade_flow_imbalance_rth(day: DaySeconds) -> F64:
    """Return ``sum d v / sum |d| v`` since 09:30 ET; NaN until the first sided trade."""
    buy, sell = day.since_open(BUY), day.since_open(SELL)
    return ratio(buy - sell, buy + sell)


def effective_spread_ticks(day: DaySeconds, seconds: int) -> F64:
    """Return ``sum v 2 d (p - m_before) / sum v``, ticks, over sided trades.

    ``m_before`` is the mid of the book in the trade's own record; trades whose record shows no
    valid quote are left out. NaN without such a trade.
    """
    return ratio(day.window(EFFECTIVE, seconds), day.window(EFFECTIVE_VOLUME, seconds))


def realized_spread_ticks(day: DaySeconds, seconds: int) -> F64:
    """Return ``sum v 2 d (p - m_{+5s}) / sum v``, ticks, over sided trades aged 5 s and more.

    The trades are those of ``[ts - 5 s - seconds, ts - 5 s)``, counted in the second in which
    ``m_{+5s}`` is known: the mid of the last complete book before the trade's time plus five
    seconds. Trades without a valid quote then are left out.
    """
    return ratio(day.window(REALIZED, seconds), day.window(REALIZED_VOLUME, seconds))
