"""What a row takes from other sessions and from closed bars, against numbers worked out by hand."""

from __future__ import annotations

import datetime as dt
import math

import pytest

from tests.features.market.hand_made import OPEN, TEN, book, row, spoken, trade
from tests.features.market.record_streams import SECOND, Record
from tests.features.market.reference_history import History, Session

NOW = OPEN + 400
LATER = 5000
"""09:30 of another session, seconds."""


def session(*trades: Record, bids: tuple[int, ...] = TEN, until: int = 5500) -> Session:
    quotes = [book(t, bids=bids) for t in range(3000, until, 20)]
    records = sorted([*quotes, *trades], key=lambda r: r.t)
    return Session(records, LATER * SECOND)


TODAY = [
    *spoken(0, NOW, 20),
    trade(OPEN + 350, 101, 6),
    trade(OPEN + 360, 109, 9, "A"),
    trade(OPEN + 370, 104, 15, "N"),
]


def test_volume_and_depth_are_relative_to_the_same_time_of_other_sessions() -> None:
    sessions = [session(trade(LATER + 300 - k, 101, 10 + k)) for k in range(4)]
    # One whose trade lies before the window, and one that is absent.
    sessions.append(session(trade(LATER + 99, 101, 70), bids=(30, *TEN[1:])))
    found = row(TODAY, NOW, History([*sessions, None]))
    assert found["relative_volume_300s"] == pytest.approx(30 / ((10 + 11 + 12 + 13 + 0) / 5))
    depth = found["relative_total_depth_top_10_prices"]
    assert depth == pytest.approx(200 / ((4 * 200 + 220) / 5))
    few = row(TODAY, NOW, History([*sessions[:4], None]))
    for name in (
        "relative_volume_300s",
        "relative_total_depth_top_10_prices",
        "rth_range_to_average_rth_range",
        "large_trade_volume_share_300s",
    ):
        assert few[name] is None, name


def test_depth_is_the_mean_of_three_hundred_seconds() -> None:
    first = [book(t) for t in range(3000, 5250, 20)]
    more = [book(t, bids=(50, *TEN[1:])) for t in range(5250, 5500, 20)]
    one = Session([*first, *more], LATER * SECOND)
    found = row(TODAY, NOW, History([one] * 5))
    # As of 5,101 to 5,250 s 200 contracts, 240 as of 5,251 to 5,400.
    assert found["relative_total_depth_top_10_prices"] == pytest.approx(200 / 220)


def test_a_session_whose_window_is_not_known_is_missing() -> None:
    silent = session(trade(LATER + 300, 101, 1), until=LATER + 300)  # unknown for 40 s and more
    sessions = [session(trade(LATER + 300, 101, 20)) for _ in range(5)]
    found = row(TODAY, NOW, History([*sessions, silent]))
    assert found["relative_volume_300s"] == pytest.approx(30 / 20)
    assert found["relative_total_depth_top_10_prices"] == 1


def test_the_range_is_relative_to_that_of_regular_sessions() -> None:
    def ranged(low: int, high: int) -> Session:
        night = trade(LATER - 1, 1)
        after = trade(LATER + 23_400, 999)
        return session(night, trade(LATER, low), trade(LATER + 23_399, high), after)

    sessions = [ranged(100, 110), ranged(90, 120), ranged(100, 100), ranged(95, 115)]
    history = History([*sessions, ranged(80, 120)])
    found = row(TODAY, NOW, history)
    assert found["rth_range_to_average_rth_range"] == pytest.approx(8 / 20)
    assert row(TODAY, OPEN + 350, history)["rth_range_to_average_rth_range"] is None
    assert row(TODAY, OPEN + 351, history)["rth_range_to_average_rth_range"] == 0
    # The last word of the day was at 2,380 s.
    assert row(TODAY, OPEN + 440, history)["rth_range_to_average_rth_range"] is None


