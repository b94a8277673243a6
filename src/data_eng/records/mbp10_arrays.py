"""Records of an MBP-10 table as arrays, a row group at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..features.book.record_chunk import (
    ASK_CT,
    ASK_PX,
    ASK_SZ,
    BID_CT,
    BID_PX,
    BID_SZ,
    BOOK_LEVELS,
    BOOK_VALUES,
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
            A price is no whole number of ticks.
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

    def _ticks(self, column: pa.ChunkedArray, target: npt.NDArray[np.int32], name: str) -> None:
        ticks_of(column, self._tick_size, name, (self.groups.where, self._rows), target)
