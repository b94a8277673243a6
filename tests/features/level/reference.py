"""What stands at a level and what happened to it, by the shortest way from the definitions.

Slow, and plain Python: everything is computed anew for a row from the records before it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from math import floor

from tests.features.market.record_streams import BAD_BOOK, LAST, SECOND, SNAPSHOT, Record
from tests.features.market.reference import Book, Reference, Value, is_valid

ARM, ZONE = 8, 40


@dataclass(frozen=True)
class Level:
    """A level and when each of its values came into force; None where it lapsed."""

    name: str
    steps: Sequence[tuple[int, float | None]]
    set_ns: int | None = None
    window: tuple[int, int] | None = None

    @property
    def is_moving(self) -> bool:
        return self.name == "sma_90"

    @cached_property
    def known(self) -> int | None:
        """First time with a value."""
        return next((t for t, value in self.steps if value is not None), None)

    def at(self, t: int) -> Value:
        """Return the value at ``t``; a level that does not move also before it was known."""
        if not self.is_moving:
            return self.steps[0][1] if self.steps else None
        since = bisect_right(self.steps, t, key=lambda step: step[0])
        return self.steps[since - 1][1] if since else None

    def tick_at(self, t: int) -> int | None:
        value = self.at(t)
        return None if value is None else floor(value + 0.5)


@dataclass(frozen=True)
class Event:
    """A trade, a book (None: unknown from now on) or a step of the level."""

    t: int
    kind: str
    trade: Record | None = None
    book: Book | None = None


class Day(Reference):
    """The records before a row, with trades and books in the order in which they came."""

    def __init__(
        self, records: Sequence[Record], ts: int, start: int, open_ns: int, multiplier: float
    ) -> None:
        super().__init__(records, ts, start, open_ns, multiplier)
        # What has no size is no trade of no contracts.
        self.trades = [r for r in self.trades if r.size is not None]
        self.events = list(self._events())

    def _events(self) -> Iterator[Event]:
        is_known = False
        for r in self.seen:
            is_trade = r.action == "T" and not r.flags & SNAPSHOT
            if is_trade and r.price is not None and r.size is not None:
                yield Event(r.t, "trade", trade=r)
            if r.flags & BAD_BOOK or r.action == "R":
                is_known = False
                yield Event(r.t, "book")
            elif r.flags & LAST and r.action != "T" and (is_known or (r.bids and r.asks)):
                is_known = True
                yield Event(r.t, "book", book=(r.bids[:10], r.asks[:10]))


@dataclass
class Touch:
    start: int
    side: int
    cause: str
    trades: list[tuple[int, float]] = field(default_factory=list)  # time, distance beyond L
    end: int | None = None
    is_bounce: bool = False

    @property
    def penetration(self) -> float:
        return max(0.0, *(beyond for _, beyond in self.trades))


@dataclass
class Machine:
    state: str = "IDLE"
    side: int = 0
    touches: list[Touch] = field(default_factory=list)

    @property
    def completed(self) -> list[Touch]:
        return [touch for touch in self.touches if touch.end is not None]

    def take_mid(self, t: int, distance: float) -> None:
        if abs(distance) < ARM or self.state == "ARMED":
            return
        side = 1 if distance > 0 else -1
        if self.state == "TOUCH":
            touch = self.touches[-1]
            touch.end, touch.is_bounce = t, side == touch.side
        self.state, self.side = "ARMED", side

    def take_trade(self, t: int, distance: float, cause: str) -> None:
        if self.state == "ARMED" and distance * self.side <= 0:
            self.state = "TOUCH"
            self.touches.append(Touch(t, self.side, cause))
        if self.state == "TOUCH":
            self.touches[-1].trades.append((t, -distance * self.side))


class LevelReference:
    """What a row at ``day.ts`` is for one level."""

    def __init__(self, day: Day, level: Level) -> None:
        self.day, self.level, self.ts = day, level, day.ts
        self._machines: dict[int, Machine] = {}

    @property
    def exists(self) -> bool:
        known = self.level.known
        return known is not None and known <= self.ts and self.level.at(self.ts) is not None

    @cached_property
    def known(self) -> int:
        """When the level got its first value."""
        assert self.level.known is not None
        return self.level.known

    def distance(self, t: int) -> Value:
        """Mid less level at the second ``t``."""
        mid, value = self.day.mid_at(t), self.level.at(t)
        return None if mid is None or value is None else mid - value

    @cached_property
    def timeline(self) -> list[Event]:
        """What came before the row: a step before any record of its time."""
        steps = [Event(t, "step") for t, _ in self.level.steps if t <= self.ts]
        # A stable sort: records keep their order.
        return sorted([*steps, *self.day.events], key=lambda e: e.t)

    def until(self, ts: int) -> Iterator[Event]:
        """Yield what came before the second ``ts``, the steps at it among them."""
        for event in self.timeline:
            if event.t < ts or (event.t == ts and event.kind == "step"):
                yield event

    def distances(self, ts: int) -> Iterator[tuple[int, Value]]:
        """Yield time and mid less level after each change of either since the level is known."""
        book: Book | None = None
        for event in self.until(ts):
            if event.kind == "trade":
                continue
            if event.kind == "book":
                book = event.book
            value = self.level.at(event.t)
            if event.t >= self.known:
                yield event.t, None if value is None else less(book, value)

    def machine(self, ts: int) -> Machine:
        """Return the touch machine as it stands at the second ``ts``."""
        if ts not in self._machines:
            self._machines[ts] = self._machine(ts)
        return self._machines[ts]

    def _machine(self, ts: int) -> Machine:
        machine, book = Machine(), None
        last_price: int | None = None
        stepped = False
        for event in self.until(ts):
            value = self.level.at(event.t)
            is_on = event.t >= self.known and value is not None
            if event.kind == "trade":
                assert event.trade is not None
                price = event.trade.price
                assert price is not None
                if is_on and value is not None:
                    was_there = last_price is not None and (last_price - value) * machine.side <= 0
                    cause = "level_step" if stepped and was_there else "price"
                    machine.take_trade(event.t, price - value, cause)
                last_price, stepped = price, False
                continue
            if event.kind == "book":
                book = event.book
            elif event.t > self.known:
                stepped = True
            distance = less(book, value) if value is not None else None
            if is_on and distance is not None:
                machine.take_mid(event.t, distance)
        return machine

    # Time

    def spans(self, begin: int, end: int) -> Iterator[tuple[int, Book, float]]:
        """Yield length, ns, book and level of the parts of a time with a valid quote and a level.

        Only from the time on at which the level is known.
        """
        begin = max(begin, self.known)
        first, last = (bisect_left(self.timeline, t, key=lambda e: e.t) for t in (begin, end))
        inside = {e.t for e in self.timeline[first:last] if e.kind != "trade"}
        times = sorted({begin, end} | inside) if begin < end else []
        for since, until in pairwise(times):
            book, value = self.day.book_at(since + 1), self.level.at(since)
            if is_valid(book) and value is not None:
                assert book is not None
                yield until - since, book, value

    def seconds_back(self, seconds: int) -> int:
        return self.ts - seconds * SECOND

    def is_known_for(self, seconds: int) -> bool:
        return self.seconds_back(seconds) >= self.known


def less(book: Book | None, value: float) -> Value:
    """Return the mid of a book less a value, None without a valid quote."""
    if book is None or not is_valid(book):
        return None
    return middle(book) - value


def middle(book: Book) -> float:
    """Return the mid of a book with a valid quote."""
    return (book[0][0][0] + book[1][0][0]) / 2


def divided(a: float, b: float) -> Value:
    return a / b if b else None
