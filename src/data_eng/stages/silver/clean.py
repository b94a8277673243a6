"""Adds the event time in New York to a Bronze table."""

from __future__ import annotations

from typing import ClassVar, Final

from ...catalogue.datasets import Dataset
from ...lake.inputs import copied_facts
from ..inputs import Inputs
from ..reads import Read
from ..stage import Stage
from ..target import Context, Made, Target, Writers

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
    version: ClassVar[int] = 2

    def __init__(self, source: Dataset, output: Dataset) -> None:
        self.source = source
        self.reads = (Read(source.key),)
        self.writes = (output,)

    def transform(self, context: Context, inputs: Inputs, target: Target, writers: Writers) -> Made:
        """Copy every row group, with ``ts_event`` once more under the new name."""
        table = inputs[self.source.key].table
        table.check_contract()
        for index in range(table.row_groups):
            writers[self.output].copy(table.source, index, {TS_EVENT_EST: "ts_event"})
            context.progress((index + 1) / table.row_groups)
        return Made(facts=copied_facts(table.manifest))
