"""Sums by second and price against plain loops, and what must not change them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from src.data_eng.features.book import book_scan, scan_state
from src.data_eng.features.book.book_scan import BookScan
from src.data_eng.features.book.displayed_slots import grown, new_slots
from tests.features.book.reference import displayed_reference
from tests.features.book.scans import chunks, jumping, rows_of, scanned, spread_out
from tests.features.level.level_streams import CENTRE, END, START, random_day
from tests.features.market.market_days import END as MARKET_END
from tests.features.market.market_days import START as MARKET_START
from tests.features.market.market_days import random_records
from tests.features.market.record_streams import LAST, SECOND, SNAPSHOT, Record, mirrored

CUTS = [1, 700, 701, 4000]

STREAMS = [
    f"{kind} {seed}"
    for kind, count in (("day", 4), ("gaps", 2), ("jumps", 4))
    for seed in range(count)
]
STREAMS += ["mirrored"]
SHORT = ("day 0", "gaps 1", "jumps 1", "mirrored")


def more(*cases: object) -> list[Any]:
    """Return cases that only the long run has."""
    return [pytest.param(case, marks=pytest.mark.long) for case in cases]


@cache
def streams() -> dict[str, Sequence[Record]]:
    rng = np.random.default_rng(5)
    found: dict[str, Sequence[Record]] = {f"day {seed}": random_day(seed) for seed in range(4)}
    found |= {f"gaps {seed}": spread_out(random_day(seed), 3 + seed) for seed in range(2)}
    found |= {f"jumps {seed}": jumping(random_day(seed), rng) for seed in range(4)}
    return found | {"mirrored": mirrored(random_day(2), 2 * CENTRE)}


@pytest.mark.parametrize("name", [name if name in SHORT else more(name)[0] for name in STREAMS])
def test_rows_are_the_reference(name: str) -> None:
    records = streams()[name]
    _, found = scanned(records, CUTS)
    assert rows_of(found) == displayed_reference(records, START, END)
    order = found.second.astype(np.int64) * 2**32 + found.price
    assert (np.diff(order) > 0).all()


@pytest.mark.parametrize("seed", [0, *more(1, 2, 3)])
def test_rows_of_a_spoiled_stream_are_the_reference(seed: int) -> None:
    records = random_records(seed, 2500, 0.02)
    _, found = scanned(records, start=MARKET_START, end=MARKET_END)
    assert rows_of(found) == displayed_reference(records, MARKET_START, MARKET_END)


def test_the_rows_compared_hold_what_can_happen() -> None:
    assert list(streams()) == STREAMS
    for name, records in streams().items():
        _, found = scanned(records)
        assert all((column != 0).any() for column in found[2:]), name
        assert (found.band_flow < 0).any(), name


@pytest.mark.parametrize("seed", range(3))
def test_little_room_changes_nothing(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    records = jumping(random_day(seed), np.random.default_rng(seed))
    expected = scanned(records)[1]
    monkeypatch.setattr(book_scan, "_ROOM", 1)
    monkeypatch.setattr(scan_state, "_FIRST_SLOTS", 512)
    found = scanned(records, CUTS)[1]
    assert all(
        np.array_equal(getattr(found, name), getattr(expected, name)) for name in found._fields
    )


def test_a_second_with_more_prices_than_there_are_slots() -> None:
    def book(k: int) -> Record:
        low = CENTRE + 50 * k
        bids = [(low - 3 * n, 5, 1) for n in range(10)]
        asks = [(low + 1 + 3 * n, 7, 1) for n in range(10)]
        return Record(START + 1000 * k, "A", "B", bids, asks, low, 5, LAST, k)

    records = [book(k) for k in range(400)]
    _, found = scanned(records)
    assert rows_of(found) == displayed_reference(records, START, END)
    assert (found.second == 0).sum() > 400 * 20


def test_slots_grow_with_what_they_hold() -> None:
    slots = new_slots(8)
    for k, price in enumerate((3, 11, -5)):
        at = (price & 7) + k
        slots["price"][at], slots["size"][at], slots["used"][k] = price, price, at
    larger = grown(slots, 3)
    assert larger["price"][larger["used"][:3]].tolist() == [3, 11, -5]
    assert larger["size"][larger["used"][:3]].tolist() == [3, 11, -5]
    assert len(larger) == 16


@pytest.mark.parametrize("seed", range(3))
def test_nothing_of_a_second_comes_from_later_records(seed: int) -> None:
    records = jumping(random_day(seed), np.random.default_rng(seed))
    whole, displayed = scanned(records)
    for second in (7, 900, 1601, 2000):
        cut = [r for r in records if r.t < START + second * SECOND]
        part, rows = scanned(cut)
        for name in ("sums", "books", "status", "prices", "mids", "last_ns"):
            assert np.array_equal(getattr(part, name)[:second], getattr(whole, name)[:second])
        is_before, is_before_whole = rows.second < second, displayed.second < second
        for name in rows._fields:
            ours, theirs = getattr(rows, name), getattr(displayed, name)
            assert np.array_equal(ours[is_before], theirs[is_before_whole])


def test_rows_are_handed_out_while_records_come() -> None:
    scan = BookScan(START, END)
    taken = []
    for part in chunks(random_day(0), range(0, 6000, 500)):
        scan.add(part)
        rows = scan.take_displayed()
        last = (int(part.times[-1]) - START) // SECOND if len(part) else 0
        assert not len(rows.second) or rows.second[-1] < last
        taken.append(len(rows.second))
    assert sum(count > 0 for count in taken) > 5
    scan.finish()
    assert len(scan.take_displayed().second) > 0
    assert len(scan.take_displayed().second) == 0


def test_a_snapshot_is_displayed_and_is_no_flow() -> None:
    bids, asks = [(99, 5, 1)], [(100, 7, 1)]
    first = Record(START, "A", "B", bids, asks, 99, 5, LAST, 1)
    more = replace(first, t=START + SECOND // 2, bids=[(99, 9, 1)], flags=LAST | SNAPSHOT)
    _, found = scanned([first, more], start=START, end=START + SECOND)
    assert rows_of(found) == {
        (0, 97): [0, 0, 0, 0, 7 * SECOND],
        (0, 98): [0, 0, 0, 0, 14 * SECOND],
        (0, 99): [0, 0, 7 * SECOND, 0, 14 * SECOND],
        (0, 100): [0, 0, 7 * SECOND, 0, 14 * SECOND],
        (0, 101): [0, 0, 0, 0, 14 * SECOND],
        (0, 102): [0, 0, 0, 0, 7 * SECOND],
    }
