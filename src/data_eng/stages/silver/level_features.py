"""LEVEL features of one price level on the 1-second grid.

1. `SilverLevelFeatures.load` opens the date's records, 2-minute bars and levels.
2. `transform` asks for the scan of the records before 12:30 ET: one scan serves every level, so
   the stages of the other levels, which run after each other, find it made (`SharedResults`).
3. `features.level.columns.level_columns` computes the columns of this stage's level; the grid's
   10,801 rows are written as one row group.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ...datasets import Dataset
from ...feature_tables import feature_table
from ...features.book.day_seconds import F64, DaySeconds
from ...features.book.displayed_slots import BAND_TICKS
from ...features.book.second_sums import SECOND_NS
from ...features.level import approach, touch_machine
from ...features.level.columns import level_columns
from ...features.level.level_seconds import LevelSeconds
from ...features.level.level_tables import level_seconds
from ...features.level.table_scan import TableScan
from ...features.products import known_product
from ...lake.manifest import PartitionInput
from ...lake.part import PartWriter
from ...sessions import FIRST3H, utc_day_ns, window_ns
from ...stage import Context
from ...trading_calendar import is_early_close
from ..partition_input import LoadedPartitions, inherited_facts, load_partitions
from ..regular_session import FeatureStage
from .bar_range import average_true_range_at
from .level import MISSING_FACT, read_levels
from .market_grid import grid_batch, grid_parameters
from .mbp10_arrays import RecordChunks


@dataclass(frozen=True)
class LevelDay:
    """The scan of a date's records, and what it was made from.

    Attributes
    ----------
    day : DaySeconds
    levels : dict of LevelSeconds
        By name of the level.
    average_true_range : float64 array, shape (rows,), dollars
    inputs : tuple of PartitionInput
        Verified to be what was read.
    """

    day: DaySeconds
    levels: Mapping[str, LevelSeconds]
    average_true_range: F64
    inputs: tuple[PartitionInput, ...]


class SilverLevelFeatures(FeatureStage):
    """Silver ``level_{level}``: 39 features of one level, a row a second from 09:30 to 12:30 ET.

    A row at ``ts`` uses records with ``ts_recv < ts``, and is null until the level is known. Both
    ends of the grid have a row: 10,801.

    Parameters
    ----------
    records, bars, levels : Dataset
        The MBP-10 table, the 2-minute bars, the levels.
    output : Dataset
        Its features' prefix names the level.
    """

    name: ClassVar[str] = "silver_level_features"
    version: ClassVar[int] = 3

    def __init__(self, records: Dataset, bars: Dataset, levels: Dataset, output: Dataset) -> None:
        self.sources = (records, bars, levels)
        self.output = output
        self.reads = (records.key, bars.key, levels.key)

    def parameters(self, context: Context, symbol: str) -> Mapping[str, Any]:
        """Return the grid, the tick and the constants of touches and legs."""
        return {
            "grid": grid_parameters(),
            "tick_size": known_product(symbol).tick_size,
            "arm_ticks": touch_machine.ARM_TICKS,
            "touch_tolerance_ticks": touch_machine.TOUCH_TOLERANCE_TICKS,
            "zone_ticks": approach.ZONE_TICKS,
            "approach_span_seconds": approach.SPAN_SECONDS,
            "approach_min_seconds": approach.MIN_SECONDS,
            "band_ticks": BAND_TICKS,
        }

    def load(self, context: Context, symbol: str, date: dt.date) -> LoadedPartitions:
        """Open the date's records, bars and levels."""
        known_product(symbol)
        return load_partitions(context.settings.lake_root, self.sources, self.output, symbol, date)

    def transform(
        self, context: Context, loaded: LoadedPartitions, writer: PartWriter
    ) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """Take the scan, compute the columns, write them."""
        made = context.shared.get(
            (self.name, self.version, loaded.manifest_inputs()),
            lambda: level_day(context, loaded),
        )
        loaded.take_as_read(made.inputs)
        prefix = feature_table(self.output).prefix
        level = prefix.removesuffix("_")
        columns = level_columns(made.day, made.levels[level], made.average_true_range)
        times = made.day.seconds.start_ns + made.day.rows * SECOND_NS
        named = {f"{prefix}{name}": column for name, column in columns.items()}
        writer.write(grid_batch(times, named, self.output.contract()))
        levels = loaded.partitions[2].source.manifest
        facts = {**inherited_facts(levels), "early_close": is_early_close(loaded.partition.date)}
        reason = levels.facts[MISSING_FACT].get(level)
        return {}, facts if reason is None else {**facts, MISSING_FACT: {level: reason}}


def level_day(context: Context, loaded: LoadedPartitions) -> LevelDay:
    """Scan the records once, and merge every level with what is left of them."""
    partition = loaded.partition
    product = known_product(partition.symbol)
    records, bars, levels = loaded.partitions
    start_ns = utc_day_ns(partition.date)[0]
    open_ns, end_ns = window_ns(partition.date, *FIRST3H)
    paths = read_levels(levels, product.tick_size)
    scan = TableScan(start_ns, end_ns)
    reader = RecordChunks(records.open_part(), product.tick_size, str(records.source.partition))
    for index, chunk in enumerate(reader.chunks(end_ns)):
        scan.add(chunk)
        context.progress((index + 1) / len(reader.groups))
    context.progress(1.0)  # the row groups after the grid are not read
    seconds, tables = scan.finish()
    first_ns = end_ns if scan.book.first_ns is None else scan.book.first_ns
    day = DaySeconds(seconds, first_ns, open_ns, end_ns, product.tick_size, product.multiplier)
    found = {one.path.name: one for one in level_seconds(paths, tables)}
    times = start_ns + day.rows * SECOND_NS
    return LevelDay(day, found, average_true_range_at(bars, times), loaded.read_inputs())
