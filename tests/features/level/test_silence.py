"""What a row says while the book is unknown, and where the file set does not reach."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.features.level.hand_made import END, average, book, books, row, static, trade
from tests.features.level.reference import Level
from tests.features.market.record_streams import BAD_BOOK, LAST, SNAPSHOT, Record

MACHINE = (
    "approach_side",
    "touch_count",
    "rejection_count",
    "time_above_fraction",
    "volume_share_within_2_ticks_since_known",
    "two_minute_close_crossing_count",
)
CONSTANT = {
    "distance_from_round_number_ticks",
    "pre_market_touch_count",
    "pre_market_volume_share_within_2_ticks",
    "pre_market_fraction_elapsed_at_extreme",
}
SPOKEN = [book(k, 90) for k in range(0, 2031, 30)]
"""A mid of 90.5 and no word after 2010."""


def test_a_minute_without_a_record_makes_the_book_unknown() -> None:
    records = [*SPOKEN, trade(2010, 99)]
    last = row(records, 2069, is_silent=True)
    assert (last["touch_count"], last["distance_ticks"], last["approach_side"]) == (0, -9.5, -1)
    unknown = row(records, 2070, is_silent=True)
    kept = {name for name, value in unknown.items() if value is not None}
    assert kept >= CONSTANT - {"pre_market_volume_share_within_2_ticks"}
    for name in (*MACHINE, "distance_ticks", "relative_depth_to_level"):
        assert unknown[name] is None, name


def later(*records: Record) -> list[Record]:
    """Return a day with silence from 2010 to 2100, and the records that follow."""
    return [*SPOKEN[:-1], trade(2010.0, 99), *records]


def test_a_complete_two_sided_book_ends_it() -> None:
    trading = trade(2100, 100)
    one_sided = replace(book(2101, 95), asks=[])
    part = replace(book(2102, 95), flags=0)
    bad = replace(book(2103, 95), flags=LAST | BAD_BOOK)
    whole = replace(book(2104, 95), flags=LAST | SNAPSHOT)
    records = later(trading, one_sided, part, bad, whole)
    for ts in (2100, 2101, 2102, 2103, 2104):
        assert row(records, ts, is_silent=True)["touch_count"] is None, ts
    found = row(records, 2105, is_silent=True)
    assert found["distance_ticks"] == -4.5
    # The trade was one, and opened a touch of the level that was armed before.
    assert (found["touch_count"], found["touch_duration_seconds"]) == (1, 5)
    assert found["volume_share_within_2_ticks_since_known"] == 2 / 2


@pytest.mark.parametrize("t", [2089.999, 2090])
def test_the_minute_is_over_after_sixty_seconds(t: float) -> None:
    records = [*SPOKEN[:-1], book(2030, 95), book(t, 95, asks=(14,) * 10)]
    is_known = t < 2090
    assert (row(records, 2090, is_silent=True)["touch_count"] is not None) == is_known
    assert row(records, 2091, is_silent=True)["touch_count"] == 0
    found = row(records, 2096, is_silent=True)
    flow = found["net_limit_order_flow_within_2_ticks_60s"]
    # From one side of a silence to the other there is no change.
    assert flow == (pytest.approx(-20 / ((54 - 0.001) * 50 + 6.001 * 70) * 60) if is_known else 0)


@pytest.mark.parametrize("kind", ["clear", "bad"])
def test_a_book_that_is_lost_is_not_unknown(kind: str) -> None:
    lost = replace(book(2040, 90), action="R") if kind == "clear" else None
    lost = lost or replace(book(2040, 90), flags=LAST | BAD_BOOK)
    found = row([book(0, 90), lost, trade(2045, 100, 2)], 2200)
    assert (found["touch_count"], found["touch_duration_seconds"]) == (1, 155)
    assert found["distance_ticks"] is None
    assert found["volume_share_within_2_ticks_300s"] == 1
    assert found["crossing_count_1800s"] == 0
    # The mids of the time when it was lost do not move the machine.
    away = replace(book(2050, 120), flags=LAST | BAD_BOOK)
    assert row([book(0, 90), lost, trade(2045, 100), away], 2200)["rejection_count"] == 0


def test_a_window_needs_nine_tenths_known() -> None:
    before = [*SPOKEN[:-1], trade(2005, 100), SPOKEN[-1]]
    back = [book(2100, 90), trade(2100.5, 100)]  # unknown from 2070 to 2100
    for ts, is_known in ((2101, False), (2108, False), (2109, True)):
        found = row([*before, *back], ts, is_silent=True)
        flow = found["trade_flow_imbalance_within_2_ticks_10s"]
        assert (flow is not None) == is_known, ts
        assert found["volume_share_within_2_ticks_300s"] == 1  # 30 s of 300
        assert found["crossing_count_1800s"] == 0
    later = [*before, book(2100.1, 90), trade(2100.5, 100)]
    found = row(later, 2109, is_silent=True)
    for name in ("trade_flow_imbalance", "volume_share", "average_trade_size_ratio"):
        assert found[f"{name}_within_2_ticks_300s"] is None
    assert found["volume_share_within_2_ticks_since_known"] == 1


def test_a_silence_ends_the_window_while_displayed() -> None:
    records = [*books(1900, 100, 95), book(1990, 95), *books(2060, 100, 95)]
    found = row(records, 2065, is_silent=True)
    assert found["within_top_10_prices_fraction_60s"] == pytest.approx(50 / 50)
    assert found["relative_displayed_size_added_per_second_60s"] == 0
    early = row(records, 2064, is_silent=True)
    assert early["relative_displayed_size_added_per_second_60s"] is None  # u is four seconds


@pytest.mark.parametrize("level", [static(), average((1, 100.0))])
def test_nothing_is_said_outside_of_what_the_file_set_covers(level: Level) -> None:
    records = [book(0, 90), trade(2045, 100)]
    assert row(records, 2200, level, covered=(0, 2200)) == row(records, 2200, level)
    assert row(records, 2201, level, covered=(0, 2200)) == {}
    assert row(records, 2200, level, covered=(2201, END)) == {}


def test_a_day_without_records_has_what_is_the_level_s_alone() -> None:
    found = row([], END, is_silent=True)
    present = {name for name, value in found.items() if value is not None}
    assert present == CONSTANT - {"pre_market_volume_share_within_2_ticks"}