@pytest.mark.parametrize(
    ("sizes", "least"), [([1] * 99 + [9], 2), ([1] * 98 + [7, 9], 7), ([6] * 100, 6)]
)
def test_large_trades_are_the_largest_hundredth_of_other_sessions(
    sizes: list[int], least: int
) -> None:
    trades = [trade(LATER + 1 + k, 100, size) for k, size in enumerate(sizes)]
    night = [trade(LATER - 100 + k, 100, 500) for k in range(9)]
    history = History([session(*night, *trades), *(session() for _ in range(4))])
    found = row(TODAY, NOW, history)
    large = [size for size in (6, 9, 15) if size >= least]
    assert found["large_trade_volume_share_300s"] == pytest.approx(sum(large) / 30)
    flow = (sum(s for s in large if s == 6) - 9) / sum(s for s in large if s != 15)
    assert found["large_trade_flow_imbalance_300s"] == pytest.approx(flow)


def test_the_opening_gap_is_from_the_last_trade_before_the_regular_close() -> None:
    closing = [trade(5000, 90), trade(5399, 96), trade(5400, 70)]
    history = History(before=Session(closing, 3000 * SECOND, 5400 * SECOND))
    assert row(TODAY, OPEN + 350, history)["opening_gap_bps"] is None
    for ts in (OPEN + 351, NOW, OPEN + 440):
        found = row(TODAY, ts, history)["opening_gap_bps"]
        assert found == pytest.approx(1e4 * math.log(101 / 96))
    assert row(TODAY, NOW)["opening_gap_bps"] is None


def test_ranges_and_closes_of_closed_bars() -> None:
    bars = [((100 + 120 * k) * SECOND, 112.0 + k, 98.0 + k, 100.0 + k) for k in range(16)]
    last = ((100 + 120 * 16) * SECOND, 140.0, 90.0, 111.0)
    history = History(bars=[*bars, last])
    found = row(TODAY, 100 + 120 * 16 - 1, history)
    assert found["average_true_range_14_2m_ticks"] == pytest.approx(14)
    assert found["efficiency_ratio_15_two_minute_bars"] == 1
    found = row(TODAY, 100 + 120 * 16, history)
    assert found["average_true_range_14_2m_ticks"] == pytest.approx((13 * 14 + 50) / 14)
    # From 101 up to 115 and down to 111.
    assert found["efficiency_ratio_15_two_minute_bars"] == pytest.approx(10 / 18)
    few = row(TODAY, NOW, History(bars=bars[:15]))
    assert few["average_true_range_14_2m_ticks"] == pytest.approx(14)
    assert few["efficiency_ratio_15_two_minute_bars"] is None
    assert row(TODAY, NOW, History(bars=bars[:14]))["average_true_range_14_2m_ticks"] is None


def test_buckets_are_filled_by_other_sessions_and_then_by_the_date() -> None:
    # 20 sessions of 100 contracts: a bucket has 2. Of the last 50 the date fills 15 of 30.
    sessions = [session(trade(LATER, 100, 60), trade(LATER + 1, 100, 40, "A")) for _ in range(20)]
    found = row(TODAY, NOW, History(sessions))
    # 30 contracts: 3 bought, then 9 sold, then 15 of no side; and 35 buckets before: 20 sold.
    buckets = [2] * 3 + [2] * 4 + [1] + [0] * 7 + [2] * 35
    assert len(buckets) == 50
    assert found["vpin"] == pytest.approx(sum(buckets) / (50 * 2))
    assert row(TODAY, NOW, History(sessions[:19]))["vpin"] is None


def test_days_to_expiry_are_those_of_the_calendar() -> None:
    history = History(date=dt.date(2025, 6, 5), expires=dt.date(2025, 6, 20))
    found = row([], OPEN, history, covered=(0, 10))
    assert found["days_to_futures_expiry"] == 15
    assert found["seconds_since_rth_open"] == 0
