"""What a row has seen, by the shortest way from the definitions: slow, and plain Python."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tests.features.market.record_streams import BAD_BOOK, LAST, SECOND, SNAPSHOT, Record, Side

Value = float | None
Book = tuple[Side, Side]
NS = SECOND
BID, ASK = 0, 1
SILENCE = 60 * NS
"""Without a record for so long the book is unknown."""
TAKES_FROM = {"A": (BID,), "B": (ASK,), "N": (BID, ASK)}
"""The sides on which a trade of an aggressor can have been executed."""


@dataclass(frozen=True)
class Change:
    """From one complete valid book to the next, with the trades of the event between them.

    ``number`` is the place of its record in the file.
    """

    number: int
    t: int
    old: Book
    new: Book
    trades: tuple[Record, ...]

    def difference(self, side: int, price: int) -> int:
        """Return dQ of a price."""
        new, old = (sum(x[1] for x in book[side] if x[0] == price) for book in (self.new, self.old))
        return new - old

    def executed(self, side: int, price: int) -> int:
        """Return the contracts that trades took from a price of the side; it was displayed."""
        if all(price != x[0] for x in self.old[side]):
            return 0
        hits = [r for r in self.trades if r.price == price and side in TAKES_FROM[r.side]]
        return sum(r.size or 0 for r in hits)

    def added(self, side: int, price: int) -> int:
        return max(0, self.difference(side, price) + self.executed(side, price))

    def cancelled(self, side: int, price: int) -> int:
        return max(0, -self.difference(side, price) - self.executed(side, price))

    def prices(self, side: int) -> list[int]:
        """Return the prices that the side shows before or after."""
        return sorted({x[0] for book in (self.old, self.new) for x in book[side]})


@dataclass(frozen=True)
class Event:
    """What happened: a ``trade``, a ``book``, a ``silence`` or a ``step`` of a level.

    A book is complete; None where it is lost. ``number`` is the place of the record.
    """

    number: int
    t: int
    kind: str
    trade: Record | None = None
    book: Book | None = None


def is_valid(book: Book | None) -> bool:
    return book is not None and bool(book[0] and book[1]) and book[1][0][0] > book[0][0][0]


def is_counted(r: Record) -> bool:
    """Whether a record is a trade: priced, of at least one contract, no snapshot."""
    return r.action == "T" and not r.flags & SNAPSHOT and r.price is not None and bool(r.size)


def is_complete(r: Record) -> bool:
    return bool(r.flags & LAST) and r.action != "T"


class Reference:
    """What a row at ``ts`` is, from the records before it.

    ``covered`` is the range, ns, that the file set holds: without one it has no bounds.
    """

    def __init__(
        self,
        records: Sequence[Record],
        ts: int,
        start: int,
        open_ns: int,
        multiplier: float,
        covered: tuple[int, int] | None = None,
    ) -> None:
        self.ts, self.start, self.open, self.multiplier = ts, start, open_ns, multiplier
        self.covered = covered
        self.first = records[0].t if records else ts
        self.seen = [r for r in records if r.t < ts]
        self.trades = [r for r in self.seen if is_counted(r)]
        self.events: list[Event] = []
        self.changes: list[Change] = []
        self.orders: list[int] = []
        self._scan()
        self.books = [(e.t, e.book) for e in self.events if e.kind != "trade"]
        self.losses = {e.t for e in self.events if e.kind == "silence"}
        self.unknown = list(self._unknown())

    def _scan(self) -> None:
        book: Book | None = None
        silences = dict(self._silences())
        trades: list[Record] = []
        event = 0
        for i, r in enumerate(self.seen):
            if i in silences:
                self.events.append(Event(i, silences[i], "silence"))
                book = None
            if r.event != event:
                trades, event = [], r.event
            if is_counted(r):
                trades.append(r)
                self.events.append(Event(i, r.t, "trade", trade=r))
            self._take_order(r, is_fill=bool(trades))
            if r.flags & BAD_BOOK or r.action == "R":
                book = None
                self.events.append(Event(i, r.t, "book"))
            elif is_complete(r) and (book is not None or (r.bids and r.asks)):
                new = (r.bids[:10], r.asks[:10])
                if is_valid(book) and is_valid(new) and not r.flags & SNAPSHOT:
                    assert book is not None
                    self.changes.append(Change(i, r.t, book, new, tuple(trades)))
                book = new
                self.events.append(Event(i, r.t, "book", book=new))
            if is_complete(r):
                trades = []
        if len(self.seen) in silences:
            self.events.append(Event(len(self.seen), silences[len(self.seen)], "silence"))

    def _silences(self) -> Iterator[tuple[int, int]]:
        """Yield the record before which the book was lost, and when."""
        for i, (t, following) in enumerate(pairwise([*(r.t for r in self.seen), self.ts]), 1):
            if following - t >= SILENCE:
                yield i, t + SILENCE

    def _take_order(self, r: Record, is_fill: bool) -> None:
        is_order = r.action == "A" or (r.action in ("C", "M") and not is_fill)
        if is_order and not r.flags & SNAPSHOT:
            self.orders.append(r.t)

    def _unknown(self) -> Iterator[tuple[float, int]]:
        """Yield from and to when the book was unknown; the last time may go on."""
        since: float | None = -math.inf
        for event in self.events:
            if event.kind == "silence" and since is None:
                since = event.t
            if event.book is not None and since is not None:
                yield since, event.t
                since = None
        if since is not None:
            yield since, self.ts

    # What is known

    @property
    def is_outside(self) -> bool:
        """Whether the row lies outside of what the file set holds."""
        return self.covered is not None and not self.covered[0] < self.ts <= self.covered[1]

    @property
    def is_unknown(self) -> bool:
        """Whether the book is unknown at the row, from the end of a silence on."""
        return self.is_unknown_at(self.ts)

    def is_unknown_at(self, t: int) -> bool:
        # A row at the time of the record that ends it has not seen that record.
        return any(begin <= t <= end for begin, end in self.unknown)

    def is_mostly_known(self, seconds: int, lag: int = 0) -> bool:
        """Whether no more than 10 % of a window is unknown time."""
        end = self.ts - lag * NS
        begin = end - seconds * NS
        spans = [min(until, end) - max(since, begin) for since, until in self.unknown]
        return 10 * sum(max(0, span) for span in spans) <= seconds * NS

    def if_known(self, value: Value, seconds: int, lag: int = 0) -> Value:
        """Return a value of a window, None where too much of it is unknown."""
        return value if self.is_mostly_known(seconds, lag) else None

    # What stands at a time

    def book_at(self, t: int) -> Book | None:
        """Return the book that a row at ``t`` has seen."""
        before = bisect_left(self.books, t, key=lambda entry: entry[0])
        return None if t in self.losses or not before else self.books[before - 1][1]

    def mid_at(self, t: int) -> Value:
        book = self.book_at(t)
        if book is None or not is_valid(book):
            return None
        return (book[0][0][0] + book[1][0][0]) / 2

    def standing(self, begin: int, end: int) -> Iterator[tuple[int, int, Book]]:
        """Yield from and to when each valid book stood."""
        first = bisect_right(self.books, begin, key=lambda entry: entry[0])
        entries = [*self.books[max(first - 1, 0) :], (end, None)]
        for (since, book), (until, _) in pairwise(entries):
            since, until = max(since, begin), min(until, end)  # noqa: PLW2901
            if since < until and book is not None and is_valid(book):
                yield since, until, book

    def is_valid_for_most(self, seconds: int, count: int) -> bool:
        """Whether the quote is valid with ``count`` levels a side in 90 % of the window."""
        return 10 * self.spread_integral(seconds, count)[0] >= 9 * seconds * NS

    def spread_integral(self, seconds: int, count: int = 1) -> tuple[int, int]:
        """Valid time, ns, and the integral of the spread over it, ticks ns."""
        time = total = 0
        for since, until, book in self.standing(self.ts - seconds * NS, self.ts):
            if min(map(len, book)) >= count:
                time += until - since
                total += (until - since) * (book[1][0][0] - book[0][0][0])
        return time, total

    def in_window(self, seconds: int, lag: int = 0) -> list[Record]:
        end = self.ts - lag * NS
        return self.trades_between(end - seconds * NS, end)

    def changes_in(self, seconds: int) -> list[Change]:
        return self.changes_between(self.ts - seconds * NS, self.ts)

    def trades_between(self, begin: int, end: int) -> list[Record]:
        first, last = (bisect_left(self.trades, t, key=lambda r: r.t) for t in (begin, end))
        return self.trades[first:last]

    def changes_between(self, begin: int, end: int) -> list[Change]:
        first, last = (bisect_left(self.changes, t, key=lambda c: c.t) for t in (begin, end))
        return self.changes[first:last]

    def is_covered(self, seconds: int) -> bool:
        return self.ts - seconds * NS >= self.first

    def mids(self, steps: int, seconds: int) -> list[Value]:
        return [self.mid_at(self.ts - k * seconds * NS) for k in range(steps, -1, -1)]

    def returns(self, steps: int, seconds: int) -> list[Value]:
        mids = self.mids(steps, seconds)
        return [None if a is None or b is None else math.log(b / a) for a, b in pairwise(mids)]

    # The book

    def quoted_spread(self) -> Value:
        book = self.book_at(self.ts)
        return book[1][0][0] - book[0][0][0] if book is not None and is_valid(book) else None

    def levels(self, count: int) -> Book | None:
        book = self.book_at(self.ts)
        if book is None or min(map(len, book)) < count:
            return None
        return book[0][:count], book[1][:count]

    def depth(self, count: int, column: int = 1) -> tuple[float, float] | None:
        book = self.levels(count)
        if book is None:
            return None
        return sum(x[column] for x in book[0]), sum(x[column] for x in book[1])

    def round_trip(self, contracts: int) -> Value:
        book = self.book_at(self.ts)
        if book is None or not is_valid(book):
            return None
        cost = []
        for side in book:
            left, paid = contracts, 0
            for price, size, _ in side:
                taken = min(left, size)
                paid += taken * price
                left -= taken
            if left:
                return None
            cost.append(paid / contracts)
        return cost[1] - cost[0]


def sign(r: Record) -> int:
    return {"B": 1, "A": -1}.get(r.side, 0)


def divided(a: float, b: float) -> Value:
    return a / b if b > 0 else None
