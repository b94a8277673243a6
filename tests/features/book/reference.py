"""The tables of a scan by the shortest way from their definitions: slow, and plain Python."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.features.level.reference_displayed import is_displayed
from tests.features.market.record_streams import BAD_BOOK, LAST, SECOND, SNAPSHOT, Record
from tests.features.market.reference import ASK, BID, SILENCE, Book, Change, Reference, is_valid

Sizes = dict[tuple[int, int], list[int]]
"""By second and price: added, cancelled, size ns, band flow, band size ns."""
Seconds = dict[int, dict[int, list[int]]]
"""The same, price by price of a second."""


def displayed_reference(records: Sequence[Record], start: int, end: int) -> Sizes:
    """Return every row with a sum that is not 0."""
    seen = Reference(records, end, start, start, 1.0)
    changes = {change.number: change for change in seen.changes}
    rows: Seconds = defaultdict(lambda: defaultdict(lambda: [0] * 5))
    book: Book | None = None
    since = start
    for event in seen.events:
        if event.kind == "trade":
            continue
        second = (event.t - start) // SECOND
        add_standing(book, since - start, event.t - start, rows)
        if event.kind == "book" and event.number in changes:
            add_change(changes[event.number], second, rows)
        begin_anew(book, event.book, second, rows)
        book, since = event.book, event.t
    add_standing(book, since - start, end - start, rows)
    return {
        (second, price): row
        for second, prices in rows.items()
        for price, row in prices.items()
        if any(row)
    }


def shows(book: Book | None, price: int, ticks: int = 0) -> bool:
    return is_displayed(book, price - ticks, price + ticks)


def add_change(change: Change, second: int, rows: Seconds) -> None:
    prices = {*change.prices(BID), *change.prices(ASK)}
    added = {price: [change.added(side, price) for side in (BID, ASK)] for price in prices}
    cancelled = {price: [change.cancelled(side, price) for side in (BID, ASK)] for price in prices}

    def is_shown(price: int, ticks: int) -> bool:
        return shows(change.old, price, ticks) and shows(change.new, price, ticks)

    for price in prices:
        if is_shown(price, 0):
            rows[second][price][0] += sum(added[price])
            rows[second][price][1] += sum(cancelled[price])
    for centre in {price + offset for price in prices for offset in range(-2, 3)}:
        if is_shown(centre, 2):
            for price in prices & {*range(centre - 2, centre + 3)}:
                bid, ask = (added[price][side] - cancelled[price][side] for side in (BID, ASK))
                rows[second][centre][3] += bid - ask


def begin_anew(old: Book | None, new: Book | None, second: int, rows: Seconds) -> None:
    """Forget what a price, or a band, that comes to be displayed had in this second."""
    for price, row in rows[second].items():
        if shows(new, price) and not shows(old, price):
            row[:3] = [0, 0, 0]
        if shows(new, price, 2) and not shows(old, price, 2):
            row[3:] = [0, 0]


def add_standing(book: Book | None, since: int, until: int, rows: Seconds) -> None:
    if book is None or not is_valid(book):
        return
    sizes: dict[int, int] = defaultdict(int)
    for side in book:
        for price, size, _ in side:
            sizes[price] += size
    bands = {price + offset for price in sizes for offset in range(-2, 3)}
    shown = {
        centre: sum(sizes.get(price, 0) for price in range(centre - 2, centre + 3))
        for centre in bands
        if shows(book, centre, 2)
    }
    while since < until:
        second = since // SECOND
        span = min(until, (second + 1) * SECOND) - since
        for price, size in sizes.items():
            rows[second][price][2] += size * span
        for centre, size in shown.items():
            rows[second][centre][4] += size * span
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
        if i and r.t - records[i - 1].t >= SILENCE and book is not None:
            book, last = None, (None, None, None, None, False)
            yield Quote(records[i - 1].t + SILENCE, i - 1, None, None, None, None, False, changes)
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
