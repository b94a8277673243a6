from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from src.data_eng.sample import SampleFuture, SampleOptions
from src.data_eng.sample.options import OptionDay
from src.data_eng.sample.options.statistics import scheduled_statistics, settlement_nickels

from ..conftest import SUMMER
from .conftest import NICKEL, UNDEFINED, Recorded, midnight

HOUR = 3_600 * 10**9
MINUTE = 60 * 10**9
BEFORE = dt.date(2025, 6, 4)
UNDEFINED_QUANTITY = 2**63 - 1
UNDEFINED_TIMESTAMP = 2**64 - 1


def of_type(records: NDArray[Any], *stat_types: int) -> NDArray[Any]:
    return records[np.isin(records["stat_type"], stat_types)]


def between(records: NDArray[Any], first: int, last: int) -> NDArray[np.bool_]:
    received = records["ts_recv"].astype(np.int64) - midnight(SUMMER)
    return (received >= first) & (received < last)


def test_final_settlement_of_the_day_before_at_0031(options: Recorded) -> None:
    rows = of_type(options.statistics, 3)
    final = rows[(rows["stat_flags"] == 3) & between(rows, 31 * MINUTE, 33 * MINUTE)]
    assert sorted(final["instrument_id"].tolist()) == sorted(options.day.chain.instrument_id)
    assert (final["ts_ref"] == midnight(BEFORE)).all()
    assert (final["update_action"] == 1).all()
    assert (final["quantity"] == UNDEFINED_QUANTITY).all()
    assert (final["price"] >= 0).all()
    assert (final["price"] % NICKEL == 0).all()


def test_preliminary_settlement_of_the_day_after_the_close(options: Recorded) -> None:
    rows = of_type(options.statistics, 3)
    preliminary = rows[rows["stat_flags"] == 2]
    assert preliminary.size == len(options.day.chain)
    assert (preliminary["ts_ref"] == midnight(SUMMER)).all()
    assert between(preliminary, 22 * HOUR + 38 * MINUTE, 22 * HOUR + 40 * MINUTE).all()
    # Expired at 16:00 New York: worth its exercise.
    ids = options.day.chain.instrument_id
    prices = dict(
        zip(preliminary["instrument_id"].tolist(), preliminary["price"].tolist(), strict=True)
    )
    first = np.array([prices[number] for number in ids[: 2 * options.day.chain.strikes].tolist()])
    calls, puts = first[::2], first[1::2]
    assert (np.minimum(calls, puts) <= 3 * 10**9).all()
    assert (np.diff(calls) <= 0).all()
    assert (np.diff(puts) >= 0).all()


def test_the_next_day_publishes_the_same_settlement_as_final(options: Recorded) -> None:
    friday = SampleFuture(dt.date(2025, 6, 6))
    later = OptionDay(SampleOptions(friday, quotes=10_000, strikes=31, spreads=0))
    final = of_type(scheduled_statistics(later), 3)
    final = final[(final["stat_flags"] == 3) & (final["update_action"] == 1)]
    final = final[final["ts_recv"] < midnight(friday.date) + HOUR]
    rows = of_type(options.statistics, 3)
    rows = rows[rows["stat_flags"] == 2]
    known = dict(zip(rows["instrument_id"].tolist(), rows["price"].tolist(), strict=True))
    common = [row for row in final if int(row["instrument_id"]) in known]
    assert len(common) > 500
    assert all(row["price"] == known[int(row["instrument_id"])] for row in common)
    assert (final["ts_ref"] == midnight(SUMMER)).all()


def test_wrong_settlements_are_deleted_and_published_again(options: Recorded) -> None:
    rows = of_type(options.statistics, 3)
    deleted = rows[rows["update_action"] == 2]
    assert deleted.size > 0
    for row in deleted:
        same = rows[(rows["instrument_id"] == row["instrument_id"]) & (rows["stat_flags"] == 3)]
        assert same["update_action"].tolist() == [1, 2, 1]
        first, gone, again = same
        assert first["price"] == gone["price"] > again["price"] >= 0
        assert first["ts_ref"] == gone["ts_ref"] == again["ts_ref"]
        assert first["ts_recv"] < gone["ts_recv"] < again["ts_recv"]


def test_volatility_and_delta_come_with_the_final_settlement(options: Recorded) -> None:
    volatility, delta = of_type(options.statistics, 14), of_type(options.statistics, 15)
    for rows in (volatility, delta):
        assert sorted(rows["instrument_id"].tolist()) == sorted(options.day.chain.instrument_id)
        assert (rows["stat_flags"] == 3).all()
        assert between(rows, 31 * MINUTE, 33 * MINUTE).all()
    assert 0.05 < volatility["price"].min() / 1e9 < volatility["price"].max() / 1e9 < 1.0
    is_call = dict(
        zip(options.day.chain.instrument_id.tolist(), options.day.chain.is_call, strict=True)
    )
    calls = np.array([is_call[number] for number in delta["instrument_id"].tolist()])
    assert (delta["price"][calls] >= 0).all()
    assert (delta["price"][~calls] <= 0).all()


