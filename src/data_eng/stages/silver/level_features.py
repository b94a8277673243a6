"""LEVEL features of one price level on the 1-second grid.

1. `SilverLevelFeatures` reads the level by second, the book by second, bars and levels; no record.
2. `features.level.columns.level_columns` computes the columns of this stage's level; the grid's
   10,801 rows are written as one row group.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ...catalogue.datasets import dataset
from ...catalogue.tables import BARS, LEVEL, LEVEL_SECONDS, SECONDS
from ...exchange.calendar import is_early_close
from ...exchange.products import known_product
from ...features.definitions import (
    APPROACH_MIN_SECONDS,
    APPROACH_SPAN_SECONDS,
    MEAN_SIZE_BOOKS,
    MEAN_SIZE_SECONDS,
    ZONE_TICKS,
)
from ...lake.inputs import inherited_facts
from ...records.grid import grid_batch, grid_parameters, grid_times
from ...settings import Settings
from ..inputs import Inputs
from ..reads import Read
from ..regular_session import FeatureStage
from ..target import Context, Made, Target, Writers
from .level import MISSING_FACT


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
    version: ClassVar[int] = 5

    reads = (Read(LEVEL_SECONDS), Read(SECONDS), Read(BARS), Read(LEVEL))

    def __init__(self, level: str) -> None:
        self.level = level
        self.writes = (dataset(f"silver.future.level_{level}"),)

    def parameters(self, settings: Settings, symbol: str) -> Mapping[str, Any]:
        """Return the grid, facts of the product and the constants of the features."""
        product = known_product(symbol)
        return {
            "grid": grid_parameters(),
            "tick_size": product.tick_size,
            "round_number": product.round_number,
            "zone_ticks": ZONE_TICKS,
            "approach_span_seconds": APPROACH_SPAN_SECONDS,
            "approach_min_seconds": APPROACH_MIN_SECONDS,
            "mean_size_seconds": MEAN_SIZE_SECONDS,
            "mean_size_books": MEAN_SIZE_BOOKS,
        }

    def transform(self, context: Context, inputs: Inputs, target: Target, writers: Writers) -> Made:
        """Compute the columns from the level's seconds and the book's, write them."""
        from ...features.level.columns import level_columns  # noqa: PLC0415 - compiled
        from ...records.bar_closes import read_bar_closes  # noqa: PLC0415
        from ...records.level_seconds import read_level_seconds  # noqa: PLC0415
        from ...records.levels import read_levels  # noqa: PLC0415
        from ...records.market_day import read_market_day  # noqa: PLC0415

        product = known_product(target.symbol)
        day = read_market_day(inputs[SECONDS].table, product.tick_size, product.multiplier)
        paths = read_levels(inputs[LEVEL].table, product.tick_size)
        path = next(one for one in paths if one.name == self.level)
        level = read_level_seconds(inputs[LEVEL_SECONDS].table, path, day.close_ns)
        times = grid_times(target.date)
        bars = read_bar_closes(inputs[BARS].table, product.tick_size)
        columns = level_columns(day, level, bars, product.round_ticks)
        named = {f"{self.level}_{name}": column for name, column in columns.items()}
        writers[self.output].write(grid_batch(times, named, self.output.contract()))
        levels = inputs[LEVEL].manifest
        facts = {**inherited_facts(levels), "early_close": is_early_close(target.date)}
        reason = levels.facts[MISSING_FACT].get(self.level)
        return Made(facts=facts if reason is None else facts | {MISSING_FACT: {self.level: reason}})
