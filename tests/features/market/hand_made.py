"""Small days made by hand: what the reference says of a row."""

from __future__ import annotations

from collections.abc import Sequence

from tests.features.market.record_streams import SECOND, Record, Side
from tests.features.market.reference import Reference, Value
from tests.features.market.reference_history import NO_HISTORY, History
from tests.features.market.reference_row import reference_row

OPEN = 2000
"""09:30, seconds from the start of the day."""
TEN = (10,) * 10


def side(best: int, step: int, sizes: Sequence[int] = TEN) -> Side:
    return [(best + k * step, size, 2) for k, size in enumerate(sizes)]


def book(
    t: float, bid: int = 100, bids: Sequence[int] = TEN, asks: Sequence[int] = TEN, event: int = 0
) -> Record:
    """Return an order whose book has a best bid and the ask a tick above it."""
    at = round(t * SECOND)
    return Record(at, "A", "B", side(bid, -1, bids), side(bid + 1, 1, asks), event=event or at)


def trade(t: float, price: int, size: int = 1, aggressor: str = "B", event: int = 0) -> Record:
    at = round(t * SECOND)
    sides = side(100, -1), side(101, 1)
    return Record(at, "T", aggressor, *sides, price, size, flags=0, event=event or at)


def spoken(begin: int, end: int, every: int = 20, bid: int = 100) -> list[Record]:
    """Return the same book again and again, so that there is no silence."""
    return [book(t, bid) for t in range(begin, end, every)]


def row(
    records: Sequence[Record],
    ts: float,
    history: History = NO_HISTORY,
    covered: tuple[int, int] | None = None,
) -> dict[str, Value]:
    """Return the reference at a second."""
    bounds = None if covered is None else (covered[0] * SECOND, covered[1] * SECOND)
    ordered = sorted(records, key=lambda r: r.t)
    at = round(ts * SECOND)
    return reference_row(Reference(ordered, at, 0, OPEN * SECOND, 50.0, bounds), history)
