"""What stands at a level and what happened to it, by the shortest way from the definitions.

Slow, and plain Python: everything is computed anew for a row from the records before it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from tests.features.market.record_streams import SECOND, Record
from tests.features.market.reference import Book, Event, Reference, Value, is_valid

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
        """Return the value in whole ticks, half of one to the even tick."""
        value = self.at(t)
        return None if value is None else round(value)

    def tick_since(self, t: int) -> int | None:
        """Return the last step up to ``t`` that changed the tick; None where nothing did."""
        if not self.is_moving:
            return None
        times = [step for step, _ in self.steps if step <= t]
        changes = [b for a, b in pairwise(times) if self.tick_at(a) != self.tick_at(b)]
        return max([*times[:1], *changes])


class Day(Reference):
    """The records before a row, with trades and books in the order in which they came."""


@dataclass
class Touch:
    start: int
    side: int
    cause: str
    trades: list[tuple[int, float]] = field(default_factory=list)  # time, distance beyond L
    end: int | None = None
    is_rejected: bool = False

    @property
    def penetration(self) -> float:
        return max(0.0, *(beyond for _, beyond in self.trades))


@dataclass
class Machine:
    state: str = "IDLE"
    side: int = 0
    touches: list[Touch] = field(default_factory=list)
    distances: list[float] = field(default_factory=list)  # since the last touch ended

    @property
    def completed(self) -> list[Touch]:
        return [touch for touch in self.touches if touch.end is not None]

    @property
    def rejected(self) -> list[Touch]:
        return [touch for touch in self.completed if touch.is_rejected]

    @property
    def touching(self) -> Touch | None:
        """The touch in progress."""
        return self.touches[-1] if self.state == "TOUCH" else None

    def take_mid(self, t: int, distance: float) -> None:
        if abs(distance) >= ARM and self.state != "ARMED":
            side = 1 if distance > 0 else -1
            if self.state == "TOUCH":
                touch = self.touches[-1]
                touch.end, touch.is_rejected = t, side == touch.side
                self.distances = []
            self.state, self.side = "ARMED", side
        if self.state == "ARMED":
            self.distances.append(abs(distance))

    def take_trade(self, t: int, distance: float, cause: str) -> None:
        if self.state == "ARMED" and distance * self.side <= 0:
            self.state = "TOUCH"
            self.touches.append(Touch(t, self.side, cause))
        if self.state == "TOUCH":
            self.touches[-1].trades.append((t, -distance * self.side))


class LevelReference:
    """What a row at ``day.ts`` is for one level.

    ``bars`` are the closed 2-minute bars: end, ns, and close, ticks.
    """

    def __init__(self, day: Day, level: Level, bars: Sequence[tuple[int, float]] = ()) -> None:
        self.day, self.level, self.ts, self.bars = day, level, day.ts, bars
        self._machines: dict[int, Machine] = {}

    @property
    def exists(self) -> bool:
        known = self.level.known
        is_known = known is not None and known <= self.ts
        return is_known and self.level.at(self.ts) is not None and not self.day.is_outside

    @cached_property
    def since(self) -> int:
        """s0: the later of 09:30 and when the level got its first value."""
        assert self.level.known is not None
        return max(self.level.known, self.day.open)

    def distance(self, t: int) -> Value:
        """Mid less level at the second ``t``."""
        mid, value = self.day.mid_at(t), self.level.at(t)
        return None if mid is None or value is None else mid - value

    @cached_property
    def timeline(self) -> list[Event]:
        """What came before the row."""
        steps = [Event(-1, t, "step") for t, _ in self.level.steps if t <= self.ts]
        return in_order([*steps, *self.day.events])

    def until(self, ts: int) -> Iterator[Event]:
        """Yield what came before the second ``ts``, steps and the end of a silence at it too."""
        for event in self.timeline:
            if event.t < ts or (event.t == ts and event.kind in ("silence", "step")):
                yield event

    def distances(self, ts: int) -> Iterator[tuple[int, Value]]:
        """Yield time and mid less level after each change of either."""
        book: Book | None = None
        for event in self.until(ts):
            if event.kind != "trade":
                book = book if event.kind == "step" else event.book
                value = self.level.at(event.t)
                yield event.t, None if value is None else less(book, value)

    def machine(self, ts: int) -> Machine:
        """Return the touch machine as it stands at the second ``ts``."""
        if ts not in self._machines:
            steps = [step for step in self.level.steps if step[0] <= ts]
            self._machines[ts] = run_machine(self.until(ts), self.level, steps, self.since, ts)
        return self._machines[ts]

    # Time

    def spans(self, begin: int, end: int) -> Iterator[tuple[int, Book, float]]:
        """Yield length, ns, book and level of the parts of a time with a valid quote and a level.

        A level that does not move has its value all day.
        """
        for since, until, book in self.day.standing(begin, end):
            steps = {t for t, _ in self.level.steps if since < t < until}
            for a, b in pairwise(sorted({since, until} | steps)):
                value = self.level.at(a)
                if value is not None:
                    yield b - a, book, value

    def seconds_back(self, seconds: int) -> int:
        return self.ts - seconds * SECOND


def in_order(events: Iterable[Event]) -> list[Event]:
    """Return events by time: a book is lost before the level steps, and that before any record."""
    first = {"silence": 0, "start": 1, "step": 1}
    # A stable sort: records keep their order.
    return sorted(events, key=lambda e: (e.t, first.get(e.kind, 2)))


def run_machine(
    events: Iterable[Event],
    level: Level,
    steps: Sequence[tuple[int, Value]],
    begin: int,
    end: int,
) -> Machine:
    """Return the machine that is idle at ``begin`` with the mid that stands, moved to ``end``.

    What comes before ``begin`` leaves a book and a price, no more. A level without a value then
    is as if it began with its next one.
    """
    machine, book, value = Machine(), None, None
    last_price: int | None = None
    has_begun = stepped = False
    starts = [(begin, "start"), *((t, "step") for t, _ in steps if t > begin)]
    marks = [Event(-1, t, kind) for t, kind in starts if t <= end]
    others = [event for event in events if event.kind != "step"]
    for event in in_order([*marks, *others]):
        if event.kind in ("start", "step"):
            value = level.at(event.t)
            stepped = has_begun
            has_begun = has_begun or value is not None
        if event.kind in ("book", "silence"):
            book = event.book
        if event.trade is not None and event.trade.price is not None:
            price = event.trade.price
            if value is not None:
                was_there = last_price is not None and (last_price - value) * machine.side <= 0
                machine.take_trade(
                    event.t, price - value, "level_step" if stepped and was_there else "price"
                )
            last_price, stepped = price, False
        elif value is not None:
            distance = less(book, value)
            if distance is not None:
                machine.take_mid(event.t, distance)
    return machine


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


def volume(trades: Iterable[Record]) -> int:
    return sum(r.size or 0 for r in trades)
