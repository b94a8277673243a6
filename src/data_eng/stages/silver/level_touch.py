"""The touches of the levels: a row each, from trades and quotes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ...catalogue.datasets import dataset
from ...catalogue.tables import BEST_QUOTE, LEVEL, LEVEL_TOUCH, TRADES
from ...exchange.products import known_product
from ...exchange.sessions import FIRST3H, window_ns
from ...features.definitions import ARM_TICKS, MID_AFTER_SECONDS, TOUCH_TOLERANCE_TICKS
from ...lake.inputs import inherited_facts, last_record_ns
from ...records.grid import grid_parameters
from ...settings import Settings
from ..inputs import Inputs
from ..reads import Read
from ..regular_session import FeatureStage
from ..target import Context, Made, Target, Writers

_SECOND_NS = 10**9


class SilverLevelTouch(FeatureStage):
    """Silver ``level_touch``: in order of start, of equal times in order of level; one row group.

    It takes the touches on the grid of the features: their machine begins with its first row.
    """

    name: ClassVar[str] = "silver_level_touch"
    version: ClassVar[int] = 1
    reads = (Read(TRADES), Read(BEST_QUOTE), Read(LEVEL))
    writes = (dataset(LEVEL_TOUCH),)

    def parameters(self, settings: Settings, symbol: str) -> Mapping[str, Any]:
        """Return the tick and the constants of touches."""
        return {
            "grid": grid_parameters(),
            "tick_size": known_product(symbol).tick_size,
            "arm_ticks": ARM_TICKS,
            "touch_tolerance_ticks": TOUCH_TOLERANCE_TICKS,
            "mid_after_seconds": MID_AFTER_SECONDS,
        }

    def transform(self, context: Context, inputs: Inputs, target: Target, writers: Writers) -> Made:
        """Find the touches among trades and mids, write them."""
        from ...features.book.market_events import market_events  # noqa: PLC0415 - compiled
        from ...features.level.level_touches import level_touches  # noqa: PLC0415
        from ...records.best_quotes import read_best_quotes  # noqa: PLC0415
        from ...records.levels import read_levels  # noqa: PLC0415
        from ...records.touches import touch_batch  # noqa: PLC0415
        from ...records.trades import read_trades  # noqa: PLC0415

        tick_size = known_product(target.symbol).tick_size
        open_ns, end_ns = window_ns(target.date, *FIRST3H)
        until_ns = end_ns + MID_AFTER_SECONDS * _SECOND_NS
        events = market_events(
            read_trades(inputs[TRADES].table, tick_size, until_ns),
            read_best_quotes(inputs[BEST_QUOTE].table, tick_size, until_ns),
        )
        last_ns = last_record_ns(inputs[TRADES].manifest)
        paths = read_levels(inputs[LEVEL].table, tick_size)
        touches = level_touches(paths, events, open_ns, end_ns, last_ns)
        writers[self.output].write(touch_batch(touches, tick_size, self.output.contract()))
        return Made(facts=inherited_facts(inputs[LEVEL].manifest))
