"""Adds the event time in New York to a Bronze table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from ...catalogue.datasets import Dataset
from ...lake.inputs import LoadedPartition, inherited_facts, load_partition
from ...lake.part import PartWriter
from ...parquet.splice import ParquetSource
from ..stage import Context, Stage

TS_EVENT_EST: Final = "ts_event_est"


class SilverClean(Stage):
    """Silver ``{table}_clean``: the Bronze table with ``ts_event_est``.

    A timestamp with a zone is the same count of nanoseconds since the epoch in every zone, so the
    new column holds the values of ``ts_event``, with the zone America/New_York in its type: it
    is correct across daylight saving and unambiguous in the hour that the clocks go back. The
    encoded column chunks are copied as they are; no value is decoded, rounded or reordered.

    Parameters
    ----------
    source, output : Dataset
        The Bronze table and its Silver table; the output's contract is the source's with
        ``ts_event_est`` after the last field.
    """

    name: ClassVar[str] = "silver_clean"
    version: ClassVar[int] = 1

    def __init__(self, source: Dataset, output: Dataset) -> None:
        self.source = source
        self.output = output
        self.reads = (source.key,)

    def load(self, context: Context, symbol: str, date: dt.date) -> LoadedPartition:
        """Open the Bronze partition."""
        return load_partition(context.settings.lake_root, self.source, self.output, symbol, date)

    def transform(
        self, context: Context, loaded: LoadedPartition, writer: PartWriter
    ) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """Copy every row group, with ``ts_event`` once more under the new name."""
        part = ParquetSource(loaded.open_part())
        self.source.contract().check_schema(part.arrow_schema, str(loaded.source.partition))
        total = len(part.footer.row_groups)
        for index in range(total):
            writer.copy(part, index, {TS_EVENT_EST: "ts_event"})
            context.progress((index + 1) / total)
        return {}, inherited_facts(loaded.source.manifest)
