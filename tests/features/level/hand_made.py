"""Small days made by hand, with a level at 100 ticks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tests.features.level.level_days import assert_row, columns
from tests.features.level.reference import Day, Level, LevelReference
from tests.features.level.reference_row import reference_row
from tests.features.market.record_streams import SECOND, Record, Side
from tests.features.market.reference import Value

OPEN, END = 2000, 2400
"""Seconds from the start of the day: 09:30, the last row."""
TEN = (10,) * 10


def side(best: int, step: int, sizes: Sequence[int]) -> Side:
    return [(best + k * step, size, k + 1) for k, size in enumerate(sizes)]


def book(t: float, bid: int, bids: Sequence[int] = TEN, asks: Sequence[int] = TEN) -> Record:
    """Return an order whose book has a best bid and the ask a tick above it."""
    return Record(
        int(t * SECOND), "A", "B", side(bid, -1, bids), side(bid + 1, 1, asks), event=int(1000 * t)
    )


def wide(t: float, bid: int) -> Record:
    """Return an order whose book has a price free between bid and ask: the mid."""
    return replace(book(t, bid), asks=side(bid + 2, 1, TEN))


def books(t: float, count: int, bid: int, *sizes: Sequence[int]) -> list[Record]:
    """Return the same book a number of times, half a second apart."""
    return [book(t + k / 2, bid, *sizes) for k in range(count)]


def trade(t: float, price: int, size: int = 1, aggressor: str = "B") -> Record:
    return Record(
        int(t * SECOND), "T", aggressor, [], [], price, size, flags=0, event=int(1000 * t)
    )


def static(
    known: int = OPEN,
    set_at: float = 1500.5,
    window: tuple[int, int] = (1000, OPEN),
    price: float = 100.0,
) -> Level:
    begin, end = window
    return Level(
        "pm_high", [(known * SECOND, price)], int(set_at * SECOND), (begin * SECOND, end * SECOND)
    )


def average(*steps: tuple[int, Value]) -> Level:
    return Level("sma_90", [(t * SECOND, value) for t, value in steps])


def kept_alive(records: Sequence[Record]) -> list[Record]:
    """Return the records with others between, which say nothing, so that no silence begins."""
    beats = [
        Record(t * SECOND + 1, "M", "N", [], [], flags=0, event=-t) for t in range(20, END, 20)
    ]
    return sorted([*records, *beats], key=lambda r: r.t)


def row(
    records: Sequence[Record],
    ts: int,
    level: Level | None = None,
    *,
    bars: Sequence[tuple[int, float]] = (),
    covered: tuple[int, int] | None = None,
    is_silent: bool = False,
) -> dict[str, Value]:
    """Return the reference at the second ``ts``, which is also what the columns hold.

    ``bars`` are ends, seconds, and closes; ``is_silent`` leaves silences as they are.
    """
    level = static() if level is None else level
    records = records if is_silent else kept_alive(records)
    bounds = None if covered is None else (covered[0] * SECOND, covered[1] * SECOND)
    day = Day(records, ts * SECOND, 0, OPEN * SECOND, 50.0, bounds)
    closed = [(end * SECOND, close) for end, close in bars]
    expected = reference_row(LevelReference(day, level, closed))
    if ts >= OPEN:
        grid = (0, OPEN * SECOND, END * SECOND)
        found = columns(records, [level], closed, range(len(records)), grid, bounds)
        assert_row(found[level.name], ts - OPEN, expected, level)
    return expected
