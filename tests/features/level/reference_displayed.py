"""What a book displays, and while it did."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tests.features.level.reference import LevelReference
from tests.features.market.record_streams import SECOND, Record, Side
from tests.features.market.reference import Book, Change, Reference, Value, is_valid


def is_displayed(book: Book | None, low: int, high: int) -> bool:
    """Whether a complete book is valid and both prices lie within its ten prices a side."""
    if book is None or not is_valid(book):
        return False
    bids, asks = book
    is_above_bids = len(bids) < 10 or low >= bids[9][0]
    return is_above_bids and (len(asks) < 10 or high <= asks[9][0])


def displayed(side: Side, prices: Iterable[int], column: int = 1) -> int:
    wanted = set(prices)
    return sum(level[column] for level in side if level[0] in wanted)


def mean_size(day: Reference) -> Value:
    """D: mean size of a displayed price over the full books of 300 s; None with fewer than 100."""
    begin = day.ts - 300 * SECOND
    sizes = [
        sum(size for side in book for _, size, _ in side) / 20
        for t, book in day.books
        if begin <= t < day.ts and book is not None and is_valid(book) and min(map(len, book)) == 10
    ]
    return sum(sizes) / len(sizes) if len(sizes) >= 100 else None


@dataclass(frozen=True)
class Shown:
    """The part of a window in which the prices within some ticks of tick(L) were displayed.

    It begins at ``begin``; of the records at that time those after the ``number``-th are in it.
    """

    ref: LevelReference
    prices: range
    begin: int
    number: int

    @property
    def ns(self) -> int:
        return self.ref.ts - self.begin

    @property
    def seconds(self) -> float:
        return self.ns / SECOND

    def changes(self) -> list[Change]:
        found = self.ref.day.changes_between(self.begin, self.ref.ts)
        return [change for change in found if change.number > self.number]

    def trades(self) -> list[Record]:
        return [
            event.trade
            for event in self.ref.day.events
            if event.trade is not None and event.t >= self.begin and event.number > self.number
        ]

    def size(self) -> float:
        """Return the time-weighted mean of the size at the prices together."""
        total = 0
        for since, until, book in self.ref.day.standing(self.begin, self.ref.ts):
            total += (until - since) * sum(displayed(side, self.prices) for side in book)
        return total / self.ns


def shown(ref: LevelReference, ticks: int, seconds: int) -> Shown | None:
    """Return the window of a row, None where a price is not displayed at it."""
    day, tick = ref.day, ref.level.tick_at(ref.ts)
    if tick is None or not is_displayed(day.book_at(ref.ts), tick - ticks, tick + ticks):
        return None
    begin, number = ref.seconds_back(seconds), -1
    books = [event for event in day.events if event.kind != "trade"]
    for event in reversed(books):
        if not is_displayed(event.book, tick - ticks, tick + ticks):
            break
        run = event
        if event.t < begin:
            break
    if run.t >= begin:
        begin, number = run.t, run.number
    stepped = ref.level.tick_since(ref.ts)
    begin = begin if stepped is None else max(begin, stepped)
    return Shown(ref, range(tick - ticks, tick + ticks + 1), begin, number)
