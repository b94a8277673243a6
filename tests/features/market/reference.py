"""The features of one row by the shortest way from their definitions: slow, and plain Python."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

from tests.features.market.record_streams import BAD_BOOK, LAST, SECOND, SNAPSHOT, Record, Side

Value = float | None
Book = tuple[Side, Side]
NS = SECOND


@dataclass
class Change:
    t: int
    old: Book
    new: Book
    executed: dict[int, int]  # price -> contracts


def is_valid(book: Book | None) -> bool:
    return book is not None and bool(book[0] and book[1]) and book[1][0][0] > book[0][0][0]


class Reference:
    """What a row at ``ts`` is, from the records before it."""

    def __init__(
        self, records: Sequence[Record], ts: int, start: int, open_ns: int, multiplier: float
    ) -> None:
        self.ts, self.start, self.open, self.multiplier = ts, start, open_ns, multiplier
        self.first = records[0].t if records else ts
        self.seen = [r for r in records if r.t < ts]
        self.books: list[tuple[int, Book | None]] = []
        self.changes: list[Change] = []
        self.orders: list[int] = []
        self._scan()
        self.trades = [
            r
            for r in self.seen
            if r.action == "T" and not r.flags & SNAPSHOT and r.price is not None
        ]

    def _scan(self) -> None:
        book: Book | None = None
        executed: dict[int, int] = {}
        event, traded = 0, False
        for r in self.seen:
            if r.event != event:
                executed, traded, event = {}, False, r.event
            if r.action == "T" and r.price is not None and r.size is not None:
                executed[r.price] = executed.get(r.price, 0) + r.size
                traded = True
            if not r.flags & SNAPSHOT and (
                r.action == "A" or (r.action in ("C", "M") and not traded)
            ):
                self.orders.append(r.t)
            if r.flags & BAD_BOOK or r.action == "R":
                book = None
                self.books.append((r.t, None))
            elif r.flags & LAST and r.action != "T":
                new = (r.bids[:10], r.asks[:10])
                if book is None and not (new[0] and new[1]):
                    pass
                else:
                    if is_valid(book) and is_valid(new) and not r.flags & SNAPSHOT:
                        assert book is not None
                        self.changes.append(Change(r.t, book, new, executed))
                    book = new
                    self.books.append((r.t, new))
            if r.flags & LAST and r.action != "T":
                executed, traded = {}, False

    # What stands at a time

    def book_at(self, t: int) -> Book | None:
        before = bisect_left(self.books, t, key=lambda entry: entry[0])
        return self.books[before - 1][1] if before else None

    def mid_at(self, t: int) -> Value:
        book = self.book_at(t)
        if book is None or not is_valid(book):
            return None
        return (book[0][0][0] + book[1][0][0]) / 2

    def is_valid_for_most(self, seconds: int, count: int) -> bool:
        """Whether the quote is valid with ``count`` levels a side in 90 % of the window."""
        return 10 * self.spread_integral(seconds, count)[0] >= 9 * seconds * NS

    def spread_integral(self, seconds: int, count: int = 1) -> tuple[int, int]:
        """Valid time, ns, and the integral of the spread over it, ticks ns."""
        begin = max(self.ts - seconds * NS, self.start)
        points = [(self.start, None), *self.books, (self.ts, None)]
        time = total = 0
        for (since, book), (until, _) in pairwise(points):
            span = max(0, min(until, self.ts) - max(since, begin))
            if book is None or not is_valid(book) or min(map(len, book)) < count:
                continue
            time += span
            total += span * (book[1][0][0] - book[0][0][0])
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

    def slopes(self) -> tuple[float, float] | None:
        book = self.levels(10)
        if book is None or not is_valid(book) or book[0][0][1] < 2 or book[1][0][1] < 2:
            return None
        mid = (book[0][0][0] + book[1][0][0]) / 2
        out = []
        for side in book:
            shown = 0
            v = []
            for _, size, _ in side:
                shown += size
                v.append(math.log(shown))
            p = [price for price, _, _ in side]
            total = v[0] / abs(p[0] / mid - 1)
            for k in range(9):
                total += (v[k + 1] / v[k] - 1) / abs(p[k + 1] / p[k] - 1)
            out.append(total / 10)
        return out[0], out[1]

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

    # Order flow

    def ofi(self, changes: Sequence[Change], k: int) -> int:
        total = 0
        for c in changes:
            if len(c.old[0]) > k and len(c.new[0]) > k:
                (p0, q0, _), (p1, q1, _) = c.old[0][k], c.new[0][k]
                total += (p1 >= p0) * q1 - (p1 <= p0) * q0
            if len(c.old[1]) > k and len(c.new[1]) > k:
                (p0, q0, _), (p1, q1, _) = c.old[1][k], c.new[1][k]
                total += -(p1 <= p0) * q1 + (p1 >= p0) * q0
        return total

    def ofi_l1(self, seconds: int) -> Value:
        changes = self.changes_in(seconds)
        if not changes:
            return None
        depth = fmean((c.new[0][0][1] + c.new[1][0][1]) / 2 for c in changes)
        return self.ofi(changes, 0) / depth

    def ofi_l10(self, seconds: int) -> Value:
        changes = self.changes_in(seconds)
        if not changes or not self.is_valid_for_most(seconds, 10):
            return None
        depth = fmean(sum(x[1] for side in c.new for x in side) / 20 for c in changes)
        return fmean(self.ofi(changes, k) for k in range(10)) / depth

    def adds_and_cancels(self, seconds: int) -> tuple[list[int], list[int]]:
        """Contracts added and cancelled, each (bid, ask)."""
        added, cancelled = [0, 0], [0, 0]
        for c in self.changes_in(seconds):
            for side, sign in ((0, 1), (1, -1)):
                old = {price: size for price, size, _ in c.old[side]}
                new = {price: size for price, size, _ in c.new[side]}
                for price in old.keys() | new.keys():
                    is_visible = all(
                        len(levels) < 10 or sign * price >= sign * levels[9][0]
                        for levels in (c.old[side], c.new[side])
                    )
                    if not is_visible:
                        continue
                    change = new.get(price, 0) - old.get(price, 0)
                    added[side] += max(change, 0)
                    # Only what stood in the book before can have been executed.
                    traded = c.executed.get(price, 0) if price in old else 0
                    cancelled[side] += max(-change - traded, 0)
        return added, cancelled

    # Slopes over intervals

    def intervals(self, steps: int, seconds: int) -> list[tuple[int, int]]:
        return [
            (self.ts - (k + 1) * seconds * NS, self.ts - k * seconds * NS)
            for k in range(steps - 1, -1, -1)
        ]

    def impact(self, kind: str) -> Value:
        xs, ys, traded = [], [], 0
        for begin, end in self.intervals(180, 10):
            a, b = self.mid_at(begin), self.mid_at(end)
            if a is None or b is None:
                continue
            trades = self.trades_between(begin, end)
            traded += sum(r.size or 0 for r in trades) > 0
            if kind == "trades":
                x = sum(sign(r) * (r.size or 0) for r in trades)
            else:
                x = self.ofi(self.changes_between(begin, end), 0)
            xs.append(x / 1000)
            ys.append(b - a)
        if traded < 60 or max(xs) == min(xs):
            return None
        x_mean, y_mean = fmean(xs), fmean(ys)
        pairs = list(zip(xs, ys, strict=True))
        return sum((x - x_mean) * (y - y_mean) for x, y in pairs) / sum(
            (x - x_mean) ** 2 for x in xs
        )

    def amihud(self, tick_size: float) -> Value:
        values = []
        for begin, end in self.intervals(30, 60):
            a, b = self.mid_at(begin), self.mid_at(end)
            trades = self.trades_between(begin, end)
            if a is None or b is None or not sum(r.size or 0 for r in trades):
                continue
            notional = sum(
                (r.price or 0) * tick_size * self.multiplier * (r.size or 0) for r in trades
            )
            values.append(1e4 * abs(math.log(b / a)) / (notional / 1e8))
        return fmean(values) if len(values) >= 20 else None


def sign(r: Record) -> int:
    return {"B": 1, "A": -1}.get(r.side, 0)


def divided(a: float, b: float) -> Value:
    return a / b if b > 0 else None
