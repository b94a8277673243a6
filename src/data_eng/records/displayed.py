"""The table of displayed sizes: written from a scan, read back as arrays in ticks."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from ..arrays import arrow_array
from ..catalogue.contract import Contract
from ..features.book.displayed_sizes import DisplayedSizes
from ..features.book.second_sums import SECOND_NS
from ..lake.encoding import ROW_GROUP_ROWS
from ..lake.part import PartWriter
from ..lake.table import Table
from .arrow_columns import values
from .ticks import ticks_of

_SUMS = ("added", "cancelled", "size_ns", "band_flow", "band_size_ns")


class DisplayedWriter:
    """Writes displayed sizes in row groups of fixed size, as a scan hands them out.

    Parameters
    ----------
    writer : PartWriter
    contract : Contract
    start_ns : int, ns since epoch UTC
        Start of the scan.
    tick_size : float, dollars
    """

    def __init__(
        self, writer: PartWriter, contract: Contract, start_ns: int, tick_size: float
    ) -> None:
        self._writer = writer
        self._schema = contract.arrow_schema
        self._start_ns, self._tick_size = start_ns, tick_size
        self._waiting: list[pa.RecordBatch] = []
        self._rows = 0

    def add(self, rows: DisplayedSizes) -> None:
        """Take the next rows."""
        if len(rows.second):
            self._waiting.append(self._batch(rows))
            self._rows += len(rows.second)
        while self._rows >= ROW_GROUP_ROWS:
            self._write(ROW_GROUP_ROWS)

    def finish(self) -> None:
        """Write what is left."""
        if self._rows:
            self._write(self._rows)

    def _write(self, count: int) -> None:
        table = pa.Table.from_batches(self._waiting, self._schema)
        self._writer.write(table.slice(0, count).combine_chunks().to_batches()[0])
        rest = table.slice(count)
        self._waiting = rest.to_batches()
        self._rows = len(rest)

    def _batch(self, rows: DisplayedSizes) -> pa.RecordBatch:
        columns = {
            "ts": self._start_ns + rows.second.astype(np.int64) * SECOND_NS,
            "price": rows.price * self._tick_size,
            **{name: getattr(rows, name) for name in _SUMS},
        }
        arrays = [arrow_array(columns[field.name], field.type) for field in self._schema]
        return pa.RecordBatch.from_arrays(arrays, schema=self._schema)


def read_displayed(table: Table, tick_size: float, start_ns: int) -> DisplayedSizes:
    """Return the displayed sizes of a partition; seconds count from ``start_ns``."""
    rows = table.read()
    second = (values(rows["ts"], np.int64) - start_ns) // SECOND_NS if len(rows) else np.zeros(0)
    price = ticks_of(rows["price"], tick_size, "price", (str(table.partition), 0))
    sums = [values(rows[name], np.int64) for name in _SUMS]
    return DisplayedSizes(second.astype(np.int32), price, *sums)
