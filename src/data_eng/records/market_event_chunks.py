"""The trades and mids of a published MBP-10 partition, a row group at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..errors import ContractError
from ..features.book.best_quotes import QuoteReader
from ..features.book.day_seconds import I64
from ..features.book.quote_records import QuoteRecords
from ..features.book.record_chunk import to_ticks
from ..features.book.trades import TradeReader
from ..features.outcome.market_events import MarketEvents, market_events
from ..lake.table import Table
from .mbp10_arrays import RowGroups, dollars, letters, sizes, values

_PRICES: Final = ("price", "bid_px_00", "ask_px_00", "bid_px_09", "ask_px_09")
_COLUMNS: Final = ("ts_recv", "ts_event", "action", "side", "flags", "size", *_PRICES)


class MarketEventChunks:
    """Reads the few columns that trades and mids come from.

    Parameters
    ----------
    records : Table
        Of MBP-10 records.
    tick_size : float, dollars
    """

    def __init__(self, records: Table, tick_size: float) -> None:
        self.groups = RowGroups(records, _COLUMNS)
        self._tick_size = tick_size
        self._trades, self._quotes = TradeReader(), QuoteReader()

    def last_ns(self) -> int:
        """Return the time of the last record, ns since epoch UTC; 0 without one."""
        return self.groups.last_ns() or 0

    def chunks(self, before_ns: int) -> Iterator[MarketEvents]:
        """Yield the events in order, at least those before a time.

        Raises
        ------
        ContractError
            A price is no whole number of ticks.
        """
        last_ns = first_row = 0
        for table in self.groups.tables(before_ns):
            if not len(table):
                continue
            times = np.maximum(np.maximum.accumulate(values(table["ts_recv"], np.int64)), last_ns)
            last_ns = int(times[-1])
            yield self._events(table, times, first_row)
            first_row += len(table)

    def _events(self, table: pa.Table, times: I64, first_row: int) -> MarketEvents:
        price, bid, ask, tenth_bid, tenth_ask = (
            self._ticks(table[name], name, first_row) for name in _PRICES
        )
        records = QuoteRecords(
            times=times,
            ts_event=values(table["ts_event"], np.int64),
            action=letters(table["action"]),
            side=letters(table["side"]),
            flags=values(table["flags"], np.int32),
            price=price,
            size=sizes(table["size"]),
            bid=bid,
            ask=ask,
            tenth_bid=tenth_bid,
            tenth_ask=tenth_ask,
        )
        return market_events(self._trades.add(records), self._quotes.add(records))

    def _ticks(self, column: pa.ChunkedArray, name: str, first_row: int) -> npt.NDArray[np.int32]:
        prices = dollars(column)
        ticks = np.empty(len(prices), np.int32)
        wrong = to_ticks(prices, self._tick_size, ticks)
        if wrong >= 0:
            raise ContractError(
                f"{self.groups.where}: field {name}, row {first_row + wrong}: {prices[wrong]} is "
                f"no whole number of ticks of {self._tick_size}; nothing was published"
            )
        return ticks
