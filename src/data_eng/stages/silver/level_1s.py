"""The levels by second: sums and the touch machine of each, from tables; no record is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ...catalogue.datasets import dataset
from ...catalogue.tables import BEST_QUOTE, DISPLAYED, LEVEL, LEVEL_SECONDS, TRADES
from ...exchange.products import known_product
from ...exchange.sessions import RTH_OPEN, utc_day_ns, window_ns
from ...features.definitions import (
    ARM_TICKS,
    BAND_TICKS,
    NEAR_TICKS,
    TOUCH_TOLERANCE_TICKS,
)
from ...lake.inputs import inherited_facts
from ...settings import Settings
from ..inputs import Inputs
from ..reads import Read
from ..regular_session import FeatureStage
from ..target import Context, Made, Target, Writers
from .book_scan import SCAN_END
from .level import MISSING_FACT


class SilverLevelSeconds(FeatureStage):
    """Silver ``level_1s``: sorted by level, then by time; a row group a level."""

    name: ClassVar[str] = "silver_level_1s"
    version: ClassVar[int] = 2
    reads = (Read(TRADES), Read(BEST_QUOTE), Read(DISPLAYED), Read(LEVEL))
    writes = (dataset(LEVEL_SECONDS),)

    def parameters(self, settings: Settings, symbol: str) -> Mapping[str, Any]:
        """Return the tick and the constants of touches and of what is near a level."""
        return {
            "tick_size": known_product(symbol).tick_size,
            "arm_ticks": ARM_TICKS,
            "touch_tolerance_ticks": TOUCH_TOLERANCE_TICKS,
            "band_ticks": BAND_TICKS,
            "near_ticks": NEAR_TICKS,
        }

    def transform(self, context: Context, inputs: Inputs, target: Target, writers: Writers) -> Made:
        """Merge each level with trades, quotes and displayed sizes."""
        from ...features.level.level_tables import (  # noqa: PLC0415 - compiled
            LevelTables,
            level_seconds,
        )
        from ...records.best_quotes import read_best_quotes  # noqa: PLC0415
        from ...records.displayed import read_displayed  # noqa: PLC0415
        from ...records.level_seconds import level_batch  # noqa: PLC0415
        from ...records.levels import read_levels  # noqa: PLC0415
        from ...records.trades import read_trades  # noqa: PLC0415

        tick_size = known_product(target.symbol).tick_size
        start_ns = utc_day_ns(target.date)[0]
        open_ns, end_ns = window_ns(target.date, RTH_OPEN, SCAN_END)
        tables = LevelTables(
            read_trades(inputs[TRADES].table, tick_size, end_ns),
            read_best_quotes(inputs[BEST_QUOTE].table, tick_size, end_ns),
            read_displayed(inputs[DISPLAYED].table, tick_size, start_ns),
            start_ns,
            end_ns,
            open_ns,
        )
        paths = read_levels(inputs[LEVEL].table, tick_size)
        contract = self.output.contract()
        for index, path in enumerate(paths):
            (level,) = level_seconds([path], tables)
            writers[self.output].write(level_batch(level, contract))
            context.progress((index + 1) / len(paths))
        levels = inputs[LEVEL].manifest
        facts = {**inherited_facts(levels), MISSING_FACT: levels.facts[MISSING_FACT]}
        return Made(facts=facts)
