"""What earlier sessions say of a date's market: by second, of the whole session, and for VPIN."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from ..exchange.sessions import FIRST3H, utc_day_ns, window_ns
from ..features.book.day_seconds import F64, I64, DaySeconds
from ..features.book.second_sums import SECOND_NS, UNKNOWN_NS, VOLUME
from ..features.book.trades import Trades
from ..features.definitions import VPIN_BUCKETS
from ..features.market.prior_sessions import is_window_known, window_mean, window_volume
from ..features.market.volume_buckets import VolumeBuckets
from ..lake.inputs import FIRST_RECORD_FACT
from ..lake.table import Table
from .seconds import read_depth, read_sum
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
        session's first record, or more than a tenth of it is unknown.
    """
    return _by_session(sessions, rows, _volume)


def prior_depth(sessions: Sequence[Table], rows: int) -> F64:
    """Return the mean depth of ten prices over 300 s at each row of earlier sessions' grids.

    Parameters and result as of `prior_volume`; NaN where no second of the window shows ten prices
    on both sides, or more than a tenth of it is unknown.
    """
    return _by_session(sessions, rows, _depth)


def _by_session(sessions: Sequence[Table], rows: int, value: Callable[[Table, I64], F64]) -> F64:
    found = [value(one, _ends(one)) for one in sessions]
    return np.stack(found) if found else np.empty((0, rows))


def _ends(table: Table) -> I64:
    # The rows of the grid, in seconds from the start of the session's table.
    start_ns = utc_day_ns(table.partition.date)[0]
    first, last = window_ns(table.partition.date, *FIRST3H)
    return np.arange((first - start_ns) // SECOND_NS, (last - start_ns) // SECOND_NS + 1)


def _volume(table: Table, ends: I64) -> F64:
    start_ns = utc_day_ns(table.partition.date)[0]
    first_ns = table.manifest.facts[FIRST_RECORD_FACT]
    # Without a record no window lies after the first one.
    begins = int(ends[-1]) + 1 if first_ns is None else -(-(first_ns - start_ns) // SECOND_NS)
    volume = window_volume(read_sum(table, VOLUME), ends, WINDOW_SECONDS, begins)
    return np.where(_is_known(table, ends), volume, np.nan)


def _depth(table: Table, ends: I64) -> F64:
    depth = window_mean(read_depth(table), ends, WINDOW_SECONDS)
    return np.where(_is_known(table, ends), depth, np.nan)


def _is_known(table: Table, ends: I64) -> npt.NDArray[np.bool_]:
    # As in a row of its own: at most a tenth of the window is unknown.
    return is_window_known(read_sum(table, UNKNOWN_NS), ends, WINDOW_SECONDS)


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
