"""The row groups of a table of events, told apart by their times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa

from ..lake.table import Table


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
