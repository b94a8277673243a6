"""Selected rows as row groups: filled, written, and looked at for when they were received."""

from __future__ import annotations

import queue
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..errors import InputError
from ..exchange.products import watched_window
from ..lake.part import ENCODER_THREADS, PartWriter
from ..lake.paths import Partition
from .coverage import SECOND_NS, Coverage, StepBackError

Rows = npt.NDArray[np.uint64]


class Columns(Protocol):
    """The rows of one row group while it is filled."""

    capacity: int
    rows: int

    @property
    def times(self) -> npt.NDArray[np.int64]:
        """``ts_recv`` of the rows, ns since epoch UTC."""

    def append(self, block: npt.NDArray[np.void], rows: Rows) -> int:
        """Copy rows until it is full; return how many were taken."""

    def batch(self, where: str, first_row: int) -> pa.RecordBatch:
        """Return the rows as one batch, which may share their memory."""

    def clear(self) -> None:
        """Forget the rows."""


class SelectedRows:
    """Takes the selected rows of blocks, in the order of the files, and writes them.

    Parameters
    ----------
    new_columns : callable
        Makes an empty row group; `ENCODER_THREADS` + 1 of them are in use.
    writer : PartWriter
        Where row groups go.
    partition : Partition
        What is written.
    """

    def __init__(
        self, new_columns: Callable[[], Columns], writer: PartWriter, partition: Partition
    ) -> None:
        self._writer = writer
        self._partition = partition
        self._coverage = Coverage(watched_window(partition.symbol, partition.date))
        self._first_rows: list[tuple[int, str]] = []
        self._free: queue.SimpleQueue[Columns] = queue.SimpleQueue()
        for _ in range(ENCODER_THREADS + 1):
            self._free.put(new_columns())
        self._columns = self._free.get()
        self._last_row: tuple[int, str] | None = None

    def take(self, block: npt.NDArray[np.void], rows: Rows, source: str) -> None:
        """Copy rows of a block.

        Parameters
        ----------
        block : record array
        rows : uint64 array, shape (n,)
            Rows to copy, ascending.
        source : str
            The file, or the files that are read as one, for messages.

        Raises
        ------
        InputError
            Files hold records of the same time, or a record was received too long before that of
            one ahead of it.
        """
        self._check_order(block, rows, source)
        if not self._first_rows or self._first_rows[-1][1] != source:
            self._first_rows.append((self._writer.rows + self._columns.rows, source))
        while len(rows):
            rows = rows[self._columns.append(block, rows) :]
            if self._columns.rows == self._columns.capacity:
                self._flush()

    def finish(self) -> None:
        """Write what is left.

        Raises
        ------
        InputError
            As `take`.
        """
        self._flush()
        self._coverage.finish()

    def facts(self) -> dict[str, Any]:
        """Return what a manifest records of the rows' receipt; see `Coverage`."""
        return self._coverage.facts()

    def _flush(self) -> None:
        full = self._columns
        batch = full.batch(str(self._partition), self._writer.rows)
        self._take_times(full.times)

        def recycle() -> None:
            full.clear()
            self._free.put(full)

        self._writer.write(batch, recycle)
        self._columns = self._free.get()

    def _take_times(self, times: npt.NDArray[np.int64]) -> None:
        try:
            self._coverage.add(times)
        except StepBackError as step:
            row = self._writer.rows + step.row
            first_row, source = next(one for one in reversed(self._first_rows) if one[0] <= row)
            seconds = (step.before_ns - step.received_ns) / SECOND_NS
            raise InputError(
                f"{source}: record {row - first_row} of {self._partition.symbol} (from 0) has "
                f"ts_recv {step.received_ns} ns, {seconds:.9f} s before that of a record ahead of "
                f"it, {step.before_ns} ns; no clock steps back so far: the file is put together in "
                "the wrong order, download it again"
            ) from None

    def _check_order(self, block: npt.NDArray[np.void], rows: Rows, source: str) -> None:
        # Within a file the vendor's order holds; between files it shows that the same time was
        # delivered twice.
        first = int(block["ts_recv"][int(rows[0])])
        if self._last_row is not None and self._last_row[1] != source:
            last, other = self._last_row
            if first < last:
                raise InputError(
                    f"{other} and {source} hold records of the contract at the same time; "
                    "keep one of them in the folder"
                )
        self._last_row = (int(block["ts_recv"][int(rows[-1])]), source)
