"""The book at the level and what changed in it, against numbers worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.features.level.hand_made import TEN, average, book, books, row, side, trade, wide
from tests.features.market.record_streams import LAST, SNAPSHOT, Record


def asks(size: int) -> list[int]:
    """Return sizes offered from 96 on: 100 is the fifth."""
    return [10, 10, 10, 10, size, 10, 10, 10, 10, 10]


def shown(records: Sequence[Record]) -> list[Record]:
    """Return the records after a hundred books with 200 contracts, 100 displayed in them."""
    return [*books(1900, 100, 95), *records]


def test_the_standing_book() -> None:
    bids, offers = range(1, 11), range(11, 21)
    below = row(books(1900, 100, 95, bids, offers), 2010)  # 55 and 155 contracts
    mean = 210 / 20
    assert below["displayed_order_size_to_side_average_ratio"] == pytest.approx(3 / (155 / 55))
    assert below["displayed_size_to_mean_of_other_prices_ratio"] == pytest.approx(15 / (140 / 9))
    assert below["relative_depth_to_level"] == pytest.approx((11 + 12 + 13 + 14) / mean)
    beyond = below["relative_depth_within_5_ticks_beyond"]
    assert beyond == pytest.approx((16 + 17 + 18 + 19 + 20) / mean)
    assert below["depth_imbalance_5_ticks"] == pytest.approx((1 - 90) / (1 + 90))
    farther = row(books(1900, 100, 94, bids, offers), 2010)
    assert farther["relative_depth_to_level"] is not None
    assert farther["relative_depth_within_5_ticks_beyond"] is None
    away = row(books(1900, 100, 89, bids, offers), 2010)
    assert away["displayed_size_to_mean_of_other_prices_ratio"] is None
    assert away["relative_depth_to_level"] is None
    thin = [*books(1900, 100, 89), book(1990, 89, bids, (3, 4))]  # nothing is hidden above
    assert row(thin, 2010)["relative_depth_to_level"] == pytest.approx(7 / 10)
    assert row(thin, 2010)["displayed_order_size_to_side_average_ratio"] is None
    assert row(thin, 2010)["displayed_size_to_mean_of_other_prices_ratio"] == 0
    gap = row([*books(1900, 100, 95), wide(1990, 99)], 2010)  # 100 lies in the spread
    assert gap["relative_depth_to_level"] == 0
    assert gap["displayed_size_to_mean_of_other_prices_ratio"] is None
    assert gap["displayed_order_size_to_side_average_ratio"] is None
    assert gap["relative_depth_within_5_ticks_beyond"] is None  # the mid is the level


@pytest.mark.parametrize(("count", "is_null"), [(99, True), (100, False)])
def test_the_mean_size_needs_a_hundred_full_books(count: int, is_null: bool) -> None:
    nine = (10,) * 9
    found = row([*books(1700, 10, 95), *books(1800, 50, 95, nine), *books(1900, count, 95)], 2010)
    assert (found["relative_depth_to_level"] is None) == is_null
    assert (found["relative_displayed_size_added_per_second_60s"] is None) == is_null
    assert found["displayed_size_to_mean_of_other_prices_ratio"] == 1


CHANGES = [
    book(2061, 95, asks=asks(14)),  # 4 added
    book(2062, 95, asks=asks(8)),  # 6 cancelled
    replace(trade(2063, 100, 5), event=7),
    replace(book(2063, 95, asks=asks(1)), event=7),  # 5 of these 7 were executed
    replace(book(2064, 95, asks=asks(9)), flags=LAST | SNAPSHOT),  # a snapshot is no event
    book(2065, 95, asks=asks(12)),
]
MEAN = (100 * 200 + 204 + 198 + 191 + 199 + 202) / 20 / 105


def test_sizes_added_and_cancelled_at_the_level() -> None:
    found = row(shown(CHANGES), 2070)
    assert found["within_top_10_prices_fraction_60s"] == 1
    for seconds in (60, 10):
        added = found[f"relative_displayed_size_added_per_second_{seconds}s"]
        assert added == pytest.approx((4 + 3) / MEAN / seconds)
        cancelled = found[f"relative_displayed_size_cancelled_per_second_{seconds}s"]
        assert cancelled == pytest.approx((6 + 2) / MEAN / seconds)
    assert found["replenishment_ratio_60s"] == 7 / 5
    here = 51 * 10 + 14 + 8 + 1 + 9 + 5 * 12
    assert found["traded_to_displayed_size_ratio_60s"] == pytest.approx(5 / (here / 60))
    # Of offers 8 were cancelled and 7 added; 98 to 102 show 40 contracts besides those at 100.
    assert found["net_limit_order_flow_within_2_ticks_60s"] == pytest.approx(1 / (40 + here / 60))
    near = found["net_limit_order_flow_within_2_ticks_10s"]
    assert near == pytest.approx(1 / (40 + (here - 500) / 10))


@pytest.mark.parametrize(
    ("aggressor", "after", "added", "cancelled"),
    [
        ("B", 10, 10, 0),  # all that was taken came back within the event
        ("B", 3, 3, 0),
        ("A", 3, 0, 7),  # no seller takes offers
        ("N", 12, 12, 0),  # what showed the price was hit
    ],
)
def test_executions_are_of_the_side_that_was_hit(
    aggressor: str, after: int, added: int, cancelled: int
) -> None:
    hit = [replace(trade(2063, 100, 10, aggressor), event=7)]
    found = row(shown([*hit, replace(book(2063, 95, asks=asks(after)), event=7)]), 2070)
    mean = (100 * 200 + 190 + after) / 20 / 101
    got = found["relative_displayed_size_added_per_second_60s"]
    assert got == pytest.approx(added / mean / 60)
    got = found["relative_displayed_size_cancelled_per_second_60s"]
    assert got == pytest.approx(cancelled / mean / 60)
    assert found["replenishment_ratio_60s"] == added / 10


def test_a_level_that_is_traded_through_and_rests_on_the_other_side() -> None:
    records = [
        *books(1900, 100, 95, TEN, asks(31)),
        replace(trade(2063, 100, 29), event=7),
        replace(book(2063, 100, bids=(124, *[10] * 9)), event=7),
    ]
    found = row(records, 2070)
    mean = (100 * 221 + 314) / 20 / 101
    got = found["relative_displayed_size_added_per_second_60s"]
    assert got == pytest.approx(124 / mean / 60)
    got = found["relative_displayed_size_cancelled_per_second_60s"]
    assert got == pytest.approx(2 / mean / 60)
    assert found["replenishment_ratio_60s"] == 124 / 29


def test_a_price_that_was_not_displayed_is_not_executed() -> None:
    empty = side(96, 1, (10,) * 4) + side(101, 1, (10,) * 6)
    records = [
        *books(1900, 100, 95),
        replace(book(2050, 95), asks=empty),  # ten offered at 100 are cancelled
        replace(trade(2063, 100, 5), event=7),
        replace(book(2063, 95, asks=asks(2)), event=7),
    ]
    found = row(records, 2070)
    assert found["replenishment_ratio_60s"] == 2 / 5
    mean = (100 * 200 + 200 + 192) / 20 / 102
    got = found["relative_displayed_size_cancelled_per_second_60s"]
    assert got == pytest.approx(10 / mean / 60)


def coming_into_view(bid: int = 95) -> list[Record]:
    """100 is displayed again from 2060.5 on, by the way of another size that is no event."""
    away = books(1900, 100, 80)
    return [*away, book(2060.5, bid), trade(2060.6, 100, 2), book(2062, bid, asks=asks(14))]


@pytest.mark.parametrize(("ts", "u"), [(2063, 2.5), (2064, 3.5), (2065, 4.5), (2066, 5.5)])
def test_the_window_while_displayed(ts: int, u: float) -> None:
    found = row(coming_into_view(), ts)
    mean = (101 * 200 + 204) / 20 / 102
    for seconds, shortest in ((60, 5), (10, 3)):
        got = found[f"relative_displayed_size_added_per_second_{seconds}s"]
        assert got == (pytest.approx(4 / mean / u) if u >= shortest else None)
        net = found[f"net_limit_order_flow_within_2_ticks_{seconds}s"]
        assert net == (pytest.approx(-4 / (50 + 4 * (u - 1.5) / u)) if u >= shortest else None)
    assert found["replenishment_ratio_60s"] == (2 if u >= 5 else None)
    size = (15 + 14 * (u - 1.5)) / u
    traded = found["traded_to_displayed_size_ratio_60s"]
    assert traded == (pytest.approx(2 / size) if u >= 5 else None)


def test_nothing_is_said_of_a_price_that_is_not_displayed() -> None:
    found = row([*coming_into_view(), book(2069, 80)], 2070)
    assert found["relative_displayed_size_added_per_second_10s"] is None
    assert found["net_limit_order_flow_within_2_ticks_10s"] is None
    assert found["traded_to_displayed_size_ratio_60s"] is None
    # The band needs all five prices: of 98 to 102 one is hidden.
    narrow = row(coming_into_view(91), 2070)
    assert narrow["relative_displayed_size_added_per_second_10s"] is not None
    assert narrow["net_limit_order_flow_within_2_ticks_10s"] is None


@pytest.mark.parametrize("flags", [LAST | SNAPSHOT, LAST])
def test_a_snapshot_keeps_the_run(flags: int) -> None:
    again = replace(book(2060, 95, asks=asks(14)), flags=flags)
    found = row(shown([again]), 2063)
    added = 0 if flags & SNAPSHOT else 4
    mean = (100 * 200 + 204) / 20 / 101
    got = found["relative_displayed_size_added_per_second_60s"]
    assert got == pytest.approx(added / mean / 60)


def test_a_step_that_changes_the_tick_begins_the_window() -> None:
    level = average((1500, 99.0), (2050, 99.6), (2055, 100.4), (2058, 98.0), (2060, 100.0))
    records = shown([book(2059, 95, asks=asks(12)), book(2060, 95, asks=asks(15))])
    mean = (100 * 200 + 202 + 205) / 20 / 102
    found = row(records, 2070, level)
    got = found["relative_displayed_size_added_per_second_60s"]
    assert got == pytest.approx(3 / mean / 10)
    early = row(records, 2058, average((1500, 99.0), (2050, 99.6), (2055, 100.4)))
    assert early["relative_displayed_size_added_per_second_10s"] == 0
    assert early["relative_displayed_size_added_per_second_60s"] == 0  # eight seconds of 100


@pytest.mark.parametrize(("value", "size"), [(99.5, 14), (98.5, 12), (45 * 199 / 90 - 1 / 90, 13)])
def test_half_a_tick_is_rounded_to_the_even_tick(value: float, size: int) -> None:
    offers = range(10, 20)  # from 96 on: 100 has 14, 98 has 12
    found = row([book(1990, 95, asks=offers)], 2040, average((2000, value)))
    others = (sum(offers) - size) / 9
    assert found["displayed_size_to_mean_of_other_prices_ratio"] == pytest.approx(size / others)


def test_the_share_of_time_displayed() -> None:
    records = [book(2000, 95), book(2030, 80), replace(book(2040, 95), bids=[]), book(2050, 95)]
    assert row(records, 2060)["within_top_10_prices_fraction_60s"] == 40 / 50
    assert row(records, 2029)["within_top_10_prices_fraction_60s"] is None
    assert row(records, 2030)["within_top_10_prices_fraction_60s"] == 1
