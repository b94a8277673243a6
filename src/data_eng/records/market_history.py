"""What earlier sessions say of a date's market: by second, of the whole session, and for VPIN."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..exchange.sessions import FIRST3H, utc_day_ns, window_ns
from ..features.book.day_seconds import F64, DaySeconds, is_window_known, only
from ..features.book.second_sums import SECOND_NS, UNKNOWN_NS, VOLUME
from ..features.book.trades import Trades
from ..features.definitions import VPIN_BUCKETS
from ..features.market.prior_sessions import window_mean, window_volume
from ..features.market.volume_buckets import VolumeBuckets
from ..lake.inputs import FIRST_RECORD_FACT
from ..lake.table import Table
from .seconds import read_depth, read_sum
from .trades import read_trades

WINDOW_SECONDS = 300


@dataclass(frozen=True)
class PriorWindows:
    """What earlier sessions show over `WINDOW_SECONDS` before each row of their grids.

    The grid is the same wall clock on every date. NaN where more than a tenth of a window is
    unknown.

    Attributes
    ----------
    volume : float64 array, shape (sessions, rows), contracts
        NaN where the window begins before the session's first record.
    depth : float64 array, shape (sessions, rows), contracts
        Mean depth of ten prices, of the ends of the window's seconds; NaN where none of them shows
        ten prices on both sides.
    """

    volume: F64
    depth: F64


def prior_windows(sessions: Sequence[Table], rows: int) -> PriorWindows:
    """Return the windows of earlier sessions.

    Parameters
    ----------
    sessions : sequence of Table
        One-second tables of the book.
    rows : int
        Of the grid.
    """
    volume, depth = (np.empty((len(sessions), rows)) for _ in range(2))
    for n, table in enumerate(sessions):
        start_ns = utc_day_ns(table.partition.date)[0]
        first, last = (
            (ns - start_ns) // SECOND_NS for ns in window_ns(table.partition.date, *FIRST3H)
        )
        ends = np.arange(first, last + 1)
        unknown = np.append(0, np.cumsum(read_sum(table, UNKNOWN_NS)))
        is_known = is_window_known(unknown, ends, WINDOW_SECONDS)
        first_ns = table.manifest.facts[FIRST_RECORD_FACT]
        # Without a record no window lies after the first one.
        begins = last + 1 if first_ns is None else -(-(first_ns - start_ns) // SECOND_NS)
        traded = window_volume(read_sum(table, VOLUME), ends, WINDOW_SECONDS, begins)
        volume[n] = only(traded, is_known)
        depth[n] = only(window_mean(read_depth(table), ends, WINDOW_SECONDS), is_known)
    return PriorWindows(volume, depth)


def vpin(
    volume: int | None, filled: int, before: Sequence[Table], trades: Trades, day: DaySeconds
) -> F64:
    """Return VPIN at each row of the grid, shape (rows,).

    Parameters
    ----------
    volume : int or None, contracts
        Of a bucket; None gives NaN.
    filled : int, contracts
        In the first bucket when the first of the sessions begins.
    before : sequence of Table
        Trades of the sessions before, the nearest first, that hold `VPIN_BUCKETS` buckets and one
        more.
    trades : Trades
        Of the date.
    day : DaySeconds
    """
    if volume is None:
        return np.full(len(day.rows), np.nan)
    buckets = VolumeBuckets(volume, day.seconds.seconds, filled)
    for one in reversed(before):
        buckets.add_trades(read_trades(one, day.tick_size))
    buckets.start_record()
    buckets.add_trades(trades, day.seconds.start_ns)
    return buckets.vpin(day.rows)


def nearest_sessions(volumes: Sequence[int], bucket: int) -> tuple[int, int]:
    """Return how many of the nearest sessions fill the buckets of VPIN, and what is filled before.

    A bucket that was begun earlier is completed first and counts for nothing: one more than
    `VPIN_BUCKETS` is needed.

    Parameters
    ----------
    volumes : sequence of int, contracts
        Of the sessions before, the nearest first.
    bucket : int, contracts

    Returns
    -------
    tuple of int
        Number of sessions, all where they are too few; and the contracts in the bucket under way
        when the first of them begins, buckets being filled from the oldest session on.
    """
    held = count = 0
    while count < len(volumes) and held < (VPIN_BUCKETS + 1) * bucket:
        held += volumes[count]
        count += 1
    return count, sum(volumes[count:]) % bucket
