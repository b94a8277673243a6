"""State of the book at the row: spread, depth, imbalance, slope, cost of a round trip.

Every function takes books, int32 array, shape (m, 60): the last complete book with
``ts_recv < ts``, prices in ticks, `NO_PRICE` for an empty level; and gives float64, shape (m,).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..book.day_seconds import F64, I32, only, ratio
from ..book.record_chunk import (
    ASK_CT,
    ASK_PX,
    ASK_SZ,
    BID_CT,
    BID_PX,
    BID_SZ,
    BOOK_LEVELS,
    NO_PRICE,
)


def quoted_spread_ticks(books: I32) -> F64:
    """Return ``(Pa1 - Pb1) / tick``; NaN if one-sided, locked or crossed."""
    spread = books[:, ASK_PX].astype(np.int64) - books[:, BID_PX]
    return only(spread, _has_levels(books, 1) & (spread > 0))


def total_depth(books: I32, levels: int) -> F64:
    """Return the sum of ``Qbk + Qak`` over ``k <= levels``; NaN with fewer levels on a side."""
    bid, ask = _sums(books, levels, BID_SZ, ASK_SZ)
    return only(bid + ask, _has_levels(books, levels))


def order_book_imbalance(books: I32, levels: int) -> F64:
    """Return ``(sum Qbk - sum Qak) / (sum Qbk + sum Qak)``, ``k <= levels``; NaN as depth."""
    bid, ask = _sums(books, levels, BID_SZ, ASK_SZ)
    return only(ratio(bid - ask, bid + ask), _has_levels(books, levels))


def order_count_imbalance(books: I32) -> F64:
    """Return ``(sum Nbk - sum Nak) / (sum Nbk + sum Nak)`` over ten levels; NaN as depth."""
    bid, ask = _sums(books, BOOK_LEVELS, BID_CT, ASK_CT)
    return only(ratio(bid - ask, bid + ask), _has_levels(books, BOOK_LEVELS))


def average_resting_order_size(books: I32) -> F64:
    """Return ``sum (Qbk + Qak) / sum (Nbk + Nak)`` over ten levels; NaN as depth."""
    bid, ask = _sums(books, BOOK_LEVELS, BID_SZ, ASK_SZ)
    bid_orders, ask_orders = _sums(books, BOOK_LEVELS, BID_CT, ASK_CT)
    return only(ratio(bid + ask, bid_orders + ask_orders), _has_levels(books, BOOK_LEVELS))


def order_book_slopes(books: I32) -> tuple[F64, F64]:
    """Return the slope of the bid and of the ask side (Naes & Skjeltorp 2006).

    ``SE = 1/10 (v_1 / |p_1/m - 1| + sum_{k=1..9} (v_{k+1}/v_k - 1) / |p_{k+1}/p_k - 1|)`` with
    ``v_k`` the natural logarithm of the size accumulated up to level ``k``. Both are NaN with fewer
    than ten levels on a side, without a valid quote, and where either best level holds less than
    two contracts: the logarithm of one is 0, and the next ratio has no value.
    """
    usable = _has_levels(books, BOOK_LEVELS) & (books[:, ASK_PX] > books[:, BID_PX])
    usable &= (books[:, BID_SZ] > 1) & (books[:, ASK_SZ] > 1)
    rows = books[usable].astype(np.float64)
    mid = (rows[:, BID_PX] + rows[:, ASK_PX]) / 2
    slopes = []
    for px, sz in ((BID_PX, BID_SZ), (ASK_PX, ASK_SZ)):
        price, size = rows[:, px : px + BOOK_LEVELS], rows[:, sz : sz + BOOK_LEVELS]
        v = np.log(np.cumsum(size, axis=1))
        first = v[:, 0] / np.abs(price[:, 0] / mid - 1)
        rest = (v[:, 1:] / v[:, :-1] - 1) / np.abs(price[:, 1:] / price[:, :-1] - 1)
        slope = np.full(len(books), np.nan)
        slope[usable] = (first + rest.sum(axis=1)) / BOOK_LEVELS
        slopes.append(slope)
    return slopes[0], slopes[1]


def order_book_slope(books: I32) -> F64:
    """Return the mean of the bid's and the ask's slope; NaN as `order_book_slopes`."""
    bid, ask = order_book_slopes(books)
    return (bid + ask) / 2


def order_book_slope_imbalance(books: I32) -> F64:
    """Return ``(SEb - SEa) / (SEb + SEa)``; NaN as `order_book_slopes`."""
    bid, ask = order_book_slopes(books)
    return ratio(bid - ask, bid + ask)


def round_trip_cost_ticks(books: I32, contracts: int) -> F64:
    """Return the VWAP of buying less that of selling ``contracts`` through the book, ticks.

    NaN where a side shows fewer contracts in its ten levels, or there is no valid quote.
    """
    cost = np.zeros(len(books))
    shown = books[:, ASK_PX].astype(np.int64) > books[:, BID_PX]
    for px, sz, sign in ((ASK_PX, ASK_SZ, 1), (BID_PX, BID_SZ, -1)):
        is_there = books[:, px : px + BOOK_LEVELS] != NO_PRICE
        size = np.where(is_there, books[:, sz : sz + BOOK_LEVELS], 0).astype(np.int64)
        price = np.where(is_there, books[:, px : px + BOOK_LEVELS], 0).astype(np.int64)
        before = np.cumsum(size, axis=1) - size
        taken = np.clip(contracts - before, 0, size)
        shown &= taken.sum(axis=1) == contracts
        cost += sign * (taken * price).sum(axis=1)
    return only(cost / contracts, shown & _has_levels(books, 1))


def _has_levels(books: I32, levels: int) -> npt.NDArray[np.bool_]:
    # Levels are without holes, so the last one tells.
    last = levels - 1
    both = (books[:, BID_PX + last] != NO_PRICE) & (books[:, ASK_PX + last] != NO_PRICE)
    return np.asarray(both, np.bool_)


def _sums(
    books: I32, levels: int, bid: int, ask: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    first, second = (
        books[:, side : side + levels].sum(axis=1, dtype=np.int64) for side in (bid, ask)
    )
    return first, second
