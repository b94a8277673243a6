"""A day's book by second as the features take it, up to the end of the grid."""

from __future__ import annotations

from ..exchange.sessions import FIRST3H, window_ns
from ..features.book.day_seconds import DaySeconds
from ..lake.inputs import COVERED_FACT, FIRST_RECORD_FACT
from ..lake.table import Table
from .seconds import read_seconds


def read_market_day(table: Table, tick_size: float, multiplier: float) -> DaySeconds:
    """Return the seconds of a date from 00:00 UTC to the last row of the grid.

    Parameters
    ----------
    table : Table
        The one-second table of the book.
    tick_size : float, dollars
    multiplier : float, USD per point
    """
    open_ns, close_ns = window_ns(table.partition.date, *FIRST3H)
    first_ns = table.manifest.facts[FIRST_RECORD_FACT]
    return DaySeconds(
        read_seconds(table, tick_size, close_ns),
        close_ns if first_ns is None else min(first_ns, close_ns),
        open_ns,
        close_ns,
        tick_size,
        multiplier,
        table.manifest.facts[COVERED_FACT],
    )
