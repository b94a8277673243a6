"""Order flow between two books: hand-made cases, and what must add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from src.data_eng.features.book import second_sums as ss
from src.data_eng.features.book.book_flow import add_and_cancel, level_flows, side_flow
from src.data_eng.features.book.displayed_slots import FREE, UNBOUNDED, new_slots
from src.data_eng.features.book.scan_state import SCAN
from tests.features.market.market_days import START, day_seconds, random_records
from tests.features.market.record_streams import (
    BAD_BOOK,
    LAST,
    SECOND,
    SNAPSHOT,
    Record,
    Side,
    chunk,
)

BIDS: Side = [(100, 10, 2), (99, 20, 3), (98, 30, 4)]
ASKS: Side = [(101, 11, 2), (102, 21, 3), (103, 31, 4)]


def total(records: Sequence[Record]) -> dict[str, int]:
    sums = day_seconds(records).seconds.sums.sum(axis=0)
    names = list(vars(ss))
    columns = names[names.index("VOLUME") : names.index("FIELDS")]
    return {name: int(sums[getattr(ss, name)]) for name in columns}


def record(seconds: float, bids: Side, asks: Side, **values: object) -> Record:
    made = Record(START + int(seconds * SECOND), "A", "B", bids, asks)
    return replace(made, **values)  # type: ignore[arg-type]


def test_a_size_that_grows_is_an_add_and_flow() -> None:
    found = total([record(1, BIDS, ASKS), record(2, [(100, 15, 3), *BIDS[1:]], ASKS)])
    assert (found["ADD_BID"], found["OFI_L1"], found["OFI_L10"]) == (5, 5, 5)
    assert found["CHANGES"] == 1
    assert (found["DEPTH_L1"], found["DEPTH_L10"]) == (15 + 11, 65 + 63)


def test_a_new_best_price_is_an_add_of_its_size() -> None:
    found = total([record(1, BIDS, ASKS), record(2, BIDS, [(100 + 1, 4, 1), *ASKS[1:]])])
    assert (found["CANCEL_ASK"], found["OFI_L1"]) == (7, 7)
    wide: Side = [(102, 21, 3)]
    found = total([record(1, BIDS, wide), record(2, BIDS, [(101, 4, 1), *wide])])
    assert (found["ADD_ASK"], found["CANCEL_ASK"], found["OFI_L1"]) == (4, 0, -4)


def test_a_cancelled_best_price_is_a_cancel_of_its_size() -> None:
    found = total([record(1, BIDS, ASKS), record(2, BIDS[1:], ASKS)])
    assert (found["CANCEL_BID"], found["ADD_BID"], found["OFI_L1"]) == (10, 0, -10)
    # Levels 2 and 3 moved up or vanished: their prices fell, the last one has no match.
    assert found["OFI_L10"] == -10 - 20


def test_an_execution_is_no_cancel() -> None:
    trade = record(2, BIDS, ASKS, action="T", side="A", price=100, size=4, flags=0, event=9)
    fill = record(2, [(100, 6, 2), *BIDS[1:]], ASKS, action="M", event=9)
    found = total([record(1, BIDS, ASKS), trade, fill])
    assert (found["CANCEL_BID"], found["ADD_BID"], found["OFI_L1"]) == (0, 0, -4)
    assert (found["SELL"], found["TRADES"], found["ORDERS"], found["MESSAGES"]) == (4, 1, 1, 2)
    # What is removed beyond the execution is cancelled.
    more = replace(fill, bids=[(100, 1, 1), *BIDS[1:]])
    assert total([record(1, BIDS, ASKS), trade, more])["CANCEL_BID"] == 5
    # The executions of another event explain nothing.
    other = replace(fill, event=10)
    found = total([record(1, BIDS, ASKS), trade, other])
    assert (found["CANCEL_BID"], found["ORDERS"]) == (4, 2)


def test_executions_do_not_outlive_their_event() -> None:
    trade = record(2, BIDS, ASKS, action="T", side="A", price=100, size=4, flags=0, event=9)
    fill = record(2, [(100, 6, 2), *BIDS[1:]], ASKS, action="M", event=9)
    cancel = record(2, [(100, 2, 1), *BIDS[1:]], ASKS, action="C", event=9)
    found = total([record(1, BIDS, ASKS), trade, fill, cancel])
    assert (found["CANCEL_BID"], found["ORDERS"]) == (4, 2)


def test_a_price_behind_the_window_is_neither_add_nor_cancel() -> None:
    bids: Side = [(100 - k, 10 + k, 1) for k in range(10)]
    slid: Side = [(101, 3, 1), *bids[:9]]
    far: Side = [(110, 5, 1)]
    found = total([record(1, bids, far), record(2, slid, far), record(3, bids, far)])
    assert (found["ADD_BID"], found["CANCEL_BID"]) == (3, 3)


@pytest.mark.parametrize("flags", [LAST | SNAPSHOT, LAST | BAD_BOOK, 0])
def test_no_flow_across_what_is_no_event(flags: int) -> None:
    other: Side = [(100, 50, 5)]
    found = total([record(1, BIDS, ASKS), record(2, other, ASKS, flags=flags)])
    assert found["CHANGES"] == found["ADD_BID"] == 0


def test_a_bad_book_ends_with_the_next_complete_two_sided_one() -> None:
    bad = record(2, BIDS, ASKS, flags=LAST | BAD_BOOK)
    records = [
        record(1, BIDS, ASKS),
        bad,
        record(3, [], ASKS),
        record(4, BIDS, ASKS, flags=0),
        record(5, BIDS, ASKS),
        record(6, BIDS[1:], ASKS),
    ]
    day = day_seconds(records)
    assert np.isnan(day.mids[3:6]).all()
    assert day.mids[6] == 100.5
    assert day.mids[2] == 100.5
    found = day.seconds.sums.sum(axis=0)
    assert found[ss.CHANGES] == 1
    valid = day.seconds.sums[:, ss.VALID_NS]
    assert valid[:6].tolist() == [0, SECOND, 0, 0, 0, SECOND]


def test_a_clear_leaves_the_book_unknown() -> None:
    clear = record(2, BIDS, ASKS, action="R")
    day = day_seconds([record(1, BIDS, ASKS), clear])
    assert np.isnan(day.mids[3:]).all()


books = st.builds(np.random.default_rng, st.integers(0, 10**9))


@settings(max_examples=200)
@given(rng=books, levels=st.integers(1, 10))
def test_the_short_way_is_the_long_way(rng: np.random.Generator, levels: int) -> None:
    prices = 100 - np.cumsum(rng.integers(1, 3, 10))
    side = [(int(p), int(rng.integers(1, 50)), 1) for p in prices[:levels]]
    other = [(p, int(rng.integers(1, 50)), 1) for p, _, _ in side]
    arrays = chunk([record(1, side, ASKS), record(2, other, ASKS)]).book
    old, new = np.ascontiguousarray(arrays[:, 0]), np.ascontiguousarray(arrays[:, 1])
    executed = np.zeros(20, np.int64)
    executed[: len(side)] = rng.integers(0, 30, len(side))
    state, ways = np.zeros(1, SCAN), []
    state["book"], state["executed"] = old, executed
    state["seen_lowest"], state["seen_highest"] = -UNBOUNDED, UNBOUNDED
    for is_short in (True, False):
        slots = new_slots(1024)
        found = one_way(new, state.copy(), slots, is_short)
        at_prices = np.sort(slots[slots["price"] != FREE], order="price")
        ways.append((found, at_prices[["price", "size", "flow", "added", "cancelled"]].tolist()))
    assert ways[0] == ways[1]


@njit  # type: ignore[untyped-decorator]
def one_way(new: Any, state: Any, slots: Any, is_short: bool) -> Any:
    if is_short:
        return side_flow(new, 0, 20, 1, state[0], slots)
    best, total = level_flows(state[0].book, new, 0, 20, 1)
    added, cancelled = add_and_cancel(new, 0, 20, 1, state[0], slots)
    return best, total, added, cancelled


@settings(max_examples=10)
@given(seed=st.integers(0, 10**9))
def test_order_flow_imbalance_is_net_adds_less_net_cancels_plus_signed_volume(seed: int) -> None:
    # Events at the best quotes alone (Cont, Kukanov & Stoikov 2014): one order each.
    records = best_quote_events(np.random.default_rng(seed), 300)
    found = total(records)
    net = (found["ADD_BID"] - found["ADD_ASK"]) - (found["CANCEL_BID"] - found["CANCEL_ASK"])
    assert found["OFI_L1"] == net + found["BUY"] - found["SELL"]
    assert found["CHANGES"] == sum(r.action != "T" for r in records) - 1
    assert min(found["BUY"], found["SELL"], found["CANCEL_BID"]) > 0


def best_quote_events(rng: np.random.Generator, count: int) -> list[Record]:
    """Adds, cancels and executions at the best quotes of a book whose other levels stand."""
    bids = {100 - k: 30 + k for k in range(40)}
    asks = {101 + k: 30 + k for k in range(40)}

    def levels(side: dict[int, int], sign: int) -> Side:
        return [(p, side[p], 1) for p in sorted(side, key=lambda p: sign * p)[:10]]

    def now(t: int, event: int, action: str, side: str, price: int, size: int) -> Record:
        flags = 0 if action == "T" else LAST
        book = levels(bids, -1), levels(asks, 1)
        return Record(t, action, side, *book, price=price, size=size, flags=flags, event=event)

    out = [now(START, 1, "A", "B", 100, 1)]
    for event in range(2, count):
        t = START + event * SECOND
        is_bid = bool(rng.random() < 0.5)
        side, name, best = (bids, "B", max(bids)) if is_bid else (asks, "A", min(asks))
        inside = best + (1 if is_bid else -1)
        draw = rng.random()
        if draw < 0.4 or best in (min(bids) + 12, max(asks) - 12):
            free = inside not in bids and inside not in asks
            price = inside if free and rng.random() < 0.5 else best
            side[price] = side.get(price, 0) + int(rng.integers(1, 40))
            out.append(now(t, event, "A", name, price, 1))
            continue
        size = side[best] if rng.random() < 0.5 else int(rng.integers(1, side[best] + 1))
        if draw < 0.7:
            out.append(now(t, event, "T", "A" if is_bid else "B", best, size))
        side[best] -= size
        if not side[best]:
            del side[best]
        out.append(now(t, event, "C", name, best, size))
    return out


def test_random_days_have_flow_of_every_kind() -> None:
    found = total(random_records(1, 2000, 0.01))
    assert all(found.values()), found
