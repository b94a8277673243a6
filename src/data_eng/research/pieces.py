"""What is read at a time: many small partitions, or a part of a large one, the next one ahead."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Final, NamedTuple, TypeVar

import pyarrow as pa

from ..lake.paths import Partition
from ..lake.table import Table
from ..parquet.excerpt import Excerpt

T = TypeVar("T")

_DECODERS: Final = 2
"""Pieces that are decoded at a time."""

_BYTES: Final = 1 << 23
_FILES: Final = 64
"""What is handed over together: bytes as they are stored, more of which would be memory that the
system hands out anew each time, which costs half of their decoding; and files, so that the first
are decoded while the next are opened."""


class Rows(NamedTuple):
    """Some rows: Parquet files of what was verified, and where they are from.

    Attributes
    ----------
    parquet : tuple of bytes
        One file with the columns that were asked for; or those of partitions as they are, with all
        columns but ``symbol`` and ``dt``.
    partitions : tuple of Partition
    counts : tuple of int
        How many rows each partition's own file has; empty for the one file.
    is_last : bool
        Whether no others come after them.
    """

    parquet: tuple[bytes, ...]
    partitions: tuple[Partition, ...]
    counts: tuple[int, ...] = ()
    is_last: bool = False


class Piece:
    """Rows that are handed over together: of row groups, or whole files.

    Parameters
    ----------
    schema, constants : pyarrow.Schema
        As of `Excerpt`.
    most : int
        Rows that one may have.
    """

    def __init__(self, schema: pa.Schema, constants: pa.Schema, most: int) -> None:
        self._schemas, self._most = (schema, constants), most
        self._tables: list[Table] = []
        self._excerpt: Excerpt | None = None
        self._counts: list[int] = []
        self._of_files = self._bytes = 0  # rows and bytes

    @property
    def rows(self) -> int:
        """How many it has."""
        return self._of_files if self._excerpt is None else self._excerpt.rows

    def takes(self, rows: int, *, is_file: bool) -> bool:
        """Tell whether so many more rows, copied or of a file as it is, go with what it has."""
        if self._tables and is_file != bool(self._counts):
            return False
        size = self._bytes if self._excerpt is None else self._excerpt.size
        is_small = size <= _BYTES and len(self._counts) < _FILES
        return not self.rows or (self.rows + rows <= self._most and is_small)

    def add(self, table: Table, index: int | None) -> None:
        """Add a row group, or where it is None the whole of a table whose file is held."""
        self._tables.append(table)
        if index is not None:
            if self._excerpt is None:
                self._excerpt = Excerpt(*self._schemas)
            table.copy(index, self._excerpt)
        else:
            self._counts.append(table.rows)
            self._of_files += table.rows
            self._bytes += len(table.held or b"")

    def confirmed(self, *, is_last: bool = False) -> Rows:
        """Return the rows, once what was held is what it should be; errors as `Table.confirm`."""
        tables = tuple(dict.fromkeys(self._tables))
        for table in tables:
            table.confirm()
        partitions = tuple(table.partition for table in tables)
        if self._excerpt is not None:
            return Rows((self._excerpt.to_bytes(),), partitions, is_last=is_last)
        files = tuple(table.held or b"" for table in tables)
        return Rows(files, partitions, tuple(self._counts), is_last)


def decoded(
    pieces: Generator[Rows, None, None], decode: Callable[[Rows], T]
) -> Generator[T, None, None]:
    """Yield what becomes of pieces, in order; of several, some are decoded while others are read.

    A decoder that uses all processors leaves them to others at its begin and its end.
    """
    with closing(pieces):
        first = next(pieces, None)
        if first is None or first.is_last:
            yield from () if first is None else (decode(first),)
            return
        pool = ThreadPoolExecutor(_DECODERS, "decode")
        coming = deque([pool.submit(decode, first)])
        del first
        try:
            for piece in pieces:
                coming.append(pool.submit(decode, piece))
                if len(coming) > _DECODERS:
                    yield coming.popleft().result()
            while coming:
                yield coming.popleft().result()
        finally:
            # Not waited for: who drops this unfinished may be one of these threads.
            pool.shutdown(wait=False, cancel_futures=True)
