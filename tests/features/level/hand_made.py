"""Small days made by hand, with a level at 100 ticks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tests.features.level.level_days import assert_row, columns
from tests.features.level.reference import Day, Level, LevelReference
from tests.features.level.reference_row import reference_row
from tests.features.market.record_streams import SECOND, Record, Side
from tests.features.market.reference import Value

OPEN, END = 2000, 2400
"""Seconds from the start of the day: 09:30, the last row."""


def side(best: int, step: int, sizes: Sequence[int]) -> Side:
    return [(best + k * step, size, k + 1) for k, size in enumerate(sizes)]


def book(
    t: float, bid: int, bids: Sequence[int] = (10,) * 10, asks: Sequence[int] = (10,) * 10
) -> Record:
    """Return an order whose book has a best bid and the ask a tick above it."""
    return Record(
        int(t * SECOND), "A", "B", side(bid, -1, bids), side(bid + 1, 1, asks), event=int(1000 * t)
    )


def trade(t: float, price: int, size: int = 1, aggressor: str = "B") -> Record:
    return Record(
        int(t * SECOND), "T", aggressor, [], [], price, size, flags=0, event=int(1000 * t)
    )


def static(
    known: int = OPEN, set_at: float = 1500.5, window: tuple[int, int] = (1000, OPEN)
) -> Level:
    begin, end = window
    return Level(
        "pm_high", [(known * SECOND, 100.0)], int(set_at * SECOND), (begin * SECOND, end * SECOND)
    )


def average(*steps: tuple[int, Value]) -> Level:
    return Level("sma_90", [(t * SECOND, value) for t, value in steps])


def row(records: Sequence[Record], ts: int, level: Level | None = None) -> dict[str, Value]:
    """Return the reference at the second ``ts``, which is also what the columns hold."""
    level = static() if level is None else level
    day = Day(records, ts * SECOND, 0, OPEN * SECOND, 50.0)
    expected = reference_row(LevelReference(day, level), 2.0, 0.25)
    if ts >= OPEN:
        ranges = np.full(END - OPEN + 1, 2.0)
        grid = (0, OPEN * SECOND, END * SECOND)
        found = columns(records, [level], ranges, range(len(records)), grid)
        assert_row(found[level.name], ts - OPEN, expected, level)
    return expected
