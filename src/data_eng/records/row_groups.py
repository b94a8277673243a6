"""The row groups of a table of events, told apart by their times.

Here alone receive times are made to never fall (`records.clock`), for whatever reads records.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Final

import pyarrow as pa

from ..lake.table import Table
from .clock import RECEIVED, forwarded

_BEFORE_ALL: Final = -(2**63)


class RowGroups:
    """The row groups of a partition's file, some columns of them.

    A row's ``ts_recv`` is that of the latest row up to it.

    Parameters
    ----------
    table : Table
    columns : sequence of str
    """

    def __init__(self, table: Table, columns: Sequence[str]) -> None:
        self.where = str(table.partition)
        self._columns = list(columns)
        self._table = table
        self._times = [table.min_max(n, RECEIVED) for n in range(table.row_groups)]
        self._reached = [_BEFORE_ALL, *accumulate((last for _, last in self._times), max)]
        self._rows = [table.source.footer.row_groups[n].num_rows for n in range(table.row_groups)]

    def __len__(self) -> int:
        return len(self._times)

    def last_ns(self) -> int | None:
        """Return the latest ``ts_recv`` of the file, ns since epoch, None without rows."""
        return self._reached[-1] if self._times else None

    def tables(self, before_ns: int | None = None) -> Iterator[pa.Table]:
        """Yield the row groups in order, up to the first whose rows are all at or after a time."""
        for index, (first, _) in enumerate(self._times):
            if before_ns is not None and max(first, self._reached[index]) >= before_ns:
                return
            yield self._read(index)

    def between(self, start_ns: int, end_ns: int) -> Iterator[tuple[int, pa.Table]]:
        """Yield the row groups with rows of ``[start_ns, end_ns)``, each after its first row."""
        first_row = 0
        for index, (first, _) in enumerate(self._times):
            if max(first, self._reached[index]) >= end_ns:
                return
            if self._reached[index + 1] >= start_ns:
                yield first_row, self._read(index)
            first_row += self._rows[index]

    def _read(self, index: int) -> pa.Table:
        table = self._table.read_row_group(index, self._columns)
        return forwarded(table, self._reached[index])
