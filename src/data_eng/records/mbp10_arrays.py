"""Records of an MBP-10 table as arrays, a row group at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..errors import ContractError
from ..features.book.level_order import first_out_of_order
from ..features.book.record_chunk import (
    ASK_CT,
    ASK_PX,
    ASK_SZ,
    BID_CT,
    BID_PX,
    BID_SZ,
    BOOK_LEVELS,
    BOOK_VALUES,
    NO_PRICE,
    RecordChunk,
)
from ..lake.table import Table
from .arrow_columns import letters, sizes, values
from .row_groups import RowGroups
from .ticks import ticks_of

_BOOK: Final = {
    "bid_px": BID_PX,
    "ask_px": ASK_PX,
    "bid_sz": BID_SZ,
    "ask_sz": ASK_SZ,
    "bid_ct": BID_CT,
    "ask_ct": ASK_CT,
}
LEVEL_COLUMNS: Final = {
    f"{name}_{k:02d}": first + k for name, first in _BOOK.items() for k in range(BOOK_LEVELS)
}
_RECORD_COLUMNS: Final = ("ts_recv", "ts_event", "action", "side", "flags", "price", "size")
SIZES_FROM: Final = BID_SZ
"""Rows of a book from here on are sizes and counts, those before are prices."""
_PADDING: Final = 1032
"""Columns a multiple of 4 KiB apart would share cache sets and evict each other."""


class RecordChunks:
    """The records of a file as `RecordChunk`, one a row group, in buffers that are used again.

    Parameters
    ----------
    table : Table
        Of MBP-10 records.
    tick_size : float, dollars
    """

    def __init__(self, table: Table, tick_size: float) -> None:
        self.groups = RowGroups(table, (*_RECORD_COLUMNS, *LEVEL_COLUMNS))
        self._tick_size = tick_size
        self._book = np.zeros((BOOK_VALUES, 0), np.int32)
        self._rows = 0

    def chunks(self, before_ns: int) -> Iterator[RecordChunk]:
        """Yield the records in order, at least those before a time; the book is overwritten.

        Raises
        ------
        ContractError
            A price is no whole number of ticks, or levels of a book are out of order.
        """
        for table in self.groups.tables(before_ns):
            yield self._chunk(table)
            self._rows += len(table)

    def _chunk(self, table: pa.Table) -> RecordChunk:
        if self._book.shape[1] < len(table):
            self._book = np.zeros((BOOK_VALUES, len(table) + _PADDING), np.int32)
        for name, row in LEVEL_COLUMNS.items():
            target = self._book[row, : len(table)]
            if row < BID_SZ:
                self._ticks(table[name], target, name)
            else:
                target[:] = values(table[name], np.int32)
        self._require_order(len(table))
        price = np.empty(len(table), np.int32)
        self._ticks(table["price"], price, "price")
        return RecordChunk(
            times=values(table["ts_recv"], np.int64),
            ts_event=values(table["ts_event"], np.int64),
            action=letters(table["action"]),
            side=letters(table["side"]),
            flags=values(table["flags"], np.int32),
            price=price,
            size=sizes(table["size"]),
            book=self._book,
        )

    def _require_order(self, rows: int) -> None:
        # Vendors sort a book by price: one that is not was damaged, and what it says is nothing.
        row, level = first_out_of_order(self._book, rows)
        if row < 0:
            return
        names = {place: name for name, place in LEVEL_COLUMNS.items()}
        price, nearer = (
            "undefined" if one == NO_PRICE else f"{one * self._tick_size:g}"
            for one in (self._book[level, row], self._book[level - 1, row])
        )
        raise ContractError(
            f"{self.groups.where}: field {names[level]}, row {self._rows + row}: {price} is out of "
            f"order behind {names[level - 1]} {nearer}: no book has such levels; nothing was "
            "published; download the raw files of the date again, and build it with --force"
        )

    def _ticks(self, column: pa.ChunkedArray, target: npt.NDArray[np.int32], name: str) -> None:
        ticks_of(column, self._tick_size, name, (self.groups.where, self._rows), target)
