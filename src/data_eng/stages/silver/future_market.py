"""MARKET features of the futures contract on the 1-second grid.

1. `SilverFutureMarket.load` opens the date's records and 2-minute bars, and what there is of the 20
   sessions before (`market_history`).
2. `transform` streams the records before 12:30 ET once, row group by row group, through
   `features.book.book_scan.BookScan` and, where the history allows VPIN, `VolumeBuckets`.
3. `features.market.columns.market_columns` computes the columns from the sums by second; the
   grid's 10,801 rows are written as one row group.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from ...datasets import Dataset
from ...features.book.book_scan import BookScan
from ...features.book.day_seconds import F64, I64, DaySeconds
from ...features.book.quote_records import quote_records
from ...features.book.trades import TradeReader
from ...features.market.columns import OutsideInputs, grid_times, market_columns
from ...features.market.expiry import expiration_date
from ...features.market.volume_buckets import VolumeBuckets
from ...features.products import known_product
from ...lake.manifest import Manifest, PartitionInput
from ...lake.part import PartWriter
from ...lake.paths import Partition
from ...sessions import FIRST3H, utc_day_ns, window_ns
from ...stage import Context, Loaded
from ...trading_calendar import is_early_close
from ..partition_input import LoadedPartition, inherited_facts
from ..regular_session import FeatureStage
from .bar_range import average_true_range_at
from .market_grid import grid_batch, grid_parameters
from .market_history import SESSIONS, History, HistoryTables, load_history
from .mbp10_arrays import RecordChunks, RowGroups, dollars, letters, sizes

_TRADE_COLUMNS: Final = ("action", "side", "size")
_VOLUME: Final = "volume_300s"


@dataclass
class LoadedMarketDay(Loaded):
    """The inputs of one date.

    Attributes
    ----------
    partition : Partition
    records, bars : LoadedPartition
        The date's MBP-10 records and 2-minute bars.
    history : History
    """

    partition: Partition
    records: LoadedPartition
    bars: LoadedPartition
    history: History

    def current_inputs(self, recorded: Manifest) -> tuple[PartitionInput, ...]:
        """Return every input by the SHA-256 of its manifest."""
        own = (self.records, self.bars)
        found = [entry for one in own for entry in one.current_inputs(recorded)]
        return (*found, *self.history.inputs())

    def read_inputs(self) -> tuple[PartitionInput, ...]:
        """Return every input once its bytes are known to be those of its manifest."""
        found = [entry for one in (self.records, self.bars) for entry in one.read_inputs()]
        return (*found, *self.history.read_inputs())

    def close(self) -> None:
        """Close the inputs."""
        self.records.close()
        self.bars.close()
        self.history.close()


class SilverFutureMarket(FeatureStage):
    """Silver ``market`` of a futures contract: 57 features, a row a second from 09:30 to 12:30 ET.

    A row at ``ts`` uses records with ``ts_recv < ts``. Both ends of the grid have a row: 10,801.

    The features that look back over sessions (``relative_volume_300s``, ``vpin``) read what is
    published of the 20 regular sessions before and are null without it; the manifest lists what
    was read, and a partition made before its history was there is stale.

    Parameters
    ----------
    records, bars : Dataset
        The MBP-10 table and the 2-minute bars.
    bronze : Dataset
        The table that names the front month of a date.
    output : Dataset
    """

    name: ClassVar[str] = "silver_future_market"
    version: ClassVar[int] = 1
    reads_other_dates = True

    def __init__(self, records: Dataset, bars: Dataset, bronze: Dataset, output: Dataset) -> None:
        self.records = records
        self.bars = bars
        self.output = output
        self.reads = (records.key, bars.key)
        self._history = HistoryTables(bronze, records, bars, output)

    def parameters(self, context: Context, symbol: str) -> Mapping[str, Any]:
        """Return the grid and the facts of the product."""
        product = known_product(symbol)
        return {
            "grid": grid_parameters(),
            "tick_size": product.tick_size,
            "multiplier": product.multiplier,
            "history_sessions": SESSIONS,
        }

    def load(self, context: Context, symbol: str, date: dt.date) -> LoadedMarketDay:
        """Open the date's records and bars, and the history there is."""
        known_product(symbol)
        lake_root = context.settings.lake_root
        partition = Partition(self.output, symbol, date)
        records = LoadedPartition(lake_root, Partition(self.records, symbol, date), partition)
        try:
            bars = LoadedPartition(lake_root, Partition(self.bars, symbol, date), partition)
            try:
                rule = context.settings.roll_rule
                history = load_history(lake_root, self._history, symbol, date, rule)
            except BaseException:
                bars.close()
                raise
        except BaseException:
            records.close()
            raise
        return LoadedMarketDay(partition, records, bars, history)

    def transform(
        self, context: Context, loaded: LoadedMarketDay, writer: PartWriter
    ) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """Stream the records, compute the columns, write them."""
        partition = loaded.partition
        product = known_product(partition.symbol)
        open_ns, end_ns = window_ns(partition.date, *FIRST3H)
        scan = BookScan(utc_day_ns(partition.date)[0], end_ns)
        trades = TradeReader()
        buckets = _prior_buckets(loaded.history, scan.seconds.seconds)
        reader = RecordChunks(
            loaded.records.open_part(), product.tick_size, str(loaded.records.source.partition)
        )
        for index, chunk in enumerate(reader.chunks(end_ns)):
            scan.add(chunk)
            scan.take_displayed()  # of no use here
            if buckets is not None:
                buckets.add_trades(trades.add(quote_records(chunk)), scan.seconds.start_ns)
            context.progress((index + 1) / len(reader.groups))
        context.progress(1.0)  # the row groups after the grid are not read
        first_ns = end_ns if scan.first_ns is None else scan.first_ns
        day = DaySeconds(
            scan.finish(), first_ns, open_ns, end_ns, product.tick_size, product.multiplier
        )
        times = grid_times(day)
        outside = OutsideInputs(
            prior_volume_300s=_prior_volume(loaded.history, len(times)),
            average_true_range=average_true_range_at(loaded.bars, times),
            vpin=np.full(len(times), np.nan) if buckets is None else buckets.vpin(day.rows),
            days_to_expiry=_days_to_expiry(partition.symbol, partition.date),
        )
        writer.write(grid_batch(times, market_columns(day, outside), self.output.contract()))
        facts = {
            **inherited_facts(loaded.records.source.manifest),
            "early_close": is_early_close(partition.date),
            "history": {
                "relative_volume_sessions": len(loaded.history.markets),
                "vpin_bucket_contracts": loaded.history.bucket_volume,
            },
        }
        return {}, facts


