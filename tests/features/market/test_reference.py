"""The reference against numbers worked out by hand: executions by side, silences, coverage."""

from __future__ import annotations

import csv
from dataclasses import replace

import pytest

from tests.conftest import SHARED_DATA
from tests.features.market.hand_made import OPEN, TEN, book, row, side, spoken, trade
from tests.features.market.record_streams import BAD_BOOK, LAST

ADDED, CANCELLED = "displayed_size_added", "displayed_size_cancelled"
SINCE, IMBALANCE = "top_10_prices_60s", "imbalance_top_10_prices_60s"


def test_the_reference_has_the_columns_of_the_catalogue() -> None:
    assert len(row([], OPEN)) == 60
    catalogue = SHARED_DATA.parent / "features_2.csv"
    if not catalogue.is_file():
        pytest.skip(f"no catalogue: {catalogue} does not exist")
    with catalogue.open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["group"] == "futures"]
    assert set(row([], OPEN)) == {r["name"] for r in rows}


@pytest.mark.parametrize(
    ("aggressor", "price", "after", "added", "cancelled"),
    [
        ("B", 101, 10, (0, 10), (0, 0)),  # all that was taken came back within the event
        ("B", 101, 3, (0, 3), (0, 0)),
        ("B", 101, 0, (0, 0), (0, 0)),
        ("A", 101, 4, (0, 0), (0, 6)),  # no seller takes offers
        ("N", 101, 4, (0, 4), (0, 0)),  # what showed the price was hit
        ("B", 100, 4, (0, 0), (0, 6)),  # nor does a buyer take bids
        ("A", 100, 4, (10, 0), (0, 6)),  # 10 sold to the bid, which still shows 10
        ("N", 120, 4, (0, 0), (0, 6)),  # a price that was not displayed
    ],
)
def test_executions_are_of_the_side_that_was_hit(
    aggressor: str,
    price: int,
    after: int,
    added: tuple[int, int],
    cancelled: tuple[int, int],
) -> None:
    offers = side(101, 1, (after, *TEN[1:])) if after else side(102, 1, TEN[1:])
    done = replace(book(2010, event=7), asks=offers)
    records = [*spoken(1900, 2010), trade(2010, price, 10, aggressor, event=7), done]
    found = row(records, 2020)
    assert found[f"{ADDED}_{SINCE}"] == sum(added)
    assert found[f"{CANCELLED}_{SINCE}"] == sum(cancelled)
    # Of the last book, 2010's, and the same ones before nothing else changed.
    bid, ask = added
    share = (bid - ask) / (bid + ask) if bid + ask else None
    assert found[f"{ADDED}_{IMBALANCE}"] == share
    assert found[f"{CANCELLED}_{IMBALANCE}"] == (1 if sum(cancelled) else None)


def test_what_is_between_the_books_is_added_less_cancelled_less_executed() -> None:
    hits = [trade(2010, 101, 10, event=7), trade(2010, 102, 10, event=7)]
    swept = replace(book(2010, 100, event=7), asks=side(102, 1, (4, *TEN[2:])))
    found = row([*spoken(1900, 2010), *hits, swept], 2020)
    # 101: 10 taken, none left; 102: 10 taken, 4 left, which came; 110 is hidden before.
    assert found[f"{ADDED}_{SINCE}"] == 4
    assert found[f"{CANCELLED}_{SINCE}"] == 0


SILENT = [*spoken(0, 2011, 10), trade(2005, 101, 3)]
"""The last record comes at 2010."""
AS_OF = (
    "quoted_spread_ticks",
    "total_depth_top_of_book",
    "order_book_imbalance_top_5_prices",
    "order_count_imbalance_top_10_prices",
    "average_displayed_order_size_top_10_prices",
    "round_trip_cost_100_contracts_ticks",
    "log_mid_return_bps_10s",
    "rth_vwap_deviation_ticks",
    "log_return_since_rth_open_bps",
)


