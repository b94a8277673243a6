"""What the scan tells of a second besides its sums."""

from __future__ import annotations

import numpy as np
import pytest

from src.data_eng.features.book.record_chunk import NO_PRICE
from src.data_eng.features.book.second_sums import REALIZED, REALIZED_VOLUME, RECORDS, UNKNOWN_NS
from tests.features.book.scans import scanned
from tests.features.level.level_streams import END, START, random_day
from tests.features.level.reference import Day
from tests.features.market.record_streams import LAST, SECOND, Record
from tests.features.market.reference import is_valid


@pytest.mark.parametrize("seed", range(3))
def test_records_trades_and_mids_of_a_second(seed: int) -> None:
    records = [r for r in random_day(seed) if r.t < END]
    found, _ = scanned(random_day(seed))
    day = Day(records, END, START, START, 50.0)
    assert found.sums[:, RECORDS].sum() == len(records)
    for second in range(found.seconds):
        begin = START + second * SECOND
        inside = [r for r in records if begin <= r.t < begin + SECOND]
        assert found.sums[second, RECORDS] == len(inside)
        assert found.last_ns[second] == (inside[-1].t if inside else 0)
        inside = [r for r in day.trades if begin <= r.t < begin + SECOND]
        prices = [r.price for r in inside if r.price is not None]
        expected = [prices[0], max(prices), min(prices), prices[-1]] if prices else [NO_PRICE] * 4
        assert found.prices[second].tolist() == expected
        books = [book for t, book in day.books if begin <= t < begin + SECOND and is_valid(book)]
        mids = [book[0][0][0] + book[1][0][0] for book in books if book is not None]
        assert found.mids[second].tolist() == ([max(mids), min(mids)] if mids else [NO_PRICE] * 2)


def test_the_realized_spread_is_counted_when_it_is_known() -> None:
    bids, asks = [(99, 5, 1)], [(101, 5, 1)]
    quote = Record(START, "A", "B", bids, asks, 99, 5, LAST, 1)
    trade = Record(START + 2 * SECOND + 5, "T", "B", bids, asks, 101, 3, 0, 2)
    found, _ = scanned([quote, trade], end=START + 9 * SECOND)
    assert np.flatnonzero(found.sums[:, REALIZED_VOLUME]).tolist() == [7]
    assert found.sums[7, REALIZED] == 3 * (2 * 101 - 99 - 101)
    cut, _ = scanned([quote, trade], end=START + 7 * SECOND)
    assert not cut.sums[:, REALIZED_VOLUME].any()


@pytest.mark.parametrize("seed", range(3))
def test_time_of_which_nothing_is_known(seed: int) -> None:
    found, _ = scanned(random_day(seed))
    day = Day(random_day(seed), END, START, START, 50.0)
    expected = np.zeros(found.seconds, np.int64)
    for begin, end in day.unknown:
        for second in range(found.seconds):
            first = START + second * SECOND
            expected[second] += max(0, min(end, first + SECOND) - max(begin, first))
    assert np.array_equal(found.sums[:, UNKNOWN_NS], expected)
    assert found.unknown_seconds(START, END) == expected.sum() // SECOND
