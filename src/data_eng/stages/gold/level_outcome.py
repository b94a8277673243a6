"""What became of the touches of the price levels: labels, in a table of their own.

1. `GoldLevelOutcome` reads the date's touches and levels, its trades, best prices by second and
   2-minute bars.
2. `transform` gives the touches, and the trades up to 13:00 ET, half an hour after the grid, to
   `features.outcome.label_touches.label_touches`.
3. The episodes are written as one row group.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ...catalogue.datasets import dataset
from ...catalogue.tables import BARS, LEVEL, LEVEL_TOUCH, SECONDS, TRADES
from ...exchange.calendar import is_early_close
from ...exchange.products import known_product
from ...exchange.sessions import FIRST3H, window_ns
from ...features.outcome.barriers import (
    CLOSE_BAR_SECONDS,
    CLOSE_HORIZON_SECONDS,
    CLOSE_TICKS,
    LONGEST_SECONDS,
    MIN_TICKS,
    SETS,
)
from ...lake.inputs import inherited_facts, last_record_ns
from ...records.grid import grid_parameters
from ...settings import Settings
from ..inputs import Inputs
from ..reads import Read
from ..regular_session import FeatureStage
from ..target import Context, Made, Target, Writers

_SECOND_NS = 10**9


class GoldLevelOutcome(FeatureStage):
    """Gold ``level_outcome``: a row for each touch, with its triple-barrier outcomes.

    A touch has a row where the first whole second after it lies on the grid of the features, whose
    row at that second is the first to have seen it. Barriers are symmetric about the level; what
    trades reach first, in record order, decides.
    """

    name: ClassVar[str] = "gold_level_outcome"
    version: ClassVar[int] = 6

    reads = (Read(TRADES), Read(SECONDS), Read(BARS), Read(LEVEL), Read(LEVEL_TOUCH))
    writes = (dataset("gold.future.level_outcome"),)

    def parameters(self, settings: Settings, symbol: str) -> Mapping[str, Any]:
        """Return the constants of barriers."""
        return {
            "grid": grid_parameters(),
            "tick_size": known_product(symbol).tick_size,
            "barrier_sets": [
                {
                    "name": one.label,
                    "horizon_seconds": one.horizon_seconds,
                    "ticks": one.ticks,
                    "atr": one.atr,
                }
                for one in SETS
            ],
            "min_barrier_ticks": MIN_TICKS,
            "close_outcome_2m": {
                "bar_seconds": CLOSE_BAR_SECONDS,
                "horizon_seconds": CLOSE_HORIZON_SECONDS,
                "deciding_ticks": CLOSE_TICKS,
            },
        }

    def transform(self, context: Context, inputs: Inputs, target: Target, writers: Writers) -> Made:
        """Label the touches and write them."""
        from ...features.outcome.label_touches import label_touches  # noqa: PLC0415 - compiled
        from ...records.day_prices import read_day_prices  # noqa: PLC0415
        from ...records.levels import read_levels  # noqa: PLC0415
        from ...records.outcome_rows import episode_batch, outcome_counts  # noqa: PLC0415
        from ...records.touches import read_touches  # noqa: PLC0415
        from ...records.trades import read_trades  # noqa: PLC0415

        tick_size = known_product(target.symbol).tick_size
        open_ns, end_ns = window_ns(target.date, *FIRST3H)
        levels = inputs[LEVEL].table
        until_ns = end_ns + LONGEST_SECONDS * _SECOND_NS
        trades = read_trades(inputs[TRADES].table, tick_size, until_ns)
        last_ns = last_record_ns(inputs[TRADES].manifest)
        prices = read_day_prices(
            trades, inputs[SECONDS].table, inputs[BARS].table, tick_size, last_ns
        )
        touches = read_touches(inputs[LEVEL_TOUCH].table, tick_size)
        episodes = label_touches(read_levels(levels, tick_size), touches, prices, open_ns, end_ns)
        batch = episode_batch(episodes, tick_size, self.output.contract())
        writers[self.output].write(batch)
        facts = {
            **inherited_facts(levels.manifest),
            "early_close": is_early_close(target.date),
            "outcomes": outcome_counts(episodes),
        }
        return Made(facts=facts)
