"""Where definitions turn: events that a step divides, limits met exactly, levels without a value.

Each number is also the reference's: `row` compares both.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.features.level.hand_made import (
    END,
    OPEN,
    average,
    book,
    books,
    row,
    side,
    static,
    trade,
)
from tests.features.level.level_days import columns
from tests.features.level.reference import Level
from tests.features.market.record_streams import SECOND, Record


@pytest.mark.parametrize(("traded_at", "cancelled"), [(97, 3), (100, 8)])
def test_an_event_that_a_step_divides(traded_at: int, cancelled: int) -> None:
    # The trade comes before the step and its book after: what counts is the tick at the book.
    level = average((2000, 100.0), (2070, 97.0))
    taken = (10, 10, 10, 2, 10, 10, 10, 10, 10, 10)
    records = [
        *books(1900, 100, 93),
        replace(trade(2069.9, traded_at, 5), event=7),
        replace(book(2070, 93, asks=taken), event=7),
    ]
    found = row(records, 2075, level)
    mean = (100 * 200 + 192) / 20 / 101
    got = found["relative_displayed_size_cancelled_per_second_60s"]
    assert got == pytest.approx(cancelled / mean / 5)
    assert found["displayed_size_to_mean_of_other_prices_ratio"] == 2 / 10
    assert found["replenishment_ratio_60s"] is None  # the trade came before


@pytest.mark.parametrize("seconds", [59, 60])
def test_the_share_of_time_above_waits_for_a_minute(seconds: int) -> None:
    found = row([book(1700, 95), trade(1999.5, 100, 3)], OPEN + seconds)
    assert (found["time_above_fraction"] is None) == (seconds < 60)
    assert found["within_top_10_prices_fraction_60s"] == 1
    assert found["time_within_8_ticks_fraction_300s"] == 1
    assert found["volume_share_within_2_ticks_300s"] == 1
    assert found["volume_share_within_2_ticks_since_known"] is None


SPEED, CHANGE = "approach_speed_ticks_per_minute", "approach_speed_change_ticks_per_minute"


@pytest.mark.parametrize("start", [2090, 2091])
def test_a_leg_has_at_least_ten_seconds(start: int) -> None:
    found = row([book(1990, 40), book(start + 0.5, 89)], 2100)
    # 59.5 ticks away at the start, 10.5 now.
    assert found[SPEED] == (pytest.approx(49 / 10 * 60) if start == 2090 else None)
    assert found[CHANGE] is None


@pytest.mark.parametrize(("start", "is_null"), [(2080, False), (2081, True)])
def test_halves_of_a_leg_have_at_least_ten_seconds(start: int, is_null: bool) -> None:
    found = row([book(1990, 40), book(start + 0.5, 89)], 2100)
    assert (found[CHANGE] is None) == is_null


def test_a_leg_ends_within_the_zone() -> None:
    records = [book(1990, 40), replace(book(2050, 60), asks=side(60 + 2, 1, (10,) * 10))]
    assert row(records, 2100)[SPEED] == pytest.approx((59.5 - 39) / 50 * 60)
    at_zone = [records[0], replace(book(2050, 59), asks=side(61, 1, (10,) * 10))]
    assert row(at_zone, 2100)[SPEED] is None  # 60: the leg begins here


def test_a_leg_begins_after_the_last_touch() -> None:
    touching = [book(1990, 50), trade(2010, 100), book(2020.5, 60), book(2060, 90)]
    found = row(touching, 2100)
    assert found[SPEED] == pytest.approx((39.5 - 9.5) / 40 * 60)  # 39.5 away as of 2060
    assert row(touching, 2020)["approach_side"] == -1


def test_no_leg_when_armed_and_touched_within_a_second() -> None:
    records = [book(1990, 97), book(2050.2, 87), trade(2050.7, 100)]
    found = row(records, 2060)
    assert found["touch_duration_seconds"] == pytest.approx(9.3)
    assert found["approach_side"] == -1
    assert found[SPEED] is None


def test_a_step_that_ends_a_touch_leaves_no_leg_yet() -> None:
    level = average((2000, 100.0), (2050, 110.0))
    records = [book(1990, 60), trade(2010, 100), book(2020, 95)]
    assert row(records, 2049, level)["touch_duration_seconds"] == 39
    at_step = row(records, 2050, level)
    assert (at_step["touch_duration_seconds"], at_step["rejection_count"]) == (None, 1)
    assert at_step[SPEED] is None
    assert row(records, 2061, level)[SPEED] is None
    moved = row([*records, book(2052, 97)], 2065, level)
    assert moved[SPEED] == pytest.approx(2 / 13 * 60)


def test_a_crossing_by_a_step_counts_from_the_next_row_on() -> None:
    level = average((1, 100.0), (2050, 98.0))
    records = [book(0, 98)]  # 98.5
    assert row(records, 2050, level)["crossing_count_1800s"] == 0
    assert row(records, 2051, level)["crossing_count_1800s"] == 1


def test_a_level_that_lapses_in_a_touch_is_frozen() -> None:
    level = average((2000, 100.0), (2020, None), (2040, 100.0))
    records = [
        book(1700, 90),
        trade(2010, 101, 4),
        trade(2025, 100, 8),
        trade(2026, 107, 8),
        book(2027, 120),
        book(2035, 95),
    ]
    assert row(records, 2030, level) == {}
    back = row(records, 2045, level)
    assert (back["touch_duration_seconds"], back["touch_count"]) == (35, 1)
    assert back["touch_penetration_ticks"] == 1
    assert back["volume_share_within_2_ticks_300s"] == 4 / 20
    assert back["volume_share_within_2_ticks_since_known"] == 4 / 20
    assert back["within_top_10_prices_fraction_60s"] is None  # 25 s with a quote and a value
    later = row(records, 2051, level)  # 20 s below the window of the book, 11 s in it
    assert later["within_top_10_prices_fraction_60s"] == pytest.approx(31 / 31)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda r: replace(r, action="R", bids=[], asks=[]),
        lambda r: replace(r, flags=r.flags | 0x04),
        lambda r: replace(r, asks=[]),
        lambda r: replace(r, asks=[(r.bids[0][0], 1, 1), *r.asks]),
    ],
    ids=["cleared", "bad", "one-sided", "locked"],
)
def test_nothing_stands_without_a_valid_quote(spoil: object) -> None:
    assert callable(spoil)
    records: list[Record] = [*books(1500, 110, 95), spoil(book(2090, 96)), trade(2095, 100, 3)]
    found = row(records, 2100)
    for name in (
        "distance_ticks",
        "displayed_size_to_mean_of_other_prices_ratio",
        "relative_depth_to_level",
        "traded_to_displayed_size_ratio_60s",
    ):
        assert found[name] is None, name
    assert found["within_top_10_prices_fraction_60s"] == 1
    assert found["volume_share_within_2_ticks_300s"] == 1
    assert found["touch_count"] == 0


def test_trades_without_price_or_size_are_none() -> None:
    records = [
        book(1700, 90),
        replace(trade(2010, 100), price=None),
        replace(trade(2011, 100), size=None),
        replace(trade(2012, 100), flags=0x20),
        trade(2013, 99, 2),
    ]
    found = row(records, 2020)
    assert found["touch_count"] == 0
    assert found["average_trade_size_ratio_within_2_ticks_300s"] == 1


def test_a_record_of_the_row_s_own_time_is_not_seen() -> None:
    records = [book(1990, 90), trade(2050, 100), book(2050, 95)]
    assert row(records, 2050)["touch_count"] == 0
    assert row(records, 2050)["distance_ticks"] == -9.5
    assert row(records, 2051)["touch_count"] == 1


@pytest.mark.parametrize(
    "level",
    [Level("or_low", []), static(known=END + 60), average((2000, None)), Level("sma_90", [])],
    ids=["no price", "known later", "only lapsed", "too few bars"],
)
@pytest.mark.parametrize("records", [[], [book(1990, 90), trade(2010, 100)]], ids=["empty", "day"])
def test_a_level_without_a_value_has_no_column(level: Level, records: list[Record]) -> None:
    assert row(records, END, level) == {}
    grid = (0, OPEN * SECOND, END * SECOND)
    found = columns(records, [level], grid=grid)[level.name]
    assert all(np.isnan(column).all() for column in found.values())


def test_a_level_steps_at_whole_seconds() -> None:
    grid = (0, OPEN * SECOND, END * SECOND)
    within = Level("sma_90", [(2000 * SECOND + 1, 100.0)])
    with pytest.raises(ValueError, match="within a second"):
        columns([], [within], grid=grid)


@pytest.mark.parametrize("known", [-3600, -1, 0, 1])
@pytest.mark.parametrize("is_moving", [False, True])
def test_a_level_may_be_known_before_the_first_second(known: int, is_moving: bool) -> None:
    level = average((known, 100.0), (2050, 101.0)) if is_moving else static(known=known)
    records = [book(5, 100), book(1000.5, 90), trade(1500, 100), book(1600, 108)]
    found = row(records, 2010, level)
    assert (found["touch_count"], found["approach_side"]) == (0, 1)
    assert row(records, 2060, level)["crossing_count_1800s"] == 2
    for ts in (END - 1, END):
        row(records, ts, level)


def test_a_level_that_is_known_at_the_last_row() -> None:
    records = [book(1990, 90), trade(2100, 99, 3)]
    found = row(records, END, static(known=END))
    assert (found["approach_side"], found["volume_share_within_2_ticks_300s"]) == (-1, 1)
    assert found["volume_share_within_2_ticks_since_known"] is None
    assert row(records, END - 1, static(known=END)) == {}
