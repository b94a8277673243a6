"""MARKET features of the futures contract on the 1-second grid.

1. `SilverFutureMarket` reads the date's book by second, trades and 2-minute bars, and what there is
   of the same of the 20 full sessions before.
2. `features.market.columns.market_columns` computes the columns; the grid's 10,801 rows are written
   as one row group. No record of the book is read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from ...catalogue.datasets import dataset
from ...catalogue.tables import BARS, MARKET, SECONDS, TRADES
from ...exchange.calendar import is_early_close
from ...exchange.expiry import expiration_date
from ...exchange.products import known_product
from ...features.definitions import VPIN_BUCKETS
from ...lake.inputs import inherited_facts
from ...lake.table import Table
from ...records.grid import grid_batch, grid_parameters, grid_times
from ...settings import Settings
from ..inputs import Inputs
from ..reads import Read, ReadEarlier
from ..regular_session import FeatureStage
from ..target import Context, Made, Target, Writers
from .ohlcv_2m import VOLUME_FACT

SESSIONS: Final = 20


class SilverFutureMarket(FeatureStage):
    """Silver ``market`` of a futures contract: a row a second from 09:30 to 12:30 ET.

    A row at ``ts`` uses records with ``ts_recv < ts``. Both ends of the grid have a row: 10,801.

    The features that look back over sessions (``relative_volume_300s``, ``vpin``) read what is
    published of the 20 regular sessions before and are null without it; the manifest lists what
    was read, and a partition made before its history was there is stale.
    """

    name: ClassVar[str] = "silver_future_market"
    version: ClassVar[int] = 2
    reads = (
        Read(SECONDS),
        Read(TRADES),
        Read(BARS),
        ReadEarlier(SECONDS, SESSIONS),
        ReadEarlier(TRADES, SESSIONS),
        ReadEarlier(BARS, SESSIONS),
    )
    writes = (dataset(MARKET),)

    def parameters(self, settings: Settings, symbol: str) -> Mapping[str, Any]:
        """Return the grid and the facts of the product."""
        product = known_product(symbol)
        return {
            "grid": grid_parameters(),
            "tick_size": product.tick_size,
            "multiplier": product.multiplier,
            "history_sessions": SESSIONS,
        }

    def transform(self, context: Context, inputs: Inputs, target: Target, writers: Writers) -> Made:
        """Compute the columns from the book's seconds, trades and history, write them."""
        from ...features.market.columns import OutsideInputs, market_columns  # noqa: PLC0415
        from ...records.bar_range import average_true_range_at  # noqa: PLC0415 - compiled
        from ...records.market_day import read_market_day  # noqa: PLC0415
        from ...records.market_history import prior_volume, vpin  # noqa: PLC0415

        product = known_product(target.symbol)
        day = read_market_day(inputs[SECONDS].table, product.tick_size, product.multiplier)
        times = grid_times(target.date)
        there = [one.table.table for one in inputs.earlier(SECONDS) if one.table is not None]
        bucket_volume = _bucket_volume(inputs)
        before = _trades_before(inputs, bucket_volume)
        outside = OutsideInputs(
            prior_volume_300s=prior_volume(there, len(times)),
            average_true_range=average_true_range_at(inputs[BARS].table, times),
            vpin=vpin(bucket_volume, before, inputs[TRADES].table, day),
            days_to_expiry=_days_to_expiry(target.symbol, target.date),
        )
        columns = market_columns(day, outside)
        writers[self.output].write(grid_batch(times, columns, self.output.contract()))
        facts = {
            **inherited_facts(inputs[SECONDS].manifest),
            "early_close": is_early_close(target.date),
            "history": {
                "relative_volume_sessions": len(there),
                "vpin_bucket_contracts": bucket_volume,
            },
        }
        return Made(facts=facts)


def _days_to_expiry(symbol: str, date: dt.date) -> int | None:
    expiration = expiration_date(symbol, date)
    return None if expiration is None else (expiration - date).days


def _bucket_volume(inputs: Inputs) -> int | None:
    # A fiftieth of the mean daily volume of 20 sessions; None without all of them.
    bars = [one.table for one in inputs.earlier(BARS) if one.table is not None]
    if len(bars) < SESSIONS:
        return None
    total = sum(int(one.manifest.facts[VOLUME_FACT]) for one in bars)
    return max(1, round(total / SESSIONS / VPIN_BUCKETS))


def _trades_before(inputs: Inputs, bucket_volume: int | None) -> list[Table]:
    # The nearest sessions that hold 50 buckets; none where one of them is missing.
    if bucket_volume is None:
        return []
    found: list[Table] = []
    held = 0
    for bars, trades in zip(inputs.earlier(BARS), inputs.earlier(TRADES), strict=True):
        if bars.table is None or trades.table is None:
            return []
        found.append(trades.table.table)
        held += int(bars.table.manifest.facts[VOLUME_FACT])
        if held >= VPIN_BUCKETS * bucket_volume:
            return found
    return []