@pytest.mark.parametrize("stat_type", [6, 9])
def test_quantities_are_published_at_night_and_revised_in_the_morning(
    options: Recorded, stat_type: int
) -> None:
    rows = of_type(options.statistics, stat_type)
    assert (rows["price"] == UNDEFINED).all()
    assert (rows["stat_flags"] == 128).all()
    assert (rows["ts_ref"] == midnight(BEFORE)).all()
    assert (rows["quantity"] >= 0).all()
    night = between(rows, 2 * HOUR + 23 * MINUTE, 2 * HOUR + 25 * MINUTE)
    morning = between(rows, 14 * HOUR + 20 * MINUTE, 14 * HOUR + 22 * MINUTE)
    assert (night | morning).all()
    assert sorted(rows["instrument_id"][night].tolist()) == sorted(
        options.day.chain.instrument_id.tolist()
    )
    first = dict(
        zip(rows["instrument_id"][night].tolist(), rows["quantity"][night].tolist(), strict=True)
    )
    revised = rows[morning]
    assert 0.08 < revised.size / len(first) < 0.2
    assert all(row["quantity"] != first[int(row["instrument_id"])] for row in revised)


def test_extremes_of_a_session_are_those_of_its_trades(options: Recorded) -> None:
    day_session = midnight(SUMMER) + 21 * HOUR
    trades = options.trades[options.trades["ts_recv"] < day_session]
    rows = options.statistics[options.statistics["ts_recv"] < day_session]
    assert (of_type(rows, 1, 4, 5)["ts_ref"] == UNDEFINED_TIMESTAMP).all()
    checked = 0
    for number in np.unique(trades["instrument_id"]):
        prices = trades["price"][trades["instrument_id"] == number]
        mine = rows[rows["instrument_id"] == number]
        assert of_type(mine, 1)["price"].tolist() == [prices[0]]
        assert of_type(mine, 5)["price"].tolist()[-1] == prices.max()
        assert of_type(mine, 4)["price"].tolist()[-1] == prices.min()
        checked += 1
    assert checked > 100


def test_highest_bid_and_lowest_offer_are_those_of_the_quotes(options: Recorded) -> None:
    until = midnight(SUMMER) + 21 * HOUR
    quotes = options.nbbo[(options.nbbo["flags"] != 168) & (options.nbbo["ts_recv"] < until)]
    rows = options.statistics[options.statistics["ts_recv"] < until]
    # The busiest have thousands of quotes.
    ids, counts = np.unique(quotes["instrument_id"], return_counts=True)
    for number in ids[np.argsort(counts)[-20:]]:
        mine = quotes[quotes["instrument_id"] == number]
        bid = mine["bid_px_00"][mine["bid_px_00"] != UNDEFINED]
        published = rows[rows["instrument_id"] == number]
        assert of_type(published, 7)["price"][-1] <= mine["ask_px_00"][-1]
        assert of_type(published, 8)["price"][-1] >= bid[-1]
        assert (np.diff(of_type(published, 8)["price"]) > 0).all()
        assert (np.diff(of_type(published, 7)["price"]) < 0).all()


def test_sequences_do_not_fall(options: Recorded) -> None:
    sequence = options.statistics["sequence"].astype(np.int64)
    assert (np.diff(sequence) >= 0).all()


@pytest.mark.parametrize(
    ("premium", "nickels"),
    [(0.0, 0), (0.02, 0), (0.03, 1), (9.98, 200), (10.0, 200), (10.06, 200), (10.2, 205)],
)
def test_settlements_are_rounded_to_the_tick(premium: float, nickels: int) -> None:
    assert settlement_nickels(np.array([premium])).tolist() == [nickels]


def test_monday_refers_to_friday_and_sunday_has_no_schedule() -> None:
    monday = SampleOptions(SampleFuture(dt.date(2025, 6, 9)), quotes=6_000, strikes=7, spreads=0)
    rows = scheduled_statistics(OptionDay(monday))
    references = set(rows["ts_ref"].tolist())
    assert references == {midnight(dt.date(2025, 6, 6)), midnight(dt.date(2025, 6, 9))}
    sunday = SampleOptions(SampleFuture(dt.date(2025, 6, 8)), quotes=6_000, strikes=7, spreads=0)
    assert scheduled_statistics(OptionDay(sunday)).size == 0
