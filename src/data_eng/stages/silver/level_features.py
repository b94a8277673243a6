"""LEVEL features of one price level on the 1-second grid.

1. `SilverLevelFeatures` reads the date's records, 2-minute bars and levels.
2. `transform` streams the records before 12:30 ET once.
3. `features.level.columns.level_columns` computes the columns of this stage's level; the grid's
   10,801 rows are written as one row group.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from ...catalogue.datasets import dataset
from ...exchange.calendar import is_early_close
from ...exchange.products import known_product
from ...exchange.sessions import FIRST3H, utc_day_ns, window_ns
from ...features.book.day_seconds import F64, DaySeconds
from ...features.book.displayed_slots import BAND_TICKS
from ...features.book.second_sums import SECOND_NS
from ...features.level import approach, touch_machine
from ...features.level.columns import level_columns
from ...features.level.level_seconds import LevelSeconds
from ...features.level.level_tables import level_seconds
from ...features.level.table_scan import TableScan
from ...lake.inputs import inherited_facts
from ...records.bar_range import average_true_range_at
from ...records.grid import grid_batch, grid_parameters
from ...records.levels import read_levels
from ...records.mbp10_arrays import RecordChunks
from ...settings import Settings
from ..inputs import Inputs
from ..reads import Read
from ..regular_session import FeatureStage
from ..stage import Context, Made, Target, Writers
from .level import BARS, MISSING_FACT, RECORDS

LEVEL: Final = "silver.future.level"


@dataclass(frozen=True)
class LevelDay:
    """The scan of a date's records, and what it was made from.

    Attributes
    ----------
    day : DaySeconds
    levels : dict of LevelSeconds
        By name of the level.
    average_true_range : float64 array, shape (rows,), dollars
    """

    day: DaySeconds
    levels: Mapping[str, LevelSeconds]
    average_true_range: F64


class SilverLevelFeatures(FeatureStage):
    """Silver ``level_{level}``: the features of one level, a row a second from 09:30 to 12:30 ET.

    A row at ``ts`` uses records with ``ts_recv < ts``, and is null until the level is known. Both
    ends of the grid have a row: 10,801.

    Parameters
    ----------
    level : str
        Name of the level.
    """

    name: ClassVar[str] = "silver_level_features"
    version: ClassVar[int] = 3

    reads = (Read(RECORDS), Read(BARS), Read(LEVEL))

    def __init__(self, level: str) -> None:
        self.level = level
        self.writes = (dataset(f"silver.future.level_{level}"),)

    def parameters(self, settings: Settings, symbol: str) -> Mapping[str, Any]:
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

    def transform(self, context: Context, inputs: Inputs, target: Target, writers: Writers) -> Made:
        """Make the pass, compute the columns, write them."""
        made = level_day(context, inputs)
        columns = level_columns(made.day, made.levels[self.level], made.average_true_range)
        times = made.day.seconds.start_ns + made.day.rows * SECOND_NS
        named = {f"{self.level}_{name}": column for name, column in columns.items()}
        writers[self.output].write(grid_batch(times, named, self.output.contract()))
        levels = inputs[LEVEL].manifest
        facts = {**inherited_facts(levels), "early_close": is_early_close(target.date)}
        reason = levels.facts[MISSING_FACT].get(self.level)
        return Made(
            facts=facts if reason is None else {**facts, MISSING_FACT: {self.level: reason}}
        )


def level_day(context: Context, inputs: Inputs) -> LevelDay:
    """Stream the records once for all levels."""
    product = known_product(inputs.symbol)
    records, bars, levels = (inputs[key].table for key in (RECORDS, BARS, LEVEL))
    start_ns = utc_day_ns(inputs.date)[0]
    open_ns, end_ns = window_ns(inputs.date, *FIRST3H)
    paths = read_levels(levels, product.tick_size)
    scan = TableScan(start_ns, end_ns)
    reader = RecordChunks(records, product.tick_size)
    for index, chunk in enumerate(reader.chunks(end_ns)):
        scan.add(chunk)
        context.progress((index + 1) / len(reader.groups))
    context.progress(1.0)  # the row groups after the grid are not read
    seconds, tables = scan.finish()
    first_ns = end_ns if scan.book.first_ns is None else scan.book.first_ns
    day = DaySeconds(seconds, first_ns, open_ns, end_ns, product.tick_size, product.multiplier)
    found = {one.path.name: one for one in level_seconds(paths, tables)}
    times = start_ns + day.rows * SECOND_NS
    return LevelDay(day, found, average_true_range_at(bars, times))
