"""The trades of a day: every T record as delivered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from ...catalogue.datasets import dataset
from ...catalogue.tables import CLEAN, TRADES
from ...exchange.products import regular_session_ns, regular_session_parameter
from ...lake.encoding import ROW_GROUP_ROWS
from ...lake.inputs import record_facts
from ...settings import Settings
from ..inputs import Inputs
from ..reads import Read
from ..stage import Stage
from ..target import Context, Made, Target, Writers


class SilverTrades(Stage):
    """Silver ``trades``: the T records of the clean table, in file order, snapshot ones too.

    ``ts_recv`` is the running maximum of what was delivered: a record is known once all before it
    are. What counts as a trade is told by `features.book.book_rules.counts_as_trade` alone. How
    many of them in the regular session were of which size is a fact of the manifest.
    """

    name: ClassVar[str] = "silver_trades"
    version: ClassVar[int] = 2
    reads = (Read(CLEAN),)
    writes = (dataset(TRADES),)

    def parameters(self, settings: Settings, symbol: str) -> Mapping[str, Any]:
        """Return the regular session, whose trades are counted by size."""
        return {"regular_session": list(regular_session_parameter(symbol))}

    def transform(self, context: Context, inputs: Inputs, target: Target, writers: Writers) -> Made:
        """Take the T records out of every row group; write row groups of fixed size."""
        from ...records.row_groups import RowGroups  # noqa: PLC0415 - compiled
        from ...records.trade_sizes import SIZES_FACT, SizeCounts  # noqa: PLC0415
        from ...records.trades import SOURCE_COLUMNS, TradeRows  # noqa: PLC0415

        contract = self.output.contract()
        rows = TradeRows(contract)
        groups = RowGroups(inputs[CLEAN].table, SOURCE_COLUMNS)
        waiting = pa.Table.from_batches([], contract.arrow_schema)
        session = SizeCounts(*regular_session_ns(target.symbol, target.date))
        for index, records in enumerate(groups.tables()):
            found = pa.Table.from_batches([rows.take(records)])
            session.add(found)
            waiting = pa.concat_tables([waiting, found])
            if len(waiting) >= ROW_GROUP_ROWS:
                writers[self.output].write(_one_batch(waiting.slice(0, ROW_GROUP_ROWS)))
                waiting = waiting.slice(ROW_GROUP_ROWS)
            context.progress((index + 1) / len(groups))
        if len(waiting):
            writers[self.output].write(_one_batch(waiting))
        facts = {**record_facts(inputs[CLEAN].manifest), SIZES_FACT: session.fact()}
        return Made(facts=facts)


def _one_batch(table: pa.Table) -> pa.RecordBatch:
    return table.combine_chunks().to_batches(max_chunksize=int(np.iinfo(np.int32).max))[0]
