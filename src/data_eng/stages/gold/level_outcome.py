"""What became of the touches of the price levels: labels, in a table of their own.

1. `GoldLevelOutcome` reads the date's trades, best quotes, 2-minute bars and levels.
2. `transform` gives the trades and mids up to 13:00 ET, half an hour after the grid, to
   `features.outcome.outcome_pass.OutcomePass`.
3. The episodes are written as one row group.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ...catalogue.datasets import dataset
from ...catalogue.tables import BARS, BEST_QUOTE, LEVEL, TRADES
from ...exchange.calendar import is_early_close
from ...exchange.products import known_product
from ...exchange.sessions import FIRST3H, window_ns
from ...features.definitions import (
    ARM_TICKS,
    OSLER_SECONDS,
    OVERLAP_TICKS,
    TOUCH_TOLERANCE_TICKS,
)
from ...features.outcome.barriers import LONGEST_SECONDS, MIN_TICKS, SETS
from ...lake.inputs import LAST_RECORD_FACT, inherited_facts
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
    version: ClassVar[int] = 4

    reads = (Read(TRADES), Read(BEST_QUOTE), Read(BARS), Read(LEVEL))
    writes = (dataset("gold.future.level_outcome"),)

    def parameters(self, settings: Settings, symbol: str) -> Mapping[str, Any]:
        """Return the constants of touches and barriers."""
        return {
            "grid": grid_parameters(),
            "tick_size": known_product(symbol).tick_size,
            "arm_ticks": ARM_TICKS,
            "touch_tolerance_ticks": TOUCH_TOLERANCE_TICKS,
            "barrier_sets": [
                {
                    "name": one.name or "primary",
                    "horizon_seconds": one.horizon_seconds,
                    "ticks": one.ticks,
                    "atr": one.atr,
                }
                for one in SETS
            ],
            "min_barrier_ticks": MIN_TICKS,
            "overlap_ticks": OVERLAP_TICKS,
            "osler_seconds": OSLER_SECONDS,
        }

    def transform(self, context: Context, inputs: Inputs, target: Target, writers: Writers) -> Made:
        """Label the touches among trades and mids, write them."""
        from ...features.book.market_events import market_events  # noqa: PLC0415 - compiled
        from ...features.outcome.outcome_pass import OutcomePass  # noqa: PLC0415
        from ...records.bar_range import read_true_range  # noqa: PLC0415
        from ...records.best_quotes import read_best_quotes  # noqa: PLC0415
        from ...records.levels import read_levels  # noqa: PLC0415
        from ...records.outcome_rows import episode_batch, outcome_counts  # noqa: PLC0415
        from ...records.trades import read_trades  # noqa: PLC0415

        date, tick_size = target.date, known_product(target.symbol).tick_size
        open_ns, end_ns = window_ns(date, *FIRST3H)
        until_ns = end_ns + LONGEST_SECONDS * _SECOND_NS
        levels = inputs[LEVEL].table
        bars = read_true_range(inputs[BARS].table, tick_size)
        outcomes = OutcomePass(read_levels(levels, tick_size), bars, open_ns, end_ns)
        trades = read_trades(inputs[TRADES].table, tick_size, until_ns)
        quotes = read_best_quotes(inputs[BEST_QUOTE].table, tick_size, until_ns)
        outcomes.add(market_events(trades, quotes))
        last_ns = inputs[TRADES].manifest.facts[LAST_RECORD_FACT]
        episodes = outcomes.finish(0 if last_ns is None else last_ns)
        batch = episode_batch(episodes, tick_size, self.output.contract())
        writers[self.output].write(batch)
        facts = {
            **inherited_facts(levels.manifest),
            "early_close": is_early_close(date),
            "outcomes": outcome_counts(episodes),
        }
        return Made(facts=facts)
