"""Keeps the first three hours of the regular session."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ...arrays import arrow_array
from ...catalogue.datasets import Dataset
from ...exchange.calendar import is_early_close
from ...exchange.sessions import FIRST3H, NEW_YORK, window_ns
from ...lake.inputs import inherited_facts
from ...lake.part import PartWriter
from ...lake.table import Table
from ...settings import Settings
from ..inputs import Inputs
from ..reads import Read
from ..regular_session import RegularSessionStage
from ..target import Context, Made, Target, Writers

EVENT_TIME: Final = "ts_event_est"
SAMPLING_TIME: Final = "ts_recv"
GRID_TIME: Final = "ts"
"""Key of a table on the 1-second grid, which has a row at both ends of the window."""
DEFINITIONS: Final = "definition_clean"
SAMPLED: Final = frozenset({"bbo-1s", "bbo-1m"})
"""Schemas whose records are samples of the quote: their event is the last trade, which may lie
days back, and ``ts_recv`` is the time that the quote stood."""


class GoldFirst3h(RegularSessionStage):
    """Gold ``{table}_first3h``: rows from 09:30:00 to 12:30:00 America/New_York of the date.

    Of a table of events the bounds are half-open and compared with ``ts_event_est``, where the
    source is sampled (`SAMPLED`) with ``ts_recv``; a table on the 1-second grid keeps both ends, by
    ``ts``. Definitions are no events: kept are those in force at some moment of the window, most
    of which arrived at midnight. The manifest says which. Row groups that lie inside are copied as
    their bytes are; those at the edges are decoded, filtered and encoded again. Rows keep their
    order.

    On a date without a regular session (weekends, holidays of XNYS, whatever Globex does then)
    there is no opening and so no Gold partition: the date is skipped with its reason. A session
    without a record in the window gives an empty, complete partition.

    Parameters
    ----------
    source, output : Dataset
        The Silver table and its Gold table, with equal contract fields.
    """

    name: ClassVar[str] = "gold_first3h"
    version: ClassVar[int] = 1

    def __init__(self, source: Dataset, output: Dataset) -> None:
        self.source = source
        self.reads = (Read(source.key),)
        self.writes = (output,)

    def parameters(self, settings: Settings, symbol: str) -> Mapping[str, Any]:
        """Return the window."""
        start, end = FIRST3H
        window = {
            "start": start.isoformat(),
            "end": end.isoformat(),
            "time_zone": NEW_YORK.key,
            "bounds": "[]" if self._is_grid else "[)",
        }
        if self._are_definitions():
            window["rows"] = "in force"
        return {"window": window}

    def transform(self, context: Context, inputs: Inputs, target: Target, writers: Writers) -> Made:
        """Copy the row groups inside the window and the rows of those at its edges."""
        table, writer = inputs[self.source.key].table, writers[self.output]
        table.check_contract()
        start_ns, end_ns = window_ns(target.date, *FIRST3H)
        inherited = inherited_facts(table.manifest)
        if self._are_definitions():
            column = SAMPLING_TIME
            _write_in_force(table, writer, start_ns, end_ns)
        else:
            column = self._time_column(inherited.get("source_schema"))
            end_ns += self._is_grid
            for index in range(table.row_groups):
                first, last = table.min_max(index, column)
                if start_ns <= first and last < end_ns:
                    writer.copy(table.source, index, {})
                elif first < end_ns and last >= start_ns:
                    rows = table.read_row_group(index).combine_chunks()
                    writer.write(_between(rows, column, start_ns, end_ns))
                context.progress((index + 1) / table.row_groups)
        facts = {**inherited, "early_close": is_early_close(target.date)}
        return Made({"window_column": column}, facts)

    def _are_definitions(self) -> bool:
        return self.source.table == DEFINITIONS

    @cached_property  # a plan asks for each date
    def _is_grid(self) -> bool:
        return any(field.name == GRID_TIME for field in self.output.contract().fields)

    def _time_column(self, source_schema: str | None) -> str:
        if self._is_grid:
            return GRID_TIME
        return SAMPLING_TIME if source_schema in SAMPLED else EVENT_TIME


def _write_in_force(table: Table, writer: PartWriter, start_ns: int, end_ns: int) -> None:
    from ...records.definitions_in_force import definitions_in_force  # noqa: PLC0415 - compiled

    kept = definitions_in_force(table, start_ns, end_ns)
    begin = 0
    for index in range(table.row_groups):
        rows = table.read_row_group(index).combine_chunks()
        inside = np.flatnonzero(kept[begin : begin + len(rows)])
        begin += len(rows)
        if len(inside):
            writer.write(_taken(rows, inside))


def _between(rows: pa.Table, name: str, start_ns: int, end_ns: int) -> pa.RecordBatch:
    column = rows[name].chunk(0)
    times = np.frombuffer(column.buffers()[1], np.int64)[column.offset :][: len(column)]
    inside = np.flatnonzero((times >= start_ns) & (times < end_ns))
    return _taken(rows, inside)


def _taken(rows: pa.Table, which: npt.NDArray[np.int64]) -> pa.RecordBatch:
    return rows.to_batches()[0].take(arrow_array(which, pa.int64()))
