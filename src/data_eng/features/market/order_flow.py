"""Order flow: imbalance, adds, cancels, message rates. Float64, shape (m,), NaN where missing."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..book.day_seconds import F64, DaySeconds, only, ratio
from ..book.record_chunk import BOOK_LEVELS
from ..book.second_sums import (
    ADD_ASK,
    ADD_BID,
    CANCEL_ASK,
    CANCEL_BID,
    CHANGES,
    DEPTH_L1,
    DEPTH_L10,
    FULL_NS,
    MESSAGES,
    OFI_L1,
    OFI_L10,
    ORDERS,
    SECOND_NS,
    SPREAD_NS,
    TRADES,
    VALID_NS,
)


def time_weighted_quoted_spread_ticks(day: DaySeconds, seconds: int) -> F64:
    """Return the integral of the spread over valid time, over that time, ticks.

    NaN if the quote is valid for less than half of the window.
    """
    valid = day.window(VALID_NS, seconds)
    spread = ratio(day.window(SPREAD_NS, seconds), valid)
    return only(spread, 2 * valid >= seconds * SECOND_NS)


def order_flow_imbalance_l1(day: DaySeconds, seconds: int) -> F64:
    """Return ``OFI_1`` over the mean depth of level 1 per side; NaN without a change of the book.

    The depth is the mean over the window's changes of ``(Qb1 + Qa1) / 2`` after the change (Cont,
    Kukanov & Stoikov 2014).
    """
    depth = ratio(day.window(DEPTH_L1, seconds), 2 * day.window(CHANGES, seconds))
    return ratio(day.window(OFI_L1, seconds), depth)


def order_flow_imbalance_l10(day: DaySeconds, seconds: int) -> F64:
    """Return the mean of ``OFI_1..10`` over the mean depth per level and side.

    NaN if the valid book shows ten levels on both sides for less than 90 % of the window.
    """
    per_level = 2 * BOOK_LEVELS * day.window(CHANGES, seconds)
    depth = ratio(day.window(DEPTH_L10, seconds), per_level)
    flow = day.window(OFI_L10, seconds) / BOOK_LEVELS
    return only(ratio(flow, depth), _is_most(day, FULL_NS, seconds))


def limit_order_add_volume(day: DaySeconds, seconds: int) -> F64:
    """Return what was added at visible prices, contracts; NaN if invalid for over 10 %."""
    added = day.window(ADD_BID, seconds) + day.window(ADD_ASK, seconds)
    return only(added, _is_most(day, VALID_NS, seconds))


def limit_order_add_imbalance(day: DaySeconds, seconds: int) -> F64:
    """Return ``(add_bid - add_ask) / (add_bid + add_ask)``; NaN without an add."""
    bid, ask = day.window(ADD_BID, seconds), day.window(ADD_ASK, seconds)
    return ratio(bid - ask, bid + ask)


def cancel_volume(day: DaySeconds, seconds: int) -> F64:
    """Return what was cancelled at visible prices, contracts; NaN if invalid for over 10 %."""
    cancelled = day.window(CANCEL_BID, seconds) + day.window(CANCEL_ASK, seconds)
    return only(cancelled, _is_most(day, VALID_NS, seconds))


def cancel_imbalance(day: DaySeconds, seconds: int) -> F64:
    """Return ``(cancel_ask - cancel_bid) / (cancel_ask + cancel_bid)``; NaN without a cancel."""
    bid, ask = day.window(CANCEL_BID, seconds), day.window(CANCEL_ASK, seconds)
    return ratio(ask - bid, ask + bid)


def order_to_trade_ratio(day: DaySeconds, seconds: int) -> F64:
    """Return (A records + C and M records that are no fills) / T records; NaN without a trade."""
    return ratio(day.window(ORDERS, seconds), day.window(TRADES, seconds))


def message_rate(day: DaySeconds, seconds: int) -> F64:
    """Return records with F_LAST per second; NaN if the window reaches before the first record."""
    return only(day.window(MESSAGES, seconds) / seconds, day.is_covered(seconds))


def _is_most(day: DaySeconds, field: int, seconds: int) -> npt.NDArray[np.bool_]:
    return np.asarray(10 * day.window(field, seconds) >= 9 * seconds * SECOND_NS, np.bool_)
