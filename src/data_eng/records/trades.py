"""The table of trades: written from records, read back as arrays in ticks."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..arrays import arrow_array
from ..catalogue.contract import Contract
from ..features.book.book_rules import counts_as_trade
from ..features.book.record_chunk import FLAG_SNAPSHOT, NO_PRICE, TRADE
from ..features.book.trades import Trades
from ..lake.table import Table
from .arrow_columns import flags, letters, nulls, sizes, values
from .row_groups import RowGroups
from .ticks import ticks_of

SOURCE_COLUMNS: Final = (
    "ts_recv", "ts_event", "action", "side", "flags", "price", "size", "bid_px_00", "ask_px_00",
)  # fmt: skip
_KEPT: Final = {
    "ts_recv": "ts_recv",
    "ts_event": "ts_event",
    "price": "price",
    "size": "size",
    "side": "side",
    "bid_px_00": "bid",
    "ask_px_00": "ask",
}


class TradeRows:
    """Takes the T records out of row groups of records, as they are delivered.

    Parameters
    ----------
    contract : Contract
        Of the trades' table.
    """

    def __init__(self, contract: Contract) -> None:
        self._schema = contract.arrow_schema
        self._records = 0

    def take(self, records: pa.Table) -> pa.RecordBatch:
        """Return the trades of the next row group, as `RowGroups` gives it."""
        rows = np.flatnonzero(letters(records["action"]) == TRADE)
        index = arrow_array(rows, pa.int64())
        columns = {new: records[old].combine_chunks().take(index) for old, new in _KEPT.items()}
        columns["record"] = arrow_array(rows + self._records, pa.int64())
        bits = values(records["flags"], np.int32)[rows]
        columns["is_snapshot"] = arrow_array(bits & FLAG_SNAPSHOT != 0, pa.bool_())
        self._records += len(records)
        return pa.RecordBatch.from_arrays(
            [columns[field.name] for field in self._schema], schema=self._schema
        )


COUNTED_COLUMNS: Final = ("ts_recv", "price", "size", "is_snapshot")
"""What `counted_rows` looks at, and when."""


def counted_rows(table: pa.Table) -> npt.NDArray[np.intp]:
    """Return which rows of trades count, see `features.book.book_rules.counts_as_trade`."""
    price = np.where(nulls(table["price"]), NO_PRICE, 0)
    is_snapshot = flags(table["is_snapshot"])
    return np.flatnonzero(counts_as_trade(price, sizes(table["size"]), is_snapshot))


def read_trades(table: Table, tick_size: float, before_ns: int | None = None) -> Trades:
    """Return the trades of a partition, those of row groups that begin before a time.

    Parameters
    ----------
    table : Table
        Of trades.
    tick_size : float, dollars
    before_ns : int, optional
        ns since epoch UTC.

    Raises
    ------
    ContractError
        A price is no whole number of ticks.
    """
    names = ("ts_recv", "ts_event", "record", "price", "size", "side", "is_snapshot", "bid", "ask")
    groups = RowGroups(table, names)
    parts = []
    first_row = 0
    for rows in groups.tables(before_ns):
        where = (groups.where, first_row)
        price, bid, ask = (ticks_of(rows[n], tick_size, n, where) for n in ("price", "bid", "ask"))
        parts.append(
            Trades(
                ts_recv=values(rows["ts_recv"], np.int64),
                ts_event=values(rows["ts_event"], np.int64),
                record=values(rows["record"], np.int64),
                price=price,
                size=sizes(rows["size"]),
                side=letters(rows["side"]),
                is_snapshot=flags(rows["is_snapshot"]),
                bid=bid,
                ask=ask,
            )
        )
        first_row += len(rows)
    return joined_trades(parts)


def joined_trades(parts: list[Trades]) -> Trades:
    """Return trades that follow each other as one; without any, none."""
    if not parts:
        times, ticks = np.zeros(0, np.int64), np.zeros(0, np.int32)
        letter, flag = np.zeros(0, np.uint8), np.zeros(0, np.bool_)
        return Trades(times, times, times, ticks, ticks, letter, flag, ticks, ticks)
    return Trades(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
