"""MARKET features of the futures contract on the 1-second grid.

1. `SilverFutureMarket` reads the date's book by second, trades and 2-minute bars, and what there is
   of the same of the 20 full sessions before.
2. `features.market.columns.market_columns` computes the columns; the grid's 10,801 rows are written
   as one row group. No record of the book is read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from ...catalogue.datasets import dataset
from ...catalogue.tables import BARS, MARKET, SECONDS, TRADES
from ...exchange.calendar import is_early_close
from ...exchange.expiry import expiration_date
from ...exchange.products import known_product
from ...features.definitions import HISTORY_SESSIONS, VPIN_BUCKETS
from ...lake.inputs import inherited_facts
from ...lake.table import Table
from ...records.grid import grid_batch, grid_parameters, grid_times
from ...settings import Settings
from ..inputs import EarlierSession, Inputs
from ..reads import Read, ReadEarlier
from ..regular_session import FeatureStage
from ..target import Context, Made, Target, Writers
from .ohlcv_2m import SESSION_FACT, VOLUME_FACT


class SilverFutureMarket(FeatureStage):
    """Silver ``market`` of a futures contract: a row a second from 09:30 to 12:30 ET.

    A row at ``ts`` uses records with ``ts_recv < ts``. Both ends of the grid have a row: 10,801.

    The features that look back over sessions (``relative_volume_300s``, ``vpin``) read what is
    published of the 20 regular sessions before and are null without it; the manifest lists what
    was read, and a partition made before its history was there is stale.
    """

    name: ClassVar[str] = "silver_future_market"
    version: ClassVar[int] = 3
    reads = (
        Read(SECONDS),
        Read(TRADES),
        Read(BARS),
        ReadEarlier(SECONDS, HISTORY_SESSIONS),
        ReadEarlier(TRADES, HISTORY_SESSIONS),
        ReadEarlier(BARS, HISTORY_SESSIONS, last_too=True),
    )
    writes = (dataset(MARKET),)

    def parameters(self, settings: Settings, symbol: str) -> Mapping[str, Any]:
        """Return the grid and the facts of the product."""
        product = known_product(symbol)
        return {
            "grid": grid_parameters(),
            "tick_size": product.tick_size,
            "multiplier": product.multiplier,
            "history_sessions": HISTORY_SESSIONS,
        }

    def transform(self, context: Context, inputs: Inputs, target: Target, writers: Writers) -> Made:
        """Compute the columns from the book's seconds, trades and history, write them."""
        from ...features.market.columns import OutsideInputs, market_columns  # noqa: PLC0415
        from ...features.market.large_trades import large_size, large_trades  # noqa: PLC0415
        from ...records.bar_closes import read_bar_closes  # noqa: PLC0415
        from ...records.bar_range import average_true_range_at  # noqa: PLC0415 - compiled
        from ...records.market_day import read_market_day  # noqa: PLC0415
        from ...records.market_history import (  # noqa: PLC0415
            nearest_sessions,
            prior_windows,
            vpin,
        )
        from ...records.trade_sizes import trade_sizes  # noqa: PLC0415
        from ...records.trades import read_trades  # noqa: PLC0415

        product = known_product(target.symbol)
        day = read_market_day(inputs[SECONDS].table, product.tick_size, product.multiplier)
        times = grid_times(target.date)
        seconds, trades = (_there(inputs.earlier(key)) for key in (SECONDS, TRADES))
        bars = _History(inputs, target, product.tick_size)
        own = read_trades(inputs[TRADES].table, product.tick_size, day.close_ns)
        size = large_size(trade_sizes(one.manifest) for one in trades)
        bucket = bars.bucket_volume if len(trades) == HISTORY_SESSIONS else None
        count, filled = nearest_sessions(bars.volumes, bucket) if bucket else (0, 0)
        prior = prior_windows(seconds, len(times))
        outside = OutsideInputs(
            prior_volume_300s=prior.volume,
            prior_depth_300s=prior.depth,
            prior_ranges=bars.ranges,
            prior_close=bars.prior_close,
            large=None
            if size is None
            else large_trades(own, size, day.seconds.start_ns, day.seconds.seconds),
            closes=read_bar_closes(inputs[BARS].table, product.tick_size),
            average_true_range=average_true_range_at(inputs[BARS].table, times),
            vpin=vpin(bucket, filled, trades[:count], own, day),
            days_to_expiry=_days_to_expiry(target.symbol, target.date),
        )
        columns = market_columns(day, outside)
        writers[self.output].write(grid_batch(times, columns, self.output.contract()))
        facts = {
            **inherited_facts(inputs[SECONDS].manifest),
            "early_close": is_early_close(target.date),
            "history": {
                "sessions": len(seconds),
                "large_trade_contracts": size,
                "vpin_bucket_contracts": bucket,
            },
        }
        return Made(facts=facts)


class _History:
    """What the facts of earlier sessions' bars say.

    Attributes
    ----------
    volumes : list of int, contracts
        Of the full sessions that are there, the nearest first.
    ranges : float64 array, shape (n,), ticks
        Of the regular session of those that have one.
    prior_close : float or None, ticks
        Of the session right before the date, of the same contract.
    """

    def __init__(self, inputs: Inputs, target: Target, tick_size: float) -> None:
        sessions = inputs.earlier(BARS)
        full = _there([one for one in sessions if not is_early_close(one.date)])
        self.volumes = [int(one.manifest.facts[VOLUME_FACT]) for one in full]
        found = [one.manifest.facts[SESSION_FACT] for one in full]
        spans = [one["high"] - one["low"] for one in found if one is not None]
        self.ranges = np.rint(np.array(spans, np.float64) / tick_size)
        self.prior_close = None
        last = sessions[0].table
        if last is not None and last.table.partition.symbol == target.symbol:
            session = last.table.manifest.facts[SESSION_FACT]
            if session is not None:
                self.prior_close = float(np.rint(session["close"] / tick_size))

    @property
    def bucket_volume(self) -> int | None:
        """A fiftieth of the mean daily volume of 20 sessions; None without all of them."""
        if len(self.volumes) < HISTORY_SESSIONS:
            return None
        return max(1, round(sum(self.volumes) / HISTORY_SESSIONS / VPIN_BUCKETS))


def _there(sessions: Sequence[EarlierSession]) -> list[Table]:
    return [one.table.table for one in sessions if one.table is not None]


def _days_to_expiry(symbol: str, date: dt.date) -> int | None:
    expiration = expiration_date(symbol, date)
    return None if expiration is None else (expiration - date).days
