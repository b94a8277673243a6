"""Row groups of an MBP-10 table as arrays, read one at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..errors import ContractError
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
    to_ticks,
)
from ..lake.table import Table

_BOOK: Final = {
    "bid_px": BID_PX,
    "ask_px": ASK_PX,
    "bid_sz": BID_SZ,
    "ask_sz": ASK_SZ,
    "bid_ct": BID_CT,
    "ask_ct": ASK_CT,
}
_LEVEL_COLUMNS: Final = {
    f"{name}_{k:02d}": first + k for name, first in _BOOK.items() for k in range(BOOK_LEVELS)
}
_RECORD_COLUMNS: Final = ("ts_recv", "ts_event", "action", "side", "flags", "price", "size")
_PADDING: Final = 1032
"""Columns a multiple of 4 KiB apart would share cache sets and evict each other."""


class RowGroups:
    """The row groups of a partition's file, some columns of them.

    Parameters
    ----------
    table : Table
    columns : sequence of str
    """

    def __init__(self, table: Table, columns: Sequence[str]) -> None:
        self.where = str(table.partition)
        self._columns = list(columns)
        self._table = table
        self._times = [table.min_max(n, "ts_recv") for n in range(table.row_groups)]
        self._rows = [table.source.footer.row_groups[n].num_rows for n in range(table.row_groups)]

    def __len__(self) -> int:
        return len(self._times)

    def last_ns(self) -> int | None:
        """Return the latest ``ts_recv`` of the file, ns since epoch, None without rows."""
        return max(last for _, last in self._times) if self._times else None

    def tables(self, before_ns: int | None = None) -> Iterator[pa.Table]:
        """Yield the row groups in order, up to the first whose rows are all at or after a time."""
        for index, (first, _) in enumerate(self._times):
            if before_ns is not None and first >= before_ns:
                return
            yield self._read(index)

    def between(self, start_ns: int, end_ns: int) -> Iterator[tuple[int, pa.Table]]:
        """Yield the row groups with rows of ``[start_ns, end_ns)``, each after its first row.

        A row's time is that of the latest row up to it: times may fall.
        """
        first_row, reached_ns = 0, start_ns - 1
        for index, (first, last) in enumerate(self._times):
            if max(first, reached_ns) >= end_ns:
                return
            reached_ns = max(reached_ns, last)
            if reached_ns >= start_ns:
                yield first_row, self._read(index)
            first_row += self._rows[index]

    def _read(self, index: int) -> pa.Table:
        return self._table.read_row_group(index, self._columns)


class RecordChunks:
    """The records of a file as `RecordChunk`, one a row group, in buffers that are used again.

    Parameters
    ----------
    table : Table
        Of MBP-10 records.
    tick_size : float, dollars
    """

    def __init__(self, table: Table, tick_size: float) -> None:
        self.groups = RowGroups(table, (*_RECORD_COLUMNS, *_LEVEL_COLUMNS))
        self._tick_size = tick_size
        self._book = np.zeros((BOOK_VALUES, 0), np.int32)
        self._last_ns = 0
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
        for name, row in _LEVEL_COLUMNS.items():
            target = self._book[row, : len(table)]
            if row < BID_SZ:
                self._ticks(table[name], target, name)
            else:
                target[:] = values(table[name], np.int32)
        price = np.empty(len(table), np.int32)
        self._ticks(table["price"], price, "price")
        times = np.maximum.accumulate(values(table["ts_recv"], np.int64))
        times = np.maximum(times, self._last_ns)
        self._last_ns = int(times[-1]) if len(times) else self._last_ns
        return RecordChunk(
            times=times,
            ts_event=values(table["ts_event"], np.int64),
            action=letters(table["action"]),
            side=letters(table["side"]),
            flags=values(table["flags"], np.int32),
            price=price,
            size=sizes(table["size"]),
            book=self._book,
        )

    def _ticks(self, column: pa.ChunkedArray, target: npt.NDArray[np.int32], name: str) -> None:
        prices = dollars(column)
        wrong = to_ticks(prices, self._tick_size, target)
        if wrong >= 0:
            raise ContractError(
                f"{self.groups.where}: field {name}, row {self._rows + wrong}: {prices[wrong]} is "
                f"no whole number of ticks of {self._tick_size}; nothing was published"
            )


def values(column: pa.ChunkedArray, dtype: Any) -> npt.NDArray[Any]:
    """Return a fixed-width column without nulls, shape (n,); shared where it is one chunk."""
    parts = [_values(chunk, dtype) for chunk in column.chunks]
    return parts[0] if len(parts) == 1 else np.concatenate(parts, dtype=dtype)


def dollars(column: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    """Return a float64 column, shape (n,), NaN where null."""
    found = values(column, np.float64)
    if column.null_count:
        found = found.copy()
        found[nulls(column)] = np.nan
    return found


def sizes(column: pa.ChunkedArray) -> npt.NDArray[np.int32]:
    """Return an int32 column, shape (n,), -1 where null."""
    found = values(column, np.int32)
    if column.null_count:
        found = found.copy()
        found[nulls(column)] = -1
    return found


def letters(column: pa.ChunkedArray) -> npt.NDArray[np.uint8]:
    """Return a dictionary column of single letters as ASCII codes, shape (n,)."""
    parts = []
    for chunk in column.chunks:  # each with its dictionary, in an order of its own
        codes = np.array([ord(letter) for letter in chunk.dictionary.to_pylist()], np.uint8)
        parts.append(codes[_values(chunk.indices, np.int32)])
    return parts[0] if len(parts) == 1 else np.concatenate(parts, dtype=np.uint8)


def nulls(column: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    """Return where a column is null, shape (n,)."""
    parts = []
    for chunk in column.chunks:
        validity = chunk.buffers()[0]
        if validity is None:
            parts.append(np.zeros(len(chunk), np.bool_))
            continue
        bits = np.unpackbits(np.frombuffer(validity, np.uint8), bitorder="little")
        parts.append(bits[chunk.offset : chunk.offset + len(chunk)] == 0)
    return np.concatenate(parts) if parts else np.zeros(0, np.bool_)


def _values(chunk: pa.Array, dtype: Any) -> npt.NDArray[Any]:
    return np.frombuffer(chunk.buffers()[1], dtype)[chunk.offset : chunk.offset + len(chunk)]
