"""Rows of trades and of best quotes against plain loops."""

from __future__ import annotations

import numpy as np
import pytest

from src.data_eng.features.book.best_quotes import BestQuotes, QuoteReader
from src.data_eng.features.book.book_rules import counts_as_trade
from src.data_eng.features.book.quote_records import quote_records
from src.data_eng.features.book.record_chunk import NO_PRICE
from src.data_eng.features.book.second_sums import CHANGES
from src.data_eng.features.book.trades import TradeReader, Trades, counted_trades, joined
from tests.features.book.reference import Quote, quotes_reference
from tests.features.book.scans import chunks, jumping, scanned
from tests.features.level.level_streams import START, random_day
from tests.features.market.record_streams import SECOND, SNAPSHOT, Record, chunk

CUTS = [1, 700, 701, 4000]


def rows(records: tuple[Record, ...] | list[Record]) -> tuple[Trades, BestQuotes]:
    trades, quotes = TradeReader(), QuoteReader()
    parts = [quote_records(part) for part in chunks(records, CUTS)]
    return joined([trades.add(p) for p in parts]), joined([quotes.add(p) for p in parts])


def price(value: int) -> int | None:
    return None if value == NO_PRICE else value


@pytest.mark.parametrize("seed", range(6))
def test_quotes_are_the_reference(seed: int) -> None:
    records = jumping(random_day(seed), np.random.default_rng(seed))
    _, found = rows(records)
    prices = zip(found.bid, found.ask, found.lowest, found.highest, strict=True)
    got = [
        Quote(t, record, *(price(int(p)) for p in four), is_valid, changes)  # type: ignore[call-arg, arg-type]
        for t, record, four, is_valid, changes in zip(
            found.ts_recv.tolist(), found.record.tolist(), prices, found.is_valid.tolist(),
            found.changes.tolist(), strict=True,
        )
    ]  # fmt: skip
    assert got == list(quotes_reference(records))


@pytest.mark.parametrize("seed", range(3))
def test_changes_between_quotes_are_those_of_the_scan(seed: int) -> None:
    _, found = rows(random_day(seed))
    seconds, _ = scanned(random_day(seed))
    before = np.append(0, np.cumsum(seconds.sums[:, CHANGES]))
    second = (found.ts_recv - START) // SECOND
    is_inside = second < seconds.seconds
    second, changes = second[is_inside], found.changes[is_inside]
    assert (changes >= before[second]).all()
    assert (changes <= before[second + 1]).all()


def test_the_book_is_lost_a_minute_after_the_last_record() -> None:
    records = random_day(0)
    reader = QuoteReader()
    taken = reader.add(quote_records(chunk(records)))
    lost_ns = records[-1].t + 60 * SECOND
    assert len(reader.finish(lost_ns - 1).record) == 0
    last = reader.finish(lost_ns)
    assert (last.ts_recv.tolist(), last.is_valid.tolist()) == ([lost_ns], [False])
    assert last.record.tolist() == [len(records) - 1]
    assert last.changes[0] >= taken.changes[-1]
    assert len(reader.finish(lost_ns).record) == 0  # once


def test_trades_are_the_records_of_trades() -> None:
    records = random_day(0)
    found, _ = rows(records)
    expected = [(i, r) for i, r in enumerate(records) if r.action == "T"]
    assert found.record.tolist() == [i for i, _ in expected]
    assert found.ts_recv.tolist() == [r.t for _, r in expected]
    assert found.ts_event.tolist() == [r.event for _, r in expected]
    assert [price(p) for p in found.price.tolist()] == [r.price for _, r in expected]
    assert found.size.tolist() == [-1 if r.size is None else r.size for _, r in expected]
    assert bytes(found.side).decode() == "".join(r.side for _, r in expected)
    assert found.sign.tolist() == [{"B": 1, "A": -1, "N": 0}[r.side] for _, r in expected]
    assert found.is_snapshot.tolist() == [r.flags & SNAPSHOT != 0 for _, r in expected]
    assert [price(p) for p in found.bid.tolist()] == [
        r.bids[0][0] if r.bids else None for _, r in expected
    ]
    assert [price(p) for p in found.ask.tolist()] == [
        r.asks[0][0] if r.asks else None for _, r in expected
    ]


def test_what_counts_as_a_trade() -> None:
    assert counts_as_trade(100, 1, False)
    for case in ((NO_PRICE, 1, False), (100, 0, False), (100, -1, False), (100, 1, True)):
        assert not counts_as_trade(*case)
    found, _ = rows(random_day(1))
    kept = counted_trades(found)
    assert 0 < len(kept.price) < len(found.price)
    assert (kept.price != NO_PRICE).all()
    assert (kept.size > 0).all()
