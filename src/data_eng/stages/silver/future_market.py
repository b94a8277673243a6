"""MARKET features of the futures contract on the 1-second grid.

1. `SilverFutureMarket` reads the date's records and 2-minute bars, and what there is of the 20
   sessions before.
2. `transform` streams the records before 12:30 ET once, row group by row group, through
   `features.book.book_scan.BookScan` and, where the history allows VPIN, `VolumeBuckets`.
3. `features.market.columns.market_columns` computes the columns from the sums by second; the
   grid's 10,801 rows are written as one row group.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt

from ...catalogue.datasets import dataset
from ...exchange.calendar import is_early_close
from ...exchange.expiry import expiration_date
from ...exchange.products import known_product
from ...exchange.sessions import FIRST3H, utc_day_ns, window_ns
from ...features.book.book_scan import BookScan
from ...features.book.day_seconds import F64, I64, DaySeconds
from ...features.book.quote_records import quote_records
from ...features.book.trades import TradeReader
from ...features.market.columns import OutsideInputs, grid_times, market_columns
from ...features.market.volume_buckets import BUCKETS, VolumeBuckets
from ...lake.inputs import InputTable, inherited_facts
from ...records.bar_range import average_true_range_at
from ...records.grid import grid_batch, grid_parameters
from ...records.mbp10_arrays import RecordChunks, RowGroups, dollars, letters, sizes
from ...settings import Settings
from ..inputs import Inputs
from ..reads import Read, ReadEarlier
from ..regular_session import FeatureStage
from ..stage import Context, Made, Target, Writers
from .ohlcv_2m import VOLUME_FACT

RECORDS: Final = "silver.future.market_by_price_10_clean"
BARS: Final = "silver.future.ohlcv_2m"
MARKET: Final = "silver.future.market"
SESSIONS: Final = 20

_TRADE_COLUMNS: Final = ("action", "side", "size")
_VOLUME: Final = "volume_300s"


class SilverFutureMarket(FeatureStage):
    """Silver ``market`` of a futures contract: a row a second from 09:30 to 12:30 ET.

    A row at ``ts`` uses records with ``ts_recv < ts``. Both ends of the grid have a row: 10,801.

    The features that look back over sessions (``relative_volume_300s``, ``vpin``) read what is
    published of the 20 regular sessions before and are null without it; the manifest lists what
    was read, and a partition made before its history was there is stale.
    """

    name: ClassVar[str] = "silver_future_market"
    version: ClassVar[int] = 1
    reads = (
        Read(RECORDS),
        Read(BARS),
        ReadEarlier(BARS, SESSIONS),
        ReadEarlier(RECORDS, SESSIONS),
        ReadEarlier(MARKET, SESSIONS),
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
        """Stream the records, compute the columns, write them."""
        product = known_product(target.symbol)
        open_ns, end_ns = window_ns(target.date, *FIRST3H)
        scan = BookScan(utc_day_ns(target.date)[0], end_ns)
        bucket_volume, before = _prior_trades(inputs)
        buckets = _prior_buckets(bucket_volume, before, scan.seconds.seconds)
        trades = TradeReader()
        reader = RecordChunks(inputs[RECORDS].table, product.tick_size)
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
        markets = [one.table for one in inputs.earlier(MARKET) if one.table is not None]
        outside = OutsideInputs(
            prior_volume_300s=_prior_volume(markets, len(times)),
            average_true_range=average_true_range_at(inputs[BARS].table, times),
            vpin=np.full(len(times), np.nan) if buckets is None else buckets.vpin(day.rows),
            days_to_expiry=_days_to_expiry(target.symbol, target.date),
        )
        columns = market_columns(day, outside)
        writers[self.output].write(grid_batch(times, columns, self.output.contract()))
        facts = {
            **inherited_facts(inputs[RECORDS].manifest),
            "early_close": is_early_close(target.date),
            "history": {
                "relative_volume_sessions": len(markets),
                "vpin_bucket_contracts": bucket_volume,
            },
        }
        return Made(facts=facts)


def _days_to_expiry(symbol: str, date: dt.date) -> int | None:
    expiration = expiration_date(symbol, date)
    return None if expiration is None else (expiration - date).days


def _prior_trades(inputs: Inputs) -> tuple[int | None, list[InputTable]]:
    # A fiftieth of the mean daily volume of 20 sessions, and the records of the nearest sessions
    # that hold 50 such buckets; None without all sessions, none where one of them is missing.
    bars = [one.table for one in inputs.earlier(BARS)]
    volumes = [int(one.manifest.facts[VOLUME_FACT]) for one in bars if one is not None]
    if len(volumes) < SESSIONS:
        return None, []
    bucket_volume = max(1, round(sum(volumes) / SESSIONS / BUCKETS))
    found: list[InputTable] = []
    held = 0
    for session, volume in zip(inputs.earlier(RECORDS), volumes, strict=True):
        if session.table is None:
            break
        found.append(session.table)
        held += volume
        if held >= BUCKETS * bucket_volume:
            return bucket_volume, found
    return bucket_volume, []


def _prior_buckets(
    bucket_volume: int | None, sessions: Sequence[InputTable], seconds: int
) -> VolumeBuckets | None:
    # Buckets with the trades of the sessions before, the farthest first.
    if bucket_volume is None or not sessions:
        return None
    buckets = VolumeBuckets(bucket_volume, seconds)
    for one in reversed(sessions):
        for table in RowGroups(one.table, _TRADE_COLUMNS).tables():
            size = sizes(table["size"])
            rows = np.flatnonzero((letters(table["action"]) == ord("T")) & (size > 0))
            buckets.add(size[rows], _signs(letters(table["side"])[rows]))
    buckets.start_record()
    return buckets


def _signs(side: npt.NDArray[np.uint8]) -> I64:
    return np.asarray((side == ord("B")).astype(np.int64) - (side == ord("A")), np.int64)


def _prior_volume(markets: Sequence[InputTable], rows: int) -> F64:
    # One row a session; the grid is the same wall clock on every date.
    columns = [dollars(one.table.read([_VOLUME])[_VOLUME]) for one in markets]
    return np.stack(columns) if columns else np.empty((0, rows))
