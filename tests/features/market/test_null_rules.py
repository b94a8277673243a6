"""Where a value begins and ends: one step inside a rule, and one outside."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from src.data_eng.features.book.day_seconds import F64
from src.data_eng.features.market.columns import market_columns
from tests.features.market import market_days
from tests.features.market.market_days import END, OPEN, ROWS, day_seconds, no_history
from tests.features.market.record_streams import SECOND, Record, Side

ROW = 100
TS = OPEN + ROW * SECOND


def side(best: int, sign: int, levels: int = 10, size: int = 20) -> Side:
    return [(best + sign * k, size, 2) for k in range(levels)]


def book(before_s: float, mid: int = 20_000, levels: int = 10, size: int = 20) -> Record:
    """A complete book some seconds before the row."""
    t = TS - round(before_s * SECOND)
    bids, asks = side(mid, -1, levels, size), side(mid + 1, 1, levels, size)
    return Record(t, "A", "B", bids, asks, event=t)


def trade(before_s: float, price: int = 20_001, size: int = 3, who: str = "B") -> Record:
    t = TS - round(before_s * SECOND)
    return Record(t, "T", who, side(20_000, -1), side(20_001, 1), price, size, 0, t)


def kept_alive(records: list[Record]) -> list[Record]:
    """Return the records with others after the first, which say nothing: no silence begins."""
    first = min(r.t for r in records)
    beats = [
        Record(t, "M", "N", [], [], flags=0, event=-t) for t in range(first + 1, END, 20 * SECOND)
    ]
    return sorted([*records, *beats], key=lambda r: r.t)


def columns(records: list[Record]) -> dict[str, F64]:
    return market_days.columns(kept_alive(records))


def value(records: list[Record], name: str) -> float:
    return float(columns(records)[name][ROW])


def moving(step: int) -> list[Record]:
    """Books all over the last half hour whose mids differ from step to step."""
    return [book(s, 20_000 + (s // step * 7) % 5) for s in range(1900, 0, -step)]


@pytest.mark.parametrize(("intervals", "is_null"), [(60, False), (59, True)])
@pytest.mark.parametrize("name", ["kyle_lambda", "order_flow_imbalance_price_impact"])
def test_price_impact_needs_sixty_intervals_with_volume(
    name: str, intervals: int, is_null: bool
) -> None:
    trades = [trade(10 * k - 3, size=1 + k % 4) for k in range(1, intervals + 1)]
    assert np.isnan(value([*moving(5), *trades], f"{name}_1800s")) == is_null


def test_price_impact_needs_flow_that_varies() -> None:
    steady = [trade(10 * k - 3) for k in range(1, 181)]
    assert np.isnan(value([*moving(5), *steady], "kyle_lambda_1800s"))
    assert not np.isnan(value([*moving(5), *steady[:-1]], "kyle_lambda_1800s"))


@pytest.mark.parametrize(("bars", "is_null"), [(20, False), (19, True)])
def test_illiquidity_needs_twenty_bars_with_volume(bars: int, is_null: bool) -> None:
    trades = [trade(60 * k - 30) for k in range(1, bars + 1)]
    assert np.isnan(value([*moving(5), *trades], "amihud_illiquidity_1800s")) == is_null


@pytest.mark.parametrize(("since", "is_null"), [(30, False), (29.9, True)])
def test_the_time_weighted_spread_needs_half_a_window(since: float, is_null: bool) -> None:
    found = value([book(since)], "time_weighted_quoted_spread_ticks_60s")
    assert np.isnan(found) == is_null


@pytest.mark.parametrize(("since", "is_null"), [(54, False), (53.9, True)])
@pytest.mark.parametrize(
    "name", ["displayed_size_added_top_10_prices_60s", "displayed_size_cancelled_top_10_prices_60s"]
)
def test_adds_and_cancels_need_most_of_a_window(name: str, since: float, is_null: bool) -> None:
    assert np.isnan(value([book(since)], name)) == is_null


@pytest.mark.parametrize(("since", "is_null"), [(9, False), (8.9, True)])
def test_ten_level_flow_needs_ten_levels_for_most_of_a_window(since: float, is_null: bool) -> None:
    records = [book(50, levels=9), book(since), book(1)]
    assert np.isnan(value(records, "normalized_order_flow_imbalance_top_10_prices_10s")) == is_null
    assert not np.isnan(value(records, "normalized_order_flow_imbalance_top_of_book_10s"))


@pytest.mark.parametrize(("missing", "is_null"), [(6, False), (7, True)])
def test_volatility_needs_ninety_per_cent_of_its_returns(missing: int, is_null: bool) -> None:
    # The first mid is at the end of the step that begins `missing` steps into the window.
    first = 300 - 5 * missing
    records = [book(first + 0.5), *(book(s) for s in range(first - 1, 0, -1))]
    assert np.isnan(value(records, "realized_volatility_bps_300s")) == is_null


def test_a_mid_that_stands_has_no_variance_to_share() -> None:
    found = columns([book(2000)])
    assert found["realized_volatility_bps_1800s"][ROW] == 0
    for name in (
        "relative_jump_variation_1800s",
        "realized_downside_semivariance_share_1800s",
        "variance_ratio_12_1800s",
    ):
        assert np.isnan(found[name][ROW]), name


def relative_range(records: list[Record], *prior: float) -> F64:
    """Return the range over that of prior sessions, whose ranges are given, in ticks."""
    outside = replace(no_history(ROWS), prior_ranges=np.array(prior, np.float64))
    day = day_seconds(sorted(records, key=lambda r: r.t))
    return market_columns(day, outside)["rth_range_to_average_rth_range"]


def test_the_relative_range_waits_for_the_first_trade_of_the_session() -> None:
    before = [trade(ROW + 1, 19_000), trade(ROW + 1, 21_000)]
    records = kept_alive([book(1990), *before, trade(50, 20_001), trade(40, 20_011)])
    found = relative_range(records, 10, 20, 30, 20, 20)
    at = ROW - 50
    assert np.isnan(found[: at + 1]).all()
    assert (found[at + 1 : at + 11] == 0).all()
    assert (found[at + 11 :] == 0.5).all()


@pytest.mark.parametrize("prior", [(), (20, 20, 20, 20), (0, 0, 0, 0, 0)])
def test_the_relative_range_needs_five_sessions_and_a_range(prior: tuple[float, ...]) -> None:
    records = kept_alive([book(1990), trade(50, 20_001), trade(40, 20_011)])
    assert np.isnan(relative_range(records, *prior)).all()
    assert not np.isnan(relative_range(records, *prior, 20, 20, 20, 20, 20)[ROW])


def test_the_relative_range_is_null_while_nothing_is_known() -> None:
    # The last record comes at row 60: from row 120 on nothing is known, until the book of row 150.
    records = [*kept_alive([book(1990), trade(50, 20_001)]), trade(40, 20_011)]
    records = [r for r in records if r.t <= TS - 40 * SECOND]
    found = relative_range([*records, book(-50)], 20, 20, 20, 20, 20)
    assert (found[ROW - 39 : ROW + 20] == 0.5).all()
    assert np.isnan(found[ROW + 20 : ROW + 51]).all()
    assert (found[ROW + 51 : ROW + 110] == 0.5).all()
    assert np.isnan(found[ROW + 110 :]).all()


def test_the_band_needs_five_minutes_and_a_tick() -> None:
    wide = [book(99), trade(98, 19_990), trade(97, 20_010)]
    found = columns(wide)["rth_vwap_deviation_standard_deviations"]
    assert np.isnan(found[:300]).all()
    assert not np.isnan(found[300:]).any()
    for away, is_null in ((1, False), (0, True)):
        narrow = [book(99), trade(98, 20_000 - away), trade(97, 20_001)]
        two = [*narrow, trade(96, 20_001 + away), trade(95, 20_000 - away)]
        column = columns(two)["rth_vwap_deviation_standard_deviations"]
        assert np.isnan(column[300:]).all() == is_null


@pytest.mark.parametrize("window", [10, 60, 300])
def test_volume_is_null_before_the_first_record_and_zero_without_a_trade(window: int) -> None:
    found = columns([book(0)])[f"volume_{window}s"]
    assert np.isnan(found[: ROW + window]).all()
    assert (found[ROW + window :] == 0).all()


def test_session_features_wait_for_the_first_trade_of_the_session() -> None:
    before = trade((TS - OPEN) / SECOND + 1, 19_000)
    found = columns([book(1990), before, trade(50)])
    at = ROW - 50
    for name in (
        "log_return_since_rth_open_bps",
        "rth_vwap_deviation_ticks",
        "cumulative_volume_delta_to_volume_rth",
    ):
        assert np.isnan(found[name][: at + 1]).all(), name
        assert not np.isnan(found[name][at + 1 :]).any(), name
    assert found["rth_vwap_deviation_ticks"][ROW] == -0.5


@pytest.mark.parametrize(("size", "is_null"), [(10, False), (9, True)])
def test_a_round_trip_needs_its_contracts_on_both_sides(size: int, is_null: bool) -> None:
    found = value([book(5, size=size)], "round_trip_cost_100_contracts_ticks")
    assert np.isnan(found) == is_null
    if not is_null:
        assert found == 10.0  # ten each at 20,000.5 +- 0.5, 1.5, ... 9.5 ticks


@pytest.mark.parametrize("levels", [0, 1, 4, 5, 9, 10])
def test_depth_needs_its_levels(levels: int) -> None:
    found = columns([book(5, levels=levels)])
    for count, top in ((1, "top_of_book"), (5, "top_5_prices"), (10, "top_10_prices")):
        assert np.isnan(found[f"total_depth_{top}"][ROW]) == (levels < count)
        assert np.isnan(found[f"order_book_imbalance_{top}"][ROW]) == (levels < count)
    for name in ("order_count_imbalance", "average_displayed_order_size"):
        assert np.isnan(found[f"{name}_top_10_prices"][ROW]) == (levels < 10)
    assert np.isnan(found["quoted_spread_ticks"][ROW]) == (levels < 1)


@pytest.mark.parametrize("ask", [20_000, 19_999])
def test_a_locked_or_crossed_book_has_no_spread_and_no_mid(ask: int) -> None:
    t = TS - 5 * SECOND
    found = columns([book(60), Record(t, "A", "A", side(20_000, -1), side(ask, 1), event=t)])
    for name in (
        "quoted_spread_ticks",
        "log_mid_return_bps_10s",
        "round_trip_cost_100_contracts_ticks",
    ):
        assert np.isnan(found[name][ROW]), name
    assert found["total_depth_top_of_book"][ROW] == 40


def test_realized_spread_is_of_trades_aged_five_seconds_and_more() -> None:
    later = book(20, 20_010)
    found = columns([book(99), trade(24, 20_001, 3), later])["realized_spread_5s_ticks_60s"]
    # Trade at row 76, the mid five seconds later is 20,010.5.
    assert np.isnan(found[:82]).all()
    assert (found[82:142] == 2 * (20_001 - 20_010.5)).all()
    assert np.isnan(found[142:]).all()
    assert len(found) == ROWS