def test_a_minute_without_a_record_makes_the_book_unknown() -> None:
    last, unknown = row(SILENT, 2069), row(SILENT, 2070)
    for name in (*AS_OF, "cumulative_volume_delta_to_volume_rth"):
        assert last[name] is not None, name
        assert unknown[name] is None, name
    assert unknown["seconds_since_rth_open"] == 70
    assert unknown["time_weighted_quoted_spread_ticks_60s"] == 1
    back = [*SILENT, trade(2090, 101, 2), book(2095)]
    assert row(back, 2095)["cumulative_volume_delta_to_volume_rth"] is None
    again = row(back, 2096)
    assert again["cumulative_volume_delta_to_volume_rth"] == 1
    assert again["quoted_spread_ticks"] == 1
    assert again["volume_300s"] == 5  # also what was traded while the book was unknown


@pytest.mark.parametrize(("ts", "is_null"), [(2071, False), (2072, True)])
def test_a_window_needs_nine_tenths_known(ts: int, is_null: bool) -> None:
    found = row(SILENT, ts)
    for name in ("volume_10s", "book_event_rate_per_second_10s"):
        assert found[name] == (None if is_null else 0), name
    assert found["volume_300s"] == 3


@pytest.mark.parametrize(("ts", "is_null"), [(2076, False), (2077, True)])
def test_a_minute_needs_fifty_four_seconds_known(ts: int, is_null: bool) -> None:
    records = [*SILENT, *(trade(t, 101, 2) for t in (2069.5, 2009.5))]
    until = [r for r in records if r.t < 2069 * 10**9] + [replace(book(2070 + 60), flags=0)]
    found = row(until, ts)
    for name in ("volume_60s", "order_to_trade_ratio_top_10_prices_60s"):
        if ts < 2070:
            assert found[name] is not None, name
    assert (found["volume_60s"] is None) == is_null
    assert found["volume_300s"] == 5
    # A rule that names valid time holds by itself: 53 of 60 seconds and less have a quote.
    assert (found[f"{ADDED}_{SINCE}"] is None) == is_null
    assert (found[f"{ADDED}_{IMBALANCE}"]) is None


def test_a_bad_book_is_invalid_and_not_unknown() -> None:
    bad = replace(book(2010), flags=LAST | BAD_BOOK)
    records = [*spoken(0, 2005), trade(2004, 101, 3), bad, *(trade(t, 101) for t in (2050, 2100))]
    found = row(records, 2105)
    assert found["quoted_spread_ticks"] is None
    assert found["cumulative_volume_delta_to_volume_rth"] == 1
    assert found["volume_60s"] == 2
    assert found["time_weighted_quoted_spread_ticks_60s"] is None
    assert found[f"{ADDED}_{SINCE}"] is None


def test_from_one_side_of_a_silence_to_the_other_there_is_no_change() -> None:
    records = [*spoken(0, 2011, 10), book(2070, asks=(5, *TEN[1:])), book(2071)]
    found = row(records, 2080)
    assert found[f"{CANCELLED}_{SINCE}"] == 0
    assert found[f"{ADDED}_{SINCE}"] == 5
    assert found["normalized_order_flow_imbalance_top_of_book_10s"] == -5 / 10


def test_the_spread_of_trades_knows_the_mid_five_seconds_later() -> None:
    records = [*spoken(0, 2011, 10), trade(2006, 101, 3), trade(2066, 101, 5), book(2085)]
    # 2066 + 5 s: the book of 2010 stands until 2126, for the trade of 2066 broke the silence.
    found = row(records, 2075)
    assert found["realized_spread_5s_ticks_60s"] == pytest.approx(2 * (101 - 100.5))
    assert found["effective_spread_ticks_60s"] == pytest.approx(2 * (101 - 100.5))


def test_nothing_is_said_outside_of_what_the_file_set_covers() -> None:
    records = [*spoken(0, 2200), trade(2005, 101, 3)]
    assert row(records, 2200, covered=(0, 2200)) == row(records, 2200)
    outside = row(records, 2201, covered=(0, 2200))
    assert {name for name, value in outside.items() if value is not None} == {
        "seconds_since_rth_open"
    }
