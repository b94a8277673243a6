"""Rows of a partition's file in the order of their time, a slice at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..lake.table import Table
from .row_groups import RowGroups

Arrays = dict[str, npt.NDArray[Any]]


class TimeSlices:
    """Reads a Parquet file in its order, one row group at a time.

    The order of the rows is the order of their receipt, see `RowGroups`.

    Parameters
    ----------
    table : Table or None
        None has no rows.
    columns : sequence of str
        Columns to read besides ``ts_recv``.
    convert : callable
        Given the table of a row group, returns the arrays of its rows, all as long as each other;
        one of them is ``times``: ``ts_recv`` in ns since epoch, of the rows that are kept.
    """

    def __init__(
        self, table: Table | None, columns: list[str], convert: Callable[[pa.Table], Arrays]
    ) -> None:
        self._groups: Iterator[Arrays] = iter(())
        if table is not None:
            self._groups = _converted(RowGroups(table, ["ts_recv", *columns]), convert)
        self._rest: Arrays | None = next(self._groups, None)

    def until(self, end_ns: int) -> Iterator[Arrays]:
        """Yield the rows received before a time that were not yielded before."""
        while self._rest is not None:
            times = self._rest["times"]
            taken = int(np.searchsorted(times, end_ns, "left"))
            if taken:
                yield {name: values[:taken] for name, values in self._rest.items()}
            if taken < len(times):
                self._rest = {name: values[taken:] for name, values in self._rest.items()}
                return
            self._rest = next(self._groups, None)


def _converted(groups: RowGroups, convert: Callable[[pa.Table], Arrays]) -> Iterator[Arrays]:
    for table in groups.tables():
        arrays = convert(table)
        if len(arrays["times"]):
            yield arrays
