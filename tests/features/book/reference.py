"""The tables of a scan by the shortest way from their definitions: slow, and plain Python."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tests.features.level.reference_book import is_visible
from tests.features.market.record_streams import BAD_BOOK, LAST, SECOND, SNAPSHOT, Record
from tests.features.market.reference import Book, Change, Reference, is_valid

Sizes = dict[tuple[int, int], list[int]]
"""By second and price: added, cancelled, size ns, band flow, band depth."""


def displayed_reference(records: Sequence[Record], start: int, end: int) -> Sizes:
    """Return every row with a sum that is not 0."""
    seen = Reference(records, end, start, start, 1.0)
    rows: Sizes = defaultdict(lambda: [0] * 5)
    for change in seen.changes:
        add_change(change, (change.t - start) // SECOND, rows)
    books: list[tuple[int, Book | None]] = [*seen.books, (end, None)]
    for (since, book), (until, _) in pairwise(books):
        if book is not None and is_valid(book):
            add_standing(book, since - start, until - start, rows)
    return {key: row for key, row in rows.items() if any(row)}


def sizes(book: Book, side: int) -> dict[int, int]:
    return {price: size for price, size, _ in book[side]}


def add_change(change: Change, second: int, rows: Sizes) -> None:
    old, new = ([sizes(book, side) for side in (0, 1)] for book in (change.old, change.new))
    prices = {price for side in (*old, *new) for price in side}

    def is_seen(price: int) -> bool:
        return is_visible(change.old, price) and is_visible(change.new, price)

    def change_of(side: int, price: int) -> int:
        return new[side].get(price, 0) - old[side].get(price, 0)

    for price in prices:
        if not is_seen(price):
            continue
        changes = [change_of(side, price) for side in (0, 1)]
        rows[second, price][0] += sum(max(by, 0) for by in changes)
        stood = any(price in side for side in old)
        executed = change.executed.get(price, 0) if stood else 0
        removed = sum(max(-by, 0) for by in changes)
        rows[second, price][1] += max(removed - executed, 0)
    for centre in {price + offset for price in prices for offset in range(-2, 3)}:
        band = range(centre - 2, centre + 3)
        if all(is_seen(price) for price in band):
            row = rows[second, centre]
            row[3] += sum(change_of(0, price) - change_of(1, price) for price in band)
            row[4] += sum(side.get(price, 0) for side in new for price in band)


def add_standing(book: Book, since: int, until: int, rows: Sizes) -> None:
    while since < until:
        second = since // SECOND
        span = min(until, (second + 1) * SECOND) - since
        for side in book:
            for price, size, _ in side:
                rows[second, price][2] += size * span
        since += span


@dataclass
class Quote:
    t: int
    record: int
    bid: int | None
    ask: int | None
    lowest: int | None
    highest: int | None
    is_valid: bool
    changes: int


def quotes_reference(records: Sequence[Record]) -> Iterator[Quote]:
    """Yield the rows of best quotes."""
    book: Book | None = None
    last: tuple[object, ...] | None = None
    changes, has_traded = 0, False
    for i, r in enumerate(records):
        if r.action == "T" and not r.flags & SNAPSHOT and r.price is not None and r.size:
            has_traded = True
        if r.flags & BAD_BOOK or r.action == "R":
            if book is not None:
                last = (None, None, None, None, False)
                yield Quote(r.t, i, None, None, None, None, False, changes)
            book = None
        elif r.flags & LAST and r.action != "T" and (book is not None or (r.bids and r.asks)):
            new = (r.bids[:10], r.asks[:10])
            changes += is_valid(book) and is_valid(new) and not r.flags & SNAPSHOT
            book = new
            bid, ask = (side[0][0] if side else None for side in new)
            lowest, highest = (side[9][0] if len(side) == 10 else None for side in new)
            shown = (bid, ask, lowest, highest, is_valid(new))
            if shown != last or has_traded:
                yield Quote(r.t, i, *shown, changes)
            last, has_traded = shown, False