def _days_to_expiry(symbol: str, date: dt.date) -> int | None:
    expiration = expiration_date(symbol, date)
    return None if expiration is None else (expiration - date).days


def _prior_buckets(history: History, seconds: int) -> VolumeBuckets | None:
    # Buckets with the trades of the sessions before, the farthest first.
    opened = [one.open_part() for one in history.trades]
    if history.bucket_volume is None or not opened:
        return None
    buckets = VolumeBuckets(history.bucket_volume, seconds)
    for one, file in zip(reversed(history.trades), reversed(opened), strict=True):
        groups = RowGroups(file, _TRADE_COLUMNS, str(one.source.partition))
        for table in groups.tables():
            size = sizes(table["size"])
            rows = np.flatnonzero((letters(table["action"]) == ord("T")) & (size > 0))
            buckets.add(size[rows], _signs(letters(table["side"])[rows]))
    buckets.start_record()
    return buckets


def _signs(side: npt.NDArray[np.uint8]) -> I64:
    return np.asarray((side == ord("B")).astype(np.int64) - (side == ord("A")), np.int64)


def _prior_volume(history: History, rows: int) -> F64:
    # One row a session; the grid is the same wall clock on every date.
    columns = []
    for one in history.markets:
        file = pq.ParquetFile(one.open_part(), page_checksum_verification=True)
        columns.append(dollars(file.read(columns=[_VOLUME])[_VOLUME]))
    return np.stack(columns) if columns else np.empty((0, rows))
