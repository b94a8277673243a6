"""The table of trades: every T record as delivered."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .book_rules import counts_as_trade
from .quote_records import QuoteRecords
from .record_chunk import BUY_AGGRESSOR, FLAG_SNAPSHOT, SELL_AGGRESSOR, TRADE


class Trades(NamedTuple):
    """T records in file order, snapshot ones among them.

    Attributes
    ----------
    ts_recv : int64 array, shape (n,), ns since epoch UTC
        Made non-decreasing.
    ts_event : int64 array, shape (n,), ns since epoch UTC
    record : int64 array, shape (n,)
        Row in the table of records.
    price : int32 array, shape (n,), ticks
        `NO_PRICE` where undefined.
    size : int32 array, shape (n,), contracts
        -1 where undefined.
    side : uint8 array, shape (n,)
        The aggressor's letter as ASCII code.
    is_snapshot : bool array, shape (n,)
    bid, ask : int32 array, shape (n,), ticks
        Best prices of the record itself, so before the trade.
    """

    ts_recv: npt.NDArray[np.int64]
    ts_event: npt.NDArray[np.int64]
    record: npt.NDArray[np.int64]
    price: npt.NDArray[np.int32]
    size: npt.NDArray[np.int32]
    side: npt.NDArray[np.uint8]
    is_snapshot: npt.NDArray[np.bool_]
    bid: npt.NDArray[np.int32]
    ask: npt.NDArray[np.int32]

    @property
    def sign(self) -> npt.NDArray[np.int64]:
        """1 for a buy aggressor, -1 for a sell, 0 for none, shape (n,)."""
        is_buy, is_sell = self.side == BUY_AGGRESSOR, self.side == SELL_AGGRESSOR
        return np.asarray(is_buy.astype(np.int64) - is_sell, np.int64)


class TradeReader:
    """Takes the trades out of a day's records, chunk by chunk."""

    def __init__(self) -> None:
        self._records = 0

    def add(self, records: QuoteRecords) -> Trades:
        """Return the T records of the next records."""
        rows = np.flatnonzero(records.action == TRADE)
        first = self._records
        self._records += len(records.times)
        return Trades(
            ts_recv=records.times[rows],
            ts_event=records.ts_event[rows],
            record=rows + first,
            price=records.price[rows],
            size=records.size[rows],
            side=records.side[rows],
            is_snapshot=records.flags[rows] & FLAG_SNAPSHOT != 0,
            bid=records.bid[rows],
            ask=records.ask[rows],
        )


def counted_trades(trades: Trades) -> Trades:
    """Return the rows that count as trades, see `counts_as_trade`."""
    counts = counts_as_trade(trades.price, trades.size, trades.is_snapshot)
    return Trades(*(column[counts] for column in trades))


def joined(parts: list[Any]) -> Any:
    """Return rows that follow each other, one or more tuples of one kind, as one tuple."""
    return type(parts[0])(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
