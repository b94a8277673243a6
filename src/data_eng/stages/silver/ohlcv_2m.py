"""Two-minute trade bars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ...arrays import arrow_array
from ...catalogue.contract import Contract
from ...catalogue.datasets import dataset
from ...catalogue.tables import BARS, TRADES
from ...exchange.products import regular_session_ns, regular_session_parameter
from ...exchange.sessions import utc_day_ns
from ...lake.inputs import inherited_facts
from ...settings import Settings
from ..inputs import Inputs
from ..reads import Read
from ..stage import Stage
from ..target import Context, Made, Target, Writers

if TYPE_CHECKING:
    from ...features.bars import TradeBars

BAR_NS: Final = 120 * 10**9
VOLUME_FACT: Final = "volume"
"""Fact of the manifest: contracts of all bars."""
SESSION_FACT: Final = "regular_session"
"""Fact of the manifest: high, low and close of the regular session, dollars; null without a bar."""


class SilverOhlcv2m(Stage):
    """Silver ``ohlcv_2m``: open, high, low, close, volume of the trades of every two minutes.

    Bars are ``[start, end)`` on ``ts_recv``, aligned to even minutes, of the partition's UTC date.
    What counts as a trade is a bar's trade, whatever its side; open and close are the first and
    the last in file order. Two minutes without a trade have no bar, as in the vendor's
    OHLCV schemas. A date without a trade gives an empty, complete partition.

    Parameters
    ----------
    source, output : Dataset
        An MBP-10 table and the bars'.
    """

    name: ClassVar[str] = "silver_ohlcv_2m"
    version: ClassVar[int] = 3
    reads = (Read(TRADES),)
    writes = (dataset(BARS),)

    def parameters(self, settings: Settings, symbol: str) -> Mapping[str, Any]:
        """Return the regular session, whose high, low and close are facts."""
        return {"regular_session": list(regular_session_parameter(symbol))}

    def transform(self, context: Context, inputs: Inputs, target: Target, writers: Writers) -> Made:
        """Read the trades of every row group, and write the bars as one row group."""
        from ...features.bars import TradeBars  # noqa: PLC0415 - compiled
        from ...records.arrow_columns import values  # noqa: PLC0415
        from ...records.row_groups import RowGroups  # noqa: PLC0415
        from ...records.trades import COUNTED_COLUMNS, counted_rows  # noqa: PLC0415

        bars = TradeBars(*utc_day_ns(target.date), BAR_NS)
        groups = RowGroups(inputs[TRADES].table, COUNTED_COLUMNS)
        for index, table in enumerate(groups.tables()):
            rows = counted_rows(table)
            price = values(table["price"], np.float64)[rows]
            size = values(table["size"], np.int32)[rows]
            bars.add(values(table["ts_recv"], np.int64)[rows], price, size)
            context.progress((index + 1) / len(groups))
        writers[self.output].write(_batch(bars, self.output.contract()))
        facts = {
            **inherited_facts(inputs[TRADES].manifest),
            VOLUME_FACT: bars.total_volume,
            SESSION_FACT: _session(bars, *regular_session_ns(target.symbol, target.date)),
        }
        return Made(facts=facts)


def _session(bars: TradeBars, begin: int, end: int) -> dict[str, float] | None:
    # Bars are aligned to the session's bounds.
    start, ohlc, *_ = bars.closed()
    rows = ohlc[(start >= begin) & (start < end)]
    if not len(rows):
        return None
    high, low, close = rows[:, 1].max(), rows[:, 2].min(), rows[-1, 3]
    return {"high": float(high), "low": float(low), "close": float(close)}


def _batch(bars: TradeBars, contract: Contract) -> pa.RecordBatch:
    start, ohlc, volume, trades = bars.closed()
    columns: dict[str, npt.NDArray[Any]] = {
        "ts_start": start,
        "ts_end": start + BAR_NS,
        "ts_end_est": start + BAR_NS,
        **{name: ohlc[:, i].copy() for i, name in enumerate(("open", "high", "low", "close"))},
        "volume": volume,
        "trades": trades,
    }
    schema = contract.arrow_schema
    arrays = [arrow_array(columns[field.name], field.type) for field in schema]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
