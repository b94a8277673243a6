"""The day must look like a market: activity, spreads, sizes, and a price nobody can foresee."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from src.data_eng.sample import SampleFuture, reference_path, sample_instruments

from .conftest import SUMMER, records_of
from .measures import UNDEFINED, at, between


def mids(rows: NDArray[Any], times: NDArray[np.int64]) -> NDArray[np.float64]:
    rows = rows[(rows["bid_px_00"] != UNDEFINED) & (rows["ask_px_00"] != UNDEFINED)]
    last = np.searchsorted(rows["ts_recv"].astype(np.int64), times, side="left") - 1
    mid = (rows["bid_px_00"].astype(float) + rows["ask_px_00"].astype(float)) / 2e9
    return np.asarray(mid[np.maximum(last, 0)])


def test_number_of_records_and_their_split(day: tuple[SampleFuture, NDArray[Any]]) -> None:
    sample, records = day
    assert abs(records.size / sample.records - 1) < 0.02
    counts = [
        int((records["instrument_id"] == item.instrument_id).sum())
        for item in sample_instruments(sample)
    ]
    assert counts[0] / records.size > 0.88
    assert counts[1] > counts[2] > 0.02 * records.size


def test_activity_by_time_of_day(front: NDArray[Any]) -> None:
    def share(start: tuple[int, int], end: tuple[int, int]) -> float:
        return between(front, at(SUMMER, *start), at(SUMMER, *end)).size / front.size

    assert 0.33 < share((9, 30), (12, 30)) < 0.42
    assert 0.60 < share((9, 30), (16, 0)) < 0.78
    assert share((9, 30), (9, 40)) > 4 * share((9, 20), (9, 30))
    assert share((8, 30), (8, 35)) > 1.3 * share((8, 20), (8, 25))
    assert share((3, 0), (3, 30)) > 1.3 * share((1, 0), (1, 30))
    assert share((15, 30), (16, 0)) > 1.2 * share((12, 30), (13, 0))
    assert share((16, 15), (17, 0)) < 0.03


def test_no_records_in_the_break(day: tuple[SampleFuture, NDArray[Any]]) -> None:
    assert between(day[1], at(SUMMER, 17), at(SUMMER, 18)).size == 0
    assert between(day[1], at(SUMMER, 16), at(SUMMER, 17)).size > 0
    assert between(day[1], at(SUMMER, 18), at(SUMMER, 19)).size > 0


@pytest.mark.parametrize(("date", "hour"), [((2025, 1, 9), 14), ((2025, 7, 10), 13)], ids=str)
def test_the_opening_follows_new_york_through_the_year(
    date: tuple[int, int, int], hour: int
) -> None:
    sample = SampleFuture(dt.date(*date), records=60_000)
    recv = records_of(sample)["ts_recv"].astype(np.int64)
    minute = (recv - recv[0]) // (60 * 10**9)
    counts = np.bincount(minute, minlength=1440)
    opening = hour * 60 + 30
    assert counts[opening : opening + 10].sum() > 3 * counts[opening - 10 : opening].sum()
    closed = (hour + 8) * 60  # 17:00 in New York
    assert counts[closed : closed + 60].sum() == 0


@pytest.mark.parametrize(
    ("date", "opening"), [((2025, 1, 5), 23), ((2025, 6, 8), 22), ((2025, 3, 9), 22)], ids=str
)
def test_a_sunday_begins_with_the_opening(date: tuple[int, int, int], opening: int) -> None:
    sunday = dt.date(*date)
    records = records_of(SampleFuture(sunday, records=20_000))
    assert abs(records.size / 20_000 - 1) < 0.02
    first = records[0]
    start = np.datetime64(sunday, "ns").astype(np.int64)
    assert int(first["ts_event"]) == start + opening * 3600 * 10**9
    assert (first["action"], first["side"]) == (b"T", b"N")


def test_a_friday_ends_at_17_new_york() -> None:
    friday = dt.date(2025, 6, 6)
    records = records_of(SampleFuture(friday, records=20_000))
    assert at(friday, 16, 30) < int(records["ts_recv"][-1]) < at(friday, 17)
    assert abs(records.size / 20_000 - 1) < 0.02


def test_spread_and_depth_in_regular_hours(front: NDArray[Any]) -> None:
    rth = between(front, at(SUMMER, 9, 30), at(SUMMER, 16))
    one_tick = rth["ask_px_00"] - rth["bid_px_00"] == 250_000_000
    held = np.append(np.diff(rth["ts_recv"].astype(np.int64)), 0)
    assert one_tick.mean() > 0.9
    assert held[one_tick].sum() / held.sum() > 0.9
    assert 45 < np.median(rth["bid_sz_00"]) < 200
    assert 45 < np.median(rth["ask_sz_00"]) < 200
    night = between(front, at(SUMMER, 0), at(SUMMER, 3))
    assert 5 <= np.median(night["bid_sz_00"]) <= 30
    assert np.median(rth["bid_sz_04"]) > 1.2 * np.median(rth["bid_sz_00"])


def test_records_by_action(front: NDArray[Any]) -> None:
    share = {code: (front["action"] == code).mean() for code in (b"A", b"C", b"M", b"T")}
    assert 0.03 < share[b"T"] < 0.08
    assert share[b"A"] > share[b"C"] > share[b"M"] > 0.05
    size = front["size"][front["action"] == b"A"]
    assert np.quantile(size, 0.75) <= 15
    assert 50 <= size.max() < 1_000


def test_trades_come_in_bursts_and_print_at_the_quote(front: NDArray[Any]) -> None:
    trades = front[(front["action"] == b"T") & (front["side"] != b"N")]
    buys = trades["side"] == b"B"
    best = trades["depth"] == 0
    assert (trades["price"][buys & best] == trades["ask_px_00"][buys & best]).all()
    assert (trades["price"][~buys & best] == trades["bid_px_00"][~buys & best]).all()
    rth = between(trades, at(SUMMER, 11), at(SUMMER, 12))
    gap = np.diff(rth["ts_recv"].astype(np.int64)) / 1e9
    assert gap.std() / gap.mean() > 1.3
    sign = np.where(buys, 1.0, -1.0)
    assert 0.2 < (sign[1:] * sign[:-1]).mean() < 0.7
    assert abs(sign.mean()) < 0.15


def test_quotes_follow_the_reference_path(
    day: tuple[SampleFuture, NDArray[Any]], front: NDArray[Any]
) -> None:
    times, price = reference_path(day[0])
    open_now = np.searchsorted(front["ts_recv"].astype(np.int64), times) > 0
    distance = np.abs(mids(front, times) - price)[open_now]
    assert np.quantile(distance, 0.99) < 1.5
    assert distance.max() < 8.0


def test_a_day_moves_about_one_per_cent_at_any_size() -> None:
    spread = []
    for seed in range(12):
        rows = records_of(SampleFuture(SUMMER, records=5_000, instruments=1, seed=seed, faults=0))
        mid = (rows["bid_px_00"] + rows["ask_px_00"]) / 2e9
        spread.append(np.log(mid.max() / mid.min()))
    assert 0.008 < np.mean(spread) < 0.025  # the range of a walk is 1.6 deviations


def test_one_minute_mids_are_close_to_a_martingale() -> None:
    ratios: dict[int, list[float]] = {2: [], 5: [], 15: []}
    for seed in range(10):
        sample = SampleFuture(SUMMER, records=100_000, instruments=1, seed=100 + seed)
        times = np.arange(at(SUMMER, 4), at(SUMMER, 16) + 1, 60 * 10**9)
        log_mid = np.log(mids(records_of(sample), times))
        one = np.diff(log_mid).var()
        for k, values in ratios.items():
            values.append(float((log_mid[k:] - log_mid[:-k]).var() / (k * one)))
    assert abs(np.mean(ratios[2]) - 1) < 0.05
    assert abs(np.mean(ratios[5]) - 1) < 0.12
    assert abs(np.mean(ratios[15]) - 1) < 0.25
