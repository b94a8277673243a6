"""Trades and mids of MBP-10 records, in record order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..book.day_seconds import F64, I64
from ..book.record_chunk import (
    CLEAR,
    F_LAST,
    F_MAYBE_BAD_BOOK,
    F_SNAPSHOT,
    NO_PRICE,
    TRADE,
)


@dataclass(frozen=True)
class MarketEvents:
    """Trades and mids; of one record the trade comes before the mid.

    Attributes
    ----------
    times : int64 array, shape (n,), ns since epoch UTC
        ``ts_recv``, non-decreasing.
    is_trade : bool array, shape (n,)
    value : float64 array, shape (n,), ticks
        Price of a trade, or the mid from then on; NaN where there is no valid quote.
    """

    times: I64
    is_trade: npt.NDArray[np.bool_]
    value: F64


def market_events(
    times: I64,
    action: npt.NDArray[np.uint8],
    flags: npt.NDArray[np.int32],
    price: npt.NDArray[np.int32],
    size: npt.NDArray[np.int32],
    bid: npt.NDArray[np.int32],
    ask: npt.NDArray[np.int32],
) -> MarketEvents:
    """Return the events of records.

    Parameters
    ----------
    times : int64 array, shape (n,), ns since epoch UTC
        Non-decreasing.
    action : uint8 array, shape (n,)
        The letters' ASCII codes.
    flags : int32 array, shape (n,)
    price, bid, ask : int32 array, shape (n,), ticks
        Of the record, and the best quotes; `NO_PRICE` where undefined.
    size : int32 array, shape (n,), contracts
        -1 where undefined.
    """
    is_t = action == TRADE
    is_trade = is_t & (flags & F_SNAPSHOT == 0) & (price != NO_PRICE) & (size >= 0)
    is_lost = (flags & F_MAYBE_BAD_BOOK != 0) | (action == CLEAR)
    is_book = is_lost | (~is_t & (flags & F_LAST != 0))
    is_valid = ~is_lost & (bid != NO_PRICE) & (ask != NO_PRICE) & (ask > bid)
    mid = np.where(is_valid, (bid.astype(np.float64) + ask) / 2, np.nan)
    rows = np.concatenate([np.flatnonzero(is_trade), np.flatnonzero(is_book)])
    trades = int(np.count_nonzero(is_trade))
    order = np.argsort(rows, kind="stable")  # trades stand first, so they stay before their mid
    value = np.concatenate([price[rows[:trades]].astype(np.float64), mid[rows[trades:]]])
    return MarketEvents(times[rows][order], (np.arange(len(rows)) < trades)[order], value[order])
