"""What earlier sessions say of a date's market: volume by second, and the trades of VPIN."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..exchange.sessions import FIRST3H, utc_day_ns, window_ns
from ..features.book.day_seconds import F64, DaySeconds
from ..features.book.second_sums import SECOND_NS, VOLUME
from ..features.market.trade_flow import window_volume
from ..features.market.volume_buckets import VolumeBuckets
from ..lake.inputs import FIRST_RECORD_FACT
from ..lake.table import Table
from .seconds import read_sum
from .trades import read_trades

WINDOW_SECONDS = 300


def prior_volume(sessions: Sequence[Table], rows: int) -> F64:
    """Return the volume of 300 s at each row of earlier sessions' grids.

    Parameters
    ----------
    sessions : sequence of Table
        One-second tables of the book.
    rows : int
        Of the grid.

    Returns
    -------
    float64 array, shape (sessions, rows), contracts
        The grid is the same wall clock on every date. NaN where the window begins before the
        session's first record.
    """
    found = [_volume(one) for one in sessions]
    return np.stack(found) if found else np.empty((0, rows))


def _volume(table: Table) -> F64:
    start_ns = utc_day_ns(table.partition.date)[0]
    bounds = window_ns(table.partition.date, *FIRST3H)
    first, last = ((ns - start_ns) // SECOND_NS for ns in bounds)
    first_ns = table.manifest.facts[FIRST_RECORD_FACT]
    # Without a record no window lies after the first one.
    begins = last + 1 if first_ns is None else -(-(first_ns - start_ns) // SECOND_NS)
    ends = np.arange(first, last + 1)
    return window_volume(read_sum(table, VOLUME), ends, WINDOW_SECONDS, begins)


def vpin(volume: int | None, before: Sequence[Table], trades: Table, day: DaySeconds) -> F64:
    """Return VPIN at each row of the grid, shape (rows,).

    Parameters
    ----------
    volume : int or None, contracts
        Of a bucket; None gives NaN.
    before : sequence of Table
        Trades of the sessions before, the nearest first; none gives NaN.
    trades : Table
        Of the date.
    day : DaySeconds
    """
    if volume is None or not before:
        return np.full(len(day.rows), np.nan)
    buckets = VolumeBuckets(volume, day.seconds.seconds)
    for one in reversed(before):
        buckets.add_trades(read_trades(one, day.tick_size))
    buckets.start_record()
    start_ns = day.seconds.start_ns
    buckets.add_trades(read_trades(trades, day.tick_size, day.close_ns), start_ns)
    return buckets.vpin(day.rows)
