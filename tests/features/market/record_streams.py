"""Random streams of MBP-10 records, and their arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from src.data_eng.features.book.record_chunk import (
    ASK_CT,
    ASK_PX,
    ASK_SZ,
    BID_CT,
    BID_PX,
    BID_SZ,
    BOOK_VALUES,
    NO_PRICE,
    RecordChunk,
)

SECOND = 10**9
LAST, SNAPSHOT, BAD_BOOK = 0x80, 0x20, 0x04

Side = list[tuple[int, int, int]]
"""Levels from the best outwards: price in ticks, size, order count."""


@dataclass(frozen=True)
class Record:
    t: int
    action: str
    side: str
    bids: Side
    asks: Side
    price: int | None = None
    size: int | None = 0
    flags: int = LAST
    event: int = 0


def chunk(records: Sequence[Record]) -> RecordChunk:
    n = len(records)
    book = np.zeros((BOOK_VALUES, n + 5), np.int32)
    for i, r in enumerate(records):
        sides = ((r.bids, BID_PX, BID_SZ, BID_CT), (r.asks, ASK_PX, ASK_SZ, ASK_CT))
        for levels, px, sz, ct in sides:
            book[px : px + 10, i] = NO_PRICE
            for k, (price, size, count) in enumerate(levels[:10]):
                book[px + k, i], book[sz + k, i], book[ct + k, i] = price, size, count
    return RecordChunk(
        times=np.array([r.t for r in records], np.int64),
        ts_event=np.array([r.event for r in records], np.int64),
        action=np.array([ord(r.action) for r in records], np.uint8),
        side=np.array([ord(r.side) for r in records], np.uint8),
        flags=np.array([r.flags for r in records], np.int32),
        price=np.array([NO_PRICE if r.price is None else r.price for r in records], np.int32),
        size=np.array([-1 if r.size is None else r.size for r in records], np.int32),
        book=book,
    )


def shifted(records: Iterable[Record], ticks: int) -> list[Record]:
    """Return the records with every price moved by a number of ticks."""

    def move(levels: Side) -> Side:
        return [(price + ticks, size, count) for price, size, count in levels]

    return [
        replace(
            r,
            bids=move(r.bids),
            asks=move(r.asks),
            price=None if r.price is None else r.price + ticks,
        )
        for r in records
    ]


def mirrored(records: Iterable[Record], about: int) -> list[Record]:
    """Return the records with bids and asks exchanged, prices reflected about half of ``about``."""

    def flip(levels: Side) -> Side:
        return [(about - price, size, count) for price, size, count in levels]

    other = {"A": "B", "B": "A", "N": "N"}
    return [
        replace(
            r,
            side=other[r.side],
            bids=flip(r.asks),
            asks=flip(r.bids),
            price=None if r.price is None else about - r.price,
        )
        for r in records
    ]


@dataclass
class Exchange:
    """A book with more than ten levels, into which orders and cancels arrive at random."""

    rng: np.random.Generator
    mid: int = 20_000
    depth: int = 14
    largest: int = 40
    bids: dict[int, list[int]] = field(default_factory=dict)
    asks: dict[int, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for k in range(self.depth):
            for levels, price in ((self.bids, self.mid - k), (self.asks, self.mid + 1 + k)):
                if k == 0 or self.rng.random() < 0.85:
                    levels[price] = self._orders()

    def stream(self, times: Iterable[int]) -> list[Record]:
        """Return records at about the times, in order; each event has a ``ts_event`` of its own."""
        records: list[Record] = []
        for t in times:
            event = len(records) + 1
            if self.rng.random() < 0.3:
                records += self._trade(t, event)
            else:
                records.append(self._change(t, event))
            self._refill()
        return records

    def _orders(self) -> list[int]:
        return [int(size) for size in self.rng.integers(1, self.largest, self.rng.integers(1, 4))]

    def _levels(self) -> tuple[Side, Side]:
        def side(levels: dict[int, list[int]], *, is_bid: bool) -> Side:
            prices = sorted(levels, reverse=is_bid)[:10]
            return [(price, sum(levels[price]), len(levels[price])) for price in prices]

        return side(self.bids, is_bid=True), side(self.asks, is_bid=False)

    def _record(self, t: int, event: int, action: str, side: str, **values: int) -> Record:
        bids, asks = self._levels()
        return Record(t, action, side, bids, asks, event=event, **values)

    def _change(self, t: int, event: int) -> Record:
        is_bid = self.rng.random() < 0.5
        levels, side = (self.bids, "B") if is_bid else (self.asks, "A")
        price = int(self.rng.choice(sorted(levels)))
        draw = self.rng.random()
        if draw < 0.5:
            away = int(self.rng.integers(1, 14))
            price = min(self.asks) - away if is_bid else max(self.bids) + away
            size = int(self.rng.integers(1, self.largest))
            levels.setdefault(price, []).append(size)
            return self._record(t, event, "A", side, price=price, size=size)
        orders = levels[price]
        at = int(self.rng.integers(len(orders)))
        if draw < 0.8 or orders[at] == 1:
            size = orders.pop(at)
            if not orders:
                del levels[price]
            return self._record(t, event, "C", side, price=price, size=size)
        orders[at] = int(self.rng.integers(1, self.largest))
        return self._record(t, event, "M", side, price=price, size=orders[at])

    def _trade(self, t: int, event: int) -> list[Record]:
        is_buy = self.rng.random() < 0.5
        levels, side, resting = (self.asks, "B", "A") if is_buy else (self.bids, "A", "B")
        left = int(self.rng.integers(1, 3 * self.largest))
        records, fills = [], []
        for price in sorted(levels, reverse=not is_buy)[:3]:
            taken = min(left, sum(levels[price]))
            fills.append((price, taken))
            values = {"price": price, "size": taken, "flags": 0}
            records.append(self._record(t, event, "T", side, **values))
            left -= taken
            if left == 0:
                break
        for price, taken in fills:
            self._execute(levels, price, taken)
        last, size = fills[-1]
        if self.rng.random() < 0.3:
            # An iceberg order shows its next part, or another comes, before the event is over.
            refilled, executed = fills[int(self.rng.integers(len(fills)))]
            more = executed if self.rng.random() < 0.5 else int(self.rng.integers(1, self.largest))
            levels.setdefault(refilled, []).append(more)
        action = "M" if last in levels else "C"
        records.append(self._record(t, event, action, resting, price=last, size=size))
        return records

    def _execute(self, levels: dict[int, list[int]], price: int, taken: int) -> None:
        orders = levels[price]
        while taken:
            part = min(taken, orders[0])
            orders[0] -= part
            taken -= part
            if not orders[0]:
                orders.pop(0)
        if not orders:
            del levels[price]

    def _refill(self) -> None:
        # Behind the ten visible levels at best: what shows up there is no event.
        while len(self.bids) < self.depth:
            self.bids[min(self.bids, default=self.mid) - 1] = self._orders()
        while len(self.asks) < self.depth:
            self.asks[max(self.asks, default=self.mid) + 1] = self._orders()


def spoiled(records: Sequence[Record], rng: np.random.Generator, share: float) -> list[Record]:
    """Return the records with what goes wrong in real files: each in ``share`` of them."""
    out = []
    for r in records:
        draw = rng.random(6) < share
        if draw[0] and r.action != "T":
            r = replace(r, flags=r.flags | SNAPSHOT)  # noqa: PLW2901
        if draw[1]:
            r = replace(r, flags=r.flags | BAD_BOOK)  # noqa: PLW2901
        if draw[2] and r.action != "T":
            r = replace(r, action="R", bids=[], asks=[], side="N")  # noqa: PLW2901
        if draw[3]:
            keep = int(rng.integers(0, 10))  # also none: one-sided
            r = replace(r, bids=r.bids[:keep])  # noqa: PLW2901
        if draw[4] and r.bids and r.asks:
            move = int(rng.integers(1, 4)) + r.bids[0][0] - r.asks[0][0]
            r = replace(r, asks=[(p + move - 1, s, n) for p, s, n in r.asks])  # noqa: PLW2901
            r = replace(r, bids=[(p + 1, s, n) for p, s, n in r.bids])  # noqa: PLW2901
        if draw[5]:
            r = replace(r, side="N")  # noqa: PLW2901
        if rng.random() < share and r.action != "T":
            r = replace(r, flags=r.flags & ~LAST)  # noqa: PLW2901
        out.append(r)
    return out
