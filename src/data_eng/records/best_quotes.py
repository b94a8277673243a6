"""The table of best quotes: written from records, read back as arrays in ticks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pyarrow as pa

from ..arrays import arrow_array
from ..catalogue.contract import Contract
from ..features.book.best_quotes import BestQuotes
from ..features.book.quote_records import QuoteRecords
from ..lake.table import Table
from .arrow_columns import flags, letters, sizes, values
from .row_groups import RowGroups
from .ticks import dollars_of, ticks_of

_PRICES: Final = ("price", "bid_px_00", "ask_px_00", "bid_px_09", "ask_px_09")
_COLUMNS: Final = ("ts_recv", "ts_event", "action", "side", "flags", "size", *_PRICES)
_QUOTED: Final = ("bid", "ask", "lowest", "highest")


class QuoteRecordGroups:
    """The few columns of records that best quotes come from, a row group at a time.

    Parameters
    ----------
    table : Table
        Of MBP-10 records.
    tick_size : float, dollars
    """

    def __init__(self, table: Table, tick_size: float) -> None:
        self.groups = RowGroups(table, _COLUMNS)
        self._tick_size = tick_size

    def __iter__(self) -> Iterator[QuoteRecords]:
        """Yield the records in order; raises `ContractError` where a price is off the tick."""
        first_row = 0
        for rows in self.groups.tables():
            where = (self.groups.where, first_row)
            price, bid, ask, tenth_bid, tenth_ask = (
                ticks_of(rows[name], self._tick_size, name, where) for name in _PRICES
            )
            yield QuoteRecords(
                times=values(rows["ts_recv"], np.int64),
                ts_event=values(rows["ts_event"], np.int64),
                action=letters(rows["action"]),
                side=letters(rows["side"]),
                flags=values(rows["flags"], np.int32),
                price=price,
                size=sizes(rows["size"]),
                bid=bid,
                ask=ask,
                tenth_bid=tenth_bid,
                tenth_ask=tenth_ask,
            )
            first_row += len(rows)


def quote_batch(quotes: BestQuotes, tick_size: float, contract: Contract) -> pa.RecordBatch:
    """Return rows of the table of best quotes."""
    schema = contract.arrow_schema
    arrays = []
    for field in schema:
        column = getattr(quotes, field.name)
        if field.name in _QUOTED:
            prices, missing = dollars_of(column, tick_size)
            arrays.append(arrow_array(prices, field.type, missing))
        else:
            arrays.append(arrow_array(np.ascontiguousarray(column), field.type))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def read_best_quotes(table: Table, tick_size: float, before_ns: int | None = None) -> BestQuotes:
    """Return the best quotes of a partition, those of row groups that begin before a time.

    Parameters
    ----------
    table : Table
        Of best quotes.
    tick_size : float, dollars
    before_ns : int, optional
        ns since epoch UTC.
    """
    names = BestQuotes._fields
    groups = RowGroups(table, names)
    parts = []
    first_row = 0
    for rows in groups.tables(before_ns):
        where = (groups.where, first_row)
        found: dict[str, Any] = {n: ticks_of(rows[n], tick_size, n, where) for n in _QUOTED}
        found |= {n: values(rows[n], np.int64) for n in ("ts_recv", "record", "changes")}
        found["is_valid"] = flags(rows["is_valid"])
        parts.append(BestQuotes(**found))
        first_row += len(rows)
    if not parts:
        times, ticks = np.zeros(0, np.int64), np.zeros(0, np.int32)
        flag = np.zeros(0, np.bool_)
        return BestQuotes(times, times, ticks, ticks, ticks, ticks, flag, times)
    return BestQuotes(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
