"""The columns and their reference, against numbers worked out by hand: touches, times, legs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.features.level.hand_made import OPEN, average, book, kept_alive, row, static, trade, wide
from tests.features.level.reference import Day, Level, LevelReference
from tests.features.market.record_streams import SECOND, Record


@pytest.mark.parametrize(("price", "away"), [(100, 0), (112, 12), (160, 40), (249.5, 49.5)])
def test_position(price: float, away: float) -> None:
    found = row([book(1990, 87)], 2100, static(price=price))
    assert found["distance_ticks"] == 87.5 - price
    assert found["distance_from_round_number_ticks"] == away
    assert found["pre_market_fraction_elapsed_at_extreme"] == 0.5005
    assert found["approach_side"] == -1
    assert row([book(1990, 87)], 1999) == {}


TOUCHING = [
    book(2000.5, 91),  # 91.5: armed at 8.5 below
    trade(2001, 99),
    trade(2002, 100),  # the touch
    trade(2003, 103),
    book(2004, 99),
    trade(2005, 101),
    book(2006, 91),  # back: rejected
]


def test_a_touch_that_is_rejected() -> None:
    inside = row([book(1990, 99), *TOUCHING], 2006)
    assert (inside["touch_count"], inside["rejection_count"]) == (1, 0)
    assert (inside["touch_duration_seconds"], inside["touch_penetration_ticks"]) == (4, 3)
    for name in (
        "seconds_since_last_touch_end",
        "last_rejected_touch_penetration_ticks",
        "max_rejected_touch_penetration_ticks",
        "last_touch_rejected",
        "max_distance_since_last_touch_ticks",
    ):
        assert inside[name] is None, name
    after = row([book(1990, 99), *TOUCHING], 2007)
    assert (after["touch_count"], after["rejection_count"]) == (1, 1)
    assert (after["last_touch_rejected"], after["approach_side"]) == (1, -1)
    assert after["last_rejected_touch_penetration_ticks"] == 3
    assert after["seconds_since_last_touch_end"] == 1
    assert after["max_distance_since_last_touch_ticks"] == 8.5
    assert after["touch_duration_seconds"] is after["touch_penetration_ticks"] is None


def test_a_touch_that_is_not_rejected_and_the_next_one() -> None:
    through = [*TOUCHING[:-1], book(2006, 108)]
    found = row(through, 2007)
    assert (found["rejection_count"], found["last_touch_rejected"]) == (0, 0)
    assert found["approach_side"] == 1
    assert found["last_rejected_touch_penetration_ticks"] is None
    again = [*through, trade(2008, 100), trade(2009, 99), book(2010, 108)]
    found = row(again, 2011)
    assert (found["touch_count"], found["rejection_count"]) == (2, 1)
    assert found["last_rejected_touch_penetration_ticks"] == 1
    assert found["max_rejected_touch_penetration_ticks"] == 1  # the other one's 3 are not in it


def test_the_largest_distance_since_a_touch_is_frozen_in_the_next() -> None:
    away = [*TOUCHING, book(2007, 84), book(2008, 95), trade(2009, 100), book(2010, 104)]
    assert row(away, 2007)["max_distance_since_last_touch_ticks"] == 8.5
    for ts in (2008, 2009, 2010, 2011):
        assert row(away, ts)["max_distance_since_last_touch_ticks"] == 15.5, ts
    over = [*away, book(2012, 110)]
    assert row(over, 2013)["max_distance_since_last_touch_ticks"] == 10.5
    level = average((1000, 100.0), (2010, 130.0))
    stepped = row([*TOUCHING, book(2007, 91)], 2010, level)  # 91.5 - 130, at the step
    assert stepped["max_distance_since_last_touch_ticks"] == 38.5


def test_idle_until_eight_ticks_away() -> None:
    found = row([book(1990, 92), trade(2001, 100)], 2010)
    assert (found["approach_side"], found["touch_count"]) == (None, 0)
    armed = row([book(1990, 92), trade(2001, 100), book(2002, 91), trade(2003, 100)], 2010)
    assert (armed["approach_side"], armed["touch_count"]) == (-1, 1)


@pytest.mark.parametrize("level", [static(known=1), average((1, 100.0))])
def test_the_machine_begins_at_the_open_with_the_mid_that_stands(level: Level) -> None:
    records = [book(5, 110), trade(1500, 100), book(1600, 91), trade(1700, 101)]
    found = row(records, OPEN, level)
    assert (found["approach_side"], found["touch_count"]) == (-1, 0)
    # A record of 09:30 itself comes after the mid that stands then.
    touching = [*records, book(OPEN, 99), trade(OPEN + 0.5, 100)]
    assert row(touching, 2010, level)["touch_count"] == 1
    idle = row([*records[:2], book(1600, 99), trade(2001, 100)], 2010, level)
    assert (idle["approach_side"], idle["touch_count"]) == (None, 0)


def test_the_machine_of_a_level_known_later_begins_then() -> None:
    records = [book(1990, 85), trade(2050, 100), book(2060, 91), trade(2101, 100)]
    found = row(records, 2100, static(known=2100))
    assert (found["approach_side"], found["touch_count"]) == (-1, 0)
    assert row(records, 2102, static(known=2100))["touch_count"] == 1


def test_an_average_without_a_value_at_the_open_begins_with_the_next() -> None:
    level = average((1000, 104.0), (1990, None), (2020, 100.0))
    records = [book(1500, 91), trade(2010, 100), trade(2021, 100)]
    assert row(records, 2010, level) == {}
    assert row(records, 2020, level)["approach_side"] == -1
    day = Day(kept_alive(records), 2022 * SECOND, 0, OPEN * SECOND, 50.0)
    (touch,) = LevelReference(day, level).machine(2022 * SECOND).touches
    assert touch.cause == "price"


def test_a_step_of_the_average_arms_ends_a_touch_and_lapses() -> None:
    level = average((2000, 100.0), (2010, 110.0), (2020, 99.5), (2030, None), (2040, 120.0))
    records = [book(1990, 99), trade(2015, 99), trade(2021, 99), trade(2022, 100), trade(2035, 125)]
    assert row(records, 2009, level)["approach_side"] is None  # 99.5 - 100
    assert row(records, 2010, level)["approach_side"] == -1  # 99.5 - 110
    assert row(records, 2022, level)["touch_count"] == 0  # 99 lies below 99.5
    assert row(records, 2023, level)["touch_duration_seconds"] == 1
    assert row(records, 2036, level) == {}
    back = row(records, 2040, level)  # 99.5 - 120: on the side that it came from
    assert (back["rejection_count"], back["last_rejected_touch_penetration_ticks"]) == (1, 0.5)
    assert back["slope_ticks_per_bar"] is None
    assert row(records, 2020, level)["slope_ticks_per_bar"] == -10.5


def test_a_step_onto_the_price_is_told_from_the_price() -> None:
    level = average((2000, 110.0), (2010, 99.0))
    records = [book(1990, 99), trade(2005, 100), trade(2011, 100)]
    day = Day(records, 2020 * SECOND, 0, OPEN * SECOND, 50.0)
    (touch,) = LevelReference(day, level).machine(2020 * SECOND).touches
    assert (touch.cause, touch.start, touch.penetration) == ("level_step", 2011 * SECOND, 1)


def test_touches_of_the_pre_market_and_of_the_opening_range() -> None:
    records = [
        book(900, 91),  # armed at the start, 8.5 below
        trade(995, 100),  # before it
        trade(1100, 100),
        book(1101, 108),  # left on the other side
        trade(1200, 99),  # open at the end
        trade(2000.5, 100),
    ]
    assert row(records, 2010)["pre_market_touch_count"] == 2
    formed = Level("or_low", static().steps, 1100 * SECOND, (1000 * SECOND, 1150 * SECOND))
    found = row(records, 2010, formed)
    assert found["opening_range_touch_count"] == 1
    assert found["opening_range_fraction_elapsed_at_extreme"] == pytest.approx(100 / 150)
    late = [book(1050, 91), *records[2:]]
    assert row(late, 2010)["pre_market_touch_count"] == 2  # armed by the first mid


def test_times_and_crossings() -> None:
    records = [
        book(0, 95),
        book(2030, 102),  # up: one crossing
        replace(book(2045, 102), bids=[]),
        book(2060, 110),
        book(2090, 99),  # 99.5: down
        wide(2095, 99),  # 100: the level
    ]
    found = row(records, 2100)
    assert found["time_above_fraction"] == pytest.approx((15 + 30 + 5 / 2) / (30 + 15 + 30 + 10))
    assert found["crossing_count_1800s"] == 2
    near = 230 + 15 + 10
    assert found["time_within_8_ticks_fraction_300s"] == pytest.approx(near / (near + 30))
    assert row(records, 2059)["time_above_fraction"] is None
    young = row([book(1990, 95), *records[1:]], 2100)
    assert young["time_within_8_ticks_fraction_300s"] is None
    assert young["crossing_count_1800s"] is None


def approaching() -> list[Record]:
    """Mids of 49.5, from 2100 on a tick nearer every two seconds, to 89.5 from 2180 on."""
    path = [book(2000, 49), *(book(2100 + 2 * k, 50 + k) for k in range(40))]
    flow = [trade(2100.5, 50, 6, "B"), trade(2150.5, 75, 2, "A"), trade(2050, 50, 32, "N")]
    return sorted([*path, *flow], key=lambda r: r.t)


@pytest.mark.parametrize("known", [OPEN, 2150])
def test_the_leg(known: int) -> None:
    found = row(approaching(), 2180, static(known=known))
    # 50.5 from 2100 on; 40 away or more last at 2120, where the mid of 2118 stands: 59.5.
    assert found["approach_speed_ticks_per_minute"] == pytest.approx((40.5 - 10.5) / 60 * 60)
    # At 2150 the mid of 2148 stands, 74.5: 15 ticks in each half.
    assert found["approach_speed_change_ticks_per_minute"] == 0
    assert found["approach_efficiency_ratio"] == 1
    # Two sold at 2150.5, away from above.
    assert found["approach_trade_flow_imbalance_toward_level"] == -1
    rate = found["approach_volume_rate_to_session_volume_rate"]
    assert rate == pytest.approx((2 / 60) / (40 / 180))
    # Thirty steps a tick up: the new bid's 10, and the old ask's 10 no longer offered.
    flow = found["approach_order_flow_imbalance_toward_level_per_minute"]
    assert flow == pytest.approx(30 * 20 / 10 / 1)


def test_the_speed_of_the_halves() -> None:
    found = row([book(1990, 60), book(2050, 70), book(2090, 92)], 2100)
    # 39.5 ticks away at 2050, 29.5 at 2075, 7.5 at 2100.
    assert found["approach_speed_ticks_per_minute"] == pytest.approx(32 / 50 * 60)
    change = found["approach_speed_change_ticks_per_minute"]
    assert change == pytest.approx((22 - 10) / 25 * 60)


def test_the_leg_is_frozen_in_a_touch() -> None:
    records = [*approaching(), trade(2180.5, 100), book(2185, 97)]
    frozen, before = row(records, 2190), row(approaching(), 2180)
    assert frozen["touch_duration_seconds"] == 9.5
    for name in before:
        if name.startswith("approach_"):
            assert frozen[name] == before[name], name


def test_trades_in_the_band() -> None:
    records = [
        book(0, 91),
        trade(1500, 98, 4, "A"),
        trade(1600, 97, 12, "A"),
        trade(2001, 102, 6, "B"),
        trade(2002, 103, 8, "B"),
        trade(2003, 100, 2, "A"),
    ]
    found = row(records, 2010)
    assert found["volume_share_within_2_ticks_300s"] == 0.5
    assert found["volume_share_within_2_ticks_since_known"] == 0.5
    assert found["trade_flow_imbalance_within_2_ticks_300s"] == 0.5
    assert found["trade_flow_imbalance_within_2_ticks_10s"] == 0.5
    assert found["average_trade_size_ratio_within_2_ticks_300s"] == pytest.approx(4 / (16 / 3))
    assert found["pre_market_volume_share_within_2_ticks"] == 0.25
    assert row(records, 2012)["trade_flow_imbalance_within_2_ticks_10s"] == -1
    assert row(records, 2014)["trade_flow_imbalance_within_2_ticks_10s"] is None
    assert row(records[:3], 2010)["volume_share_within_2_ticks_since_known"] is None


CLOSES = [(1880, 99), (2000, 100), (2120, 101), (2240, 101), (2360, 99)]


@pytest.mark.parametrize(
    ("ts", "crossings", "bars"), [(2119, 0, None), (2120, 1, 0), (2240, 1, 1), (2360, 2, 0)]
)
def test_closes_beyond_the_level(ts: int, crossings: int, bars: int | None) -> None:
    found = row([book(1990, 95)], ts, bars=CLOSES)
    assert found["two_minute_close_crossing_count"] == crossings
    assert found["two_minute_bars_since_close_crossing"] == bars


def test_a_close_is_beside_the_average_that_holds_it() -> None:
    level = average((1880, 100.0), (2120, 102.0), (2240, 100.0), (2360, 98.5))
    found = row([book(1990, 95)], 2360, level, bars=CLOSES)
    # Sides of the closes: below, at it, below 102, above, above.
    assert found["two_minute_close_crossing_count"] == 1
    assert found["two_minute_bars_since_close_crossing"] == 1
