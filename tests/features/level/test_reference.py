"""The columns and their reference, against numbers worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.features.level.hand_made import OPEN, average, book, row, side, trade
from tests.features.level.reference import Day, LevelReference
from tests.features.market.record_streams import SECOND, Record


def test_distance_and_age() -> None:
    found = row([book(1990, 87)], 2100)
    assert found["distance_ticks"] == -12.5
    assert found["distance_atr"] == -12.5 * 0.25 / 2
    assert found["seconds_since_extreme_set"] == 599.5
    assert found["approach_side"] == -1
    assert row([book(1990, 87)], 1999) == {}


TOUCHING = [
    book(2000.5, 91),  # 91.5: armed at 8.5 below
    trade(2001, 99),
    trade(2002, 100),  # the touch
    trade(2003, 103),
    book(2004, 99),
    trade(2005, 101),
    book(2006, 91),  # back: a bounce
]


def test_a_touch_that_bounces() -> None:
    inside = row(TOUCHING, 2006)
    assert (inside["touch_count"], inside["touch_in_progress"]) == (1, 1)
    assert inside["last_touch_penetration_ticks"] is None
    after = row(TOUCHING, 2007)
    assert (after["touch_count"], after["touch_in_progress"]) == (1, 0)
    assert (after["prior_bounce_count"], after["approach_side"]) == (1, -1)
    assert after["last_touch_penetration_ticks"] == 3
    assert after["seconds_since_last_touch"] == 5


def test_a_touch_that_breaks_and_the_next_one() -> None:
    broken = [*TOUCHING[:-1], book(2006, 108)]
    assert row(broken, 2007)["prior_bounce_count"] == 0
    assert row(broken, 2007)["approach_side"] == 1
    again = [*broken, trade(2008, 100), trade(2009, 99), book(2010, 108)]
    found = row(again, 2011)
    assert (found["touch_count"], found["prior_bounce_count"]) == (2, 1)
    assert found["last_touch_penetration_ticks"] == 1
    assert found["max_touch_penetration_ticks"] == 3


def test_idle_until_eight_ticks_away() -> None:
    found = row([book(1990, 92), trade(2001, 100)], 2010)
    assert (found["approach_side"], found["touch_count"]) == (None, 0)
    armed = row([book(1990, 92), trade(2001, 100), book(2002, 91), trade(2003, 100)], 2010)
    assert (armed["approach_side"], armed["touch_count"]) == (-1, 1)


def test_a_step_of_the_average_arms_bounces_and_lapses() -> None:
    level = average((2000, 100.0), (2010, 110.0), (2020, 99.5), (2030, None), (2040, 120.0))
    records = [book(1990, 99), trade(2015, 99), trade(2021, 99), trade(2022, 100), trade(2035, 125)]
    assert row(records, 2009, level)["approach_side"] is None  # 99.5 - 100
    assert row(records, 2010, level)["approach_side"] == -1  # 99.5 - 110
    assert row(records, 2022, level)["touch_count"] == 0  # 99 lies below 99.5
    touching = row(records, 2023, level)
    assert (touching["touch_count"], touching["touch_in_progress"]) == (1, 1)
    assert row(records, 2036, level) == {}
    back = row(records, 2040, level)  # 99.5 - 120: on the side that it came from
    assert (back["prior_bounce_count"], back["last_touch_penetration_ticks"]) == (1, 0.5)
    assert back["slope_ticks_per_bar"] is None
    assert row(records, 2020, level)["slope_ticks_per_bar"] == -10.5


def test_a_step_onto_the_price_is_told_from_the_price() -> None:
    level = average((2000, 110.0), (2010, 99.0))
    records = [book(1990, 99), trade(2005, 100), trade(2011, 100)]
    day = Day(records, 2020 * SECOND, 0, OPEN * SECOND, 50.0)
    (touch,) = LevelReference(day, level).machine(2020 * SECOND).touches
    assert (touch.cause, touch.start, touch.penetration) == ("level_step", 2011 * SECOND, 1)


def test_times_and_crossings() -> None:
    records = [
        book(2000, 95),
        book(2030, 102),  # up: one crossing
        replace(book(2045, 102), bids=[]),
        book(2060, 110),
        book(2090, 99, bids=(5,), asks=(5,)),  # 99.5: down
    ]
    found = row(records, 2100)
    assert found["time_above_fraction"] == pytest.approx((15 + 30) / (30 + 15 + 30 + 10))
    assert found["crossing_count_1800s"] == 2
    assert found["dwell_seconds_within_8_ticks_300s"] is None
    assert row(records, 2059)["time_above_fraction"] is None
    assert row(records, 2300)["dwell_seconds_within_8_ticks_300s"] == 30 + 15 + 10 + 200


def approaching() -> list[Record]:
    """Mids of 49.5, from 2100 on a tick nearer every two seconds, to 89.5 from 2180 on."""
    path = [book(2000, 49), *(book(2100 + 2 * k, 50 + k) for k in range(40))]
    flow = [trade(2100.5, 50, 6, "B"), trade(2150.5, 75, 2, "A"), trade(2050, 50, 32, "N")]
    return sorted([*path, *flow], key=lambda r: r.t)


def test_the_leg() -> None:
    found = row(approaching(), 2180)
    # 50.5 from 2100 on; 40 away or more last at 2120, where the mid of 2118 stands: 59.5.
    assert found["approach_duration_seconds"] == 2180 - 2120
    assert found["approach_velocity_ticks_per_minute"] == pytest.approx((40.5 - 10.5) / 60 * 60)
    # At 2150 the mid of 2148 stands, 74.5: 15 ticks in each half.
    assert found["approach_acceleration_ticks_per_minute2"] == 0
    assert found["approach_efficiency_ratio"] == 1
    assert found["approach_trade_flow_imbalance"] == -1  # two sold at 2150.5, away from above
    assert found["approach_relative_volume"] == pytest.approx((2 / 60) / (40 / 180))
    # Thirty steps a tick up: the new bid's 10, and the old ask's 10 no longer offered.
    assert found["approach_order_flow_imbalance"] == pytest.approx(30 * 20 / 10 / 1)


def test_the_leg_is_frozen_in_a_touch() -> None:
    records = [*approaching(), trade(2180.5, 100), book(2185, 97)]
    frozen, before = row(records, 2190), row(approaching(), 2180)
    assert frozen["touch_in_progress"] == 1
    for name in before:
        if name.startswith("approach_"):
            assert frozen[name] == before[name], name


def test_trades_in_the_band() -> None:
    records = [
        trade(1500, 98, 4, "A"),
        trade(1600, 97, 12, "A"),
        book(1990, 91),
        trade(2001, 102, 6, "B"),
        trade(2002, 103, 8, "B"),
        trade(2003, 100, 2, "A"),
    ]
    found = row(records, 2010)
    assert found["volume_within_2_ticks_300s"] == 8
    assert found["volume_share_within_2_ticks_rth"] == 0.5
    assert found["trade_flow_imbalance_within_2_ticks_300s"] == 0.5
    assert found["average_trade_size_within_2_ticks_300s"] == 4
    assert found["volume_per_penetration_tick_300s"] == pytest.approx(8 / 3)
    assert found["formation_volume_share_within_2_ticks"] == 0.25
    assert row(records[:3], 2010)["volume_per_penetration_tick_300s"] is None


def test_the_standing_book() -> None:
    bids, asks = range(1, 11), range(11, 21)
    below = row([book(1990, 95, bids, asks)], 2010)  # asks from 96 on, sizes from 11 on
    assert (below["visible"], below["resting_size"], below["resting_order_count"]) == (1, 15, 5)
    assert below["depth_to_level"] == 11 + 12 + 13 + 14
    assert below["depth_beyond_5_ticks"] == 16 + 17 + 18 + 19 + 20
    assert below["resting_size_ratio"] == pytest.approx(15 / ((155 - 15) / 9))
    assert below["depth_imbalance_5_ticks"] == pytest.approx((1 - 90) / (1 + 90))
    farther = row([book(1990, 94, bids, asks)], 2010)
    assert (farther["resting_size"], farther["depth_beyond_5_ticks"]) == (16, None)
    away = row([book(1990, 89, bids, asks)], 2010)
    assert (away["visible"], away["resting_size"]) == (0, None)
    thin = row([book(1990, 89, bids, (3, 4))], 2010)  # no tenth ask: nothing is hidden above
    assert (thin["visible"], thin["resting_size"], thin["depth_to_level"]) == (1, 0, 7)
    gap = replace(book(1990, 99), asks=side(101, 1, (10,) * 10))  # 100 lies in the spread
    assert row([gap], 2010)["depth_to_level"] == 0
    assert row([gap], 2010)["resting_size_ratio"] is None
    assert row([gap], 2010)["depth_beyond_5_ticks"] is None  # the mid is the level


def test_adds_and_cancels_at_the_level() -> None:
    def asks(size: int) -> list[int]:
        return [10, 10, 10, 10, size, 10, 10, 10, 10, 10]  # 96 on: 100 is the fifth

    records = [
        book(1990, 95),
        book(2061, 95, asks=asks(14)),  # 4 added
        book(2062, 95, asks=asks(8)),  # 6 cancelled
        replace(trade(2063, 100, 5), event=7),
        replace(book(2063, 95, asks=asks(1)), event=7),  # 5 of these 7 were executed
        replace(book(2064, 95, asks=asks(9)), flags=0x80 | 0x20),  # a snapshot is no event
        book(2065, 95, asks=asks(12)),
    ]
    found = row(records, 2070)
    assert found["visible_fraction_60s"] == 1
    assert found["resting_add_volume_60s"] == 4 + 3
    assert found["resting_cancel_volume_60s"] == 6 + 2
    assert found["replenishment_ratio_60s"] == 7 / 5
    assert found["resting_size_change_60s"] == 12 - 10
    # The asks of 98 to 102: 54, 48, 41 and 52 contracts after the four events.
    flow = -(4 - 6 - 7 + 3)
    mean = (54 + 48 + 41 + 52) / 4
    assert found["order_flow_imbalance_within_2_ticks_60s"] == pytest.approx(flow / mean)
    early = row(records, 2059)
    assert early["visible_fraction_60s"] is None
    assert early["resting_add_volume_60s"] is None


def test_a_level_that_is_traded_through_and_rests_on_the_other_side() -> None:
    broken = replace(book(2063, 100), bids=side(100, -1, (124, *[10] * 9)))
    records = [
        book(1990, 95, asks=[10, 10, 10, 10, 31, 10, 10, 10, 10, 10]),  # 31 offered at 100
        replace(trade(2063, 100, 29), event=7),
        replace(broken, event=7),
    ]
    found = row(records, 2070)
    assert found["resting_add_volume_60s"] == 124
    assert found["resting_cancel_volume_60s"] == 31 - 29
    assert found["replenishment_ratio_60s"] == 124 / 29
    assert found["resting_size_change_60s"] == 124 - 31


def test_the_size_of_a_minute_ago_is_known_before_the_level_is() -> None:
    asks = [10, 10, 10, 10, 31, 10, 10, 10, 10, 10]
    records = [book(1945, 95), book(1990, 95, asks=asks)]
    assert row(records, 2001)["resting_size_change_60s"] is None  # no book at 1941
    assert row(records, 2010)["resting_size_change_60s"] == 31 - 10
    moving = average((2000, 100.0))
    assert row(records, 2010, moving)["resting_size_change_60s"] is None
