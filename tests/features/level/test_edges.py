"""Where definitions turn: events that a step divides, limits met exactly, levels without a value.

Each number is also the reference's: `row` compares both.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.features.level.hand_made import END, OPEN, average, book, row, side, static, trade
from tests.features.level.level_days import columns
from tests.features.level.reference import Level
from tests.features.market.record_streams import SECOND, Record


@pytest.mark.parametrize(("traded_at", "cancelled"), [(97, 3), (100, 8)])
def test_an_event_that_a_step_divides(traded_at: int, cancelled: int) -> None:
    # The trade comes before the step and its book after: what counts is the tick at the book.
    level = average((2000, 100.0), (2070, 97.0))
    taken = (10, 10, 10, 2, 10, 10, 10, 10, 10, 10)
    records = [
        book(1990, 93),
        replace(trade(2069.9, traded_at, 5), event=7),
        replace(book(2070, 93, asks=taken), event=7),
    ]
    found = row(records, 2075, level)
    assert found["resting_cancel_volume_60s"] == cancelled
    assert found["resting_size"] == 2
    assert found["resting_size_change_60s"] is None


@pytest.mark.parametrize(
    ("value", "size"), [(99.5, 13), (45 * 199 / 90 - 1 / 90, 12), (100 + 44 / 90, 13)]
)
def test_the_tick_of_an_average_is_rounded_half_up(value: float, size: int) -> None:
    shown = book(1990, 95, asks=range(9, 19))
    assert row([shown], 2100, average((2000, value)))["resting_size"] == size


@pytest.mark.parametrize("hidden_ns", [6 * SECOND, 6 * SECOND + 1])
def test_nine_tenths_of_the_window_is_enough(hidden_ns: int) -> None:
    back = replace(book(2070, 95), t=2070 * SECOND + hidden_ns)
    found = row([book(1990, 95), book(2070, 80), back, book(2080, 95, asks=(12,) * 10)], 2090)
    is_enough = hidden_ns == 6 * SECOND
    assert (found["resting_add_volume_60s"] == 2) == is_enough
    assert (found["order_flow_imbalance_within_2_ticks_60s"] is not None) == is_enough


@pytest.mark.parametrize("seconds", [59, 60, 299, 300])
def test_windows_wait_until_the_level_has_been_known_for_their_length(seconds: int) -> None:
    found = row([book(1990, 95), trade(1999.5, 100, 3)], OPEN + seconds)
    assert (found["visible_fraction_60s"] is None) == (seconds < 60)
    assert (found["time_above_fraction"] is None) == (seconds < 60)
    assert (found["dwell_seconds_within_8_ticks_300s"] is None) == (seconds < 300)
    assert (found["volume_within_2_ticks_300s"] == 3) == (seconds < 300)


@pytest.mark.parametrize("start", [2090, 2091])
def test_a_leg_has_at_least_ten_seconds(start: int) -> None:
    found = row([book(1990, 40), book(start + 0.5, 89)], 2100)
    assert found["approach_duration_seconds"] == (10 if start == 2090 else None)
    assert (found["approach_velocity_ticks_per_minute"] is not None) == (start == 2090)
    assert found["approach_acceleration_ticks_per_minute2"] is None


def test_a_leg_ends_within_the_zone() -> None:
    records = [book(1990, 40), replace(book(2050, 60), asks=side(60 + 2, 1, (10,) * 10))]
    assert row(records, 2100)["approach_duration_seconds"] == 50  # 61: 39 ticks away
    at_zone = [records[0], replace(book(2050, 59), asks=side(61, 1, (10,) * 10))]
    assert row(at_zone, 2100)["approach_duration_seconds"] is None  # 60: the leg begins here


def test_a_leg_begins_after_the_last_touch() -> None:
    touching = [book(1990, 50), trade(2010, 100), book(2020.5, 60), book(2060, 90)]
    found = row(touching, 2100)
    assert found["approach_duration_seconds"] == 2100 - 2060  # 39.5 away as of 2021
    assert row(touching, 2020)["approach_side"] == -1


def test_no_leg_when_armed_and_touched_within_a_second() -> None:
    records = [book(1990, 97), book(2050.2, 87), trade(2050.7, 100)]
    found = row(records, 2060)
    assert (found["touch_in_progress"], found["approach_side"]) == (1, -1)
    assert found["approach_duration_seconds"] is None


def test_a_step_that_ends_a_touch_leaves_no_leg_yet() -> None:
    level = average((2000, 100.0), (2050, 110.0))
    records = [book(1990, 60), trade(2010, 100), book(2020, 95)]
    assert row(records, 2049, level)["touch_in_progress"] == 1
    at_step = row(records, 2050, level)
    assert (at_step["touch_in_progress"], at_step["prior_bounce_count"]) == (0, 1)
    assert at_step["approach_duration_seconds"] is None
    assert row(records, 2061, level)["approach_duration_seconds"] is None
    assert row([*records, book(2052, 97)], 2065, level)["approach_duration_seconds"] == 13


def test_a_crossing_by_a_step_counts_from_the_next_row_on() -> None:
    level = average((2000, 100.0), (2050, 98.0))
    records = [book(1990, 98)]  # 98.5
    assert row(records, 2050, level)["crossing_count_1800s"] == 0
    assert row(records, 2051, level)["crossing_count_1800s"] == 1


def test_a_level_that_lapses_in_a_touch_is_frozen() -> None:
    level = average((2000, 100.0), (2020, None), (2040, 100.0))
    records = [
        book(1990, 90),
        trade(2010, 101, 4),
        trade(2025, 100, 8),
        trade(2026, 107, 8),
        book(2027, 120),
        book(2035, 95),
    ]
    assert row(records, 2030, level) == {}
    back = row(records, 2045, level)
    assert (back["touch_in_progress"], back["touch_count"]) == (1, 1)
    assert back["volume_within_2_ticks_300s"] == 4
    assert back["volume_share_within_2_ticks_rth"] == 4 / 20
    assert back["volume_per_penetration_tick_300s"] == 4
    assert back["visible_fraction_60s"] is None
    assert row(records, 2062, level)["visible_fraction_60s"] == pytest.approx(40 / 60)


def test_penetration_counts_where_it_lies_in_the_window() -> None:
    records = [book(1990, 90), trade(2010, 108, 1), trade(2050, 102, 6), trade(2200, 101, 6)]
    assert row(records, 2300)["volume_per_penetration_tick_300s"] == 12 / 8
    # The deepest trade has left the window; the touch goes on.
    assert row(records, 2315)["volume_per_penetration_tick_300s"] == 12 / 2


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
    records: list[Record] = [book(1990, 95), spoil(book(2090, 96)), trade(2095, 100, 3)]
    found = row(records, 2100)
    for name in ("distance_ticks", "visible", "resting_size", "depth_to_level"):
        assert found[name] is None, name
    assert found["visible_fraction_60s"] == pytest.approx(50 / 60)
    assert found["volume_within_2_ticks_300s"] == 3


def test_trades_without_price_or_size_are_none() -> None:
    records = [
        book(1990, 90),
        replace(trade(2010, 100), price=None),
        replace(trade(2011, 100), size=None),
        replace(trade(2012, 100), flags=0x20),
        trade(2013, 99, 2),
    ]
    found = row(records, 2020)
    assert (found["touch_count"], found["average_trade_size_within_2_ticks_300s"]) == (0, 2)


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
    grid = (0, OPEN * SECOND, END * SECOND)
    found = columns(records, [level], np.ones(END - OPEN + 1), grid=grid)[level.name]
    assert len(found) == 39
    assert all(np.isnan(column).all() for column in found.values())


def test_a_day_without_records_has_counts_of_zero_and_no_prices() -> None:
    found = row([], END)
    present = {name for name, value in found.items() if value is not None}
    zeros = {
        "touch_count",
        "touch_in_progress",
        "prior_bounce_count",
        "crossing_count_1800s",
        "dwell_seconds_within_8_ticks_300s",
        "volume_within_2_ticks_300s",
        "visible_fraction_60s",
    }
    assert present == zeros | {"seconds_since_extreme_set"}
    assert all(found[name] == 0 for name in zeros)


@pytest.mark.parametrize("level", [static(known=1), average((1, 100.0), (2050, 101.0))])
def test_a_level_that_is_known_from_the_first_second_on(level: Level) -> None:
    records = [book(5, 100), book(1000.5, 90), trade(1500, 100), book(1600, 108)]
    found = row(records, 2010, level)
    assert (found["touch_count"], found["prior_bounce_count"]) == (1, 0)
    assert row(records, 2060, level)["crossing_count_1800s"] == 2
    for ts in (END - 1, END):
        row(records, ts, level)


@pytest.mark.parametrize("known", [-3600, -1, 0])
@pytest.mark.parametrize("is_moving", [False, True])
def test_a_level_may_be_known_before_the_first_second(known: int, is_moving: bool) -> None:
    level = average((known, 100.0), (2050, 101.0)) if is_moving else static(known=known)
    records = [book(5, 100), book(1000.5, 90), trade(1500, 100), book(1600, 108)]
    found = row(records, 2010, level)
    assert (found["touch_count"], found["prior_bounce_count"]) == (1, 0)
    assert row(records, 2060, level)["crossing_count_1800s"] == 2


def test_a_level_steps_at_whole_seconds() -> None:
    with pytest.raises(ValueError, match="within a second"):
        row([], OPEN, Level("sma_90", [(2000 * SECOND + 1, 100.0)]))


def test_a_level_that_is_known_at_the_last_row() -> None:
    records = [book(1990, 90), trade(2100, 99, 3)]
    found = row(records, END, static(known=END))
    assert (found["approach_side"], found["volume_within_2_ticks_300s"]) == (-1, 3)
    assert found["volume_share_within_2_ticks_rth"] is None
    assert row(records, END - 1, static(known=END)) == {}
