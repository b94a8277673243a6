"""Bars, ticks, relative volume, expiry, products, and what a pass refuses."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.data_eng.exchange.expiry import expiration_date
from src.data_eng.exchange.products import PRODUCTS
from src.data_eng.features.bars import TradeBars
from src.data_eng.features.book.book_scan import BookScan
from src.data_eng.features.book.day_seconds import is_window_known
from src.data_eng.features.book.record_chunk import NO_PRICE, to_ticks
from src.data_eng.features.book.second_sums import UNKNOWN_NS, VOLUME, SecondSums
from src.data_eng.features.market.prior_sessions import (
    relative_to_sessions,
    window_mean,
    window_volume,
)
from src.data_eng.features.market.trade_flow import volume
from src.data_eng.vendor.dbn.reader import DbnReader
from tests.features.market.market_days import (
    END,
    START,
    day_seconds,
    random_records,
    silent_records,
)
from tests.features.market.record_streams import chunk

BAR = 120


@given(
    trades=st.lists(st.tuples(st.integers(0, 999), st.integers(-9, 9), st.integers(0, 5))),
    cut=st.integers(0, 20),
)
def test_bars_are_the_trades_of_their_time(trades: list[tuple[int, int, int]], cut: int) -> None:
    ts, price, size = (np.array([t[i] for t in trades], np.int64) for i in range(3))
    bars = TradeBars(0, 1000, BAR)
    for part in (slice(0, cut), slice(cut, None)):
        bars.add(ts[part], price[part].astype(np.float64), size[part])
    start, ohlc, volume, count = bars.closed()
    expected = []
    for begin in range(0, 1000, BAR):
        inside = [(p, v) for t, p, v in trades if begin <= t < begin + BAR]
        if inside:
            prices = [p for p, _ in inside]
            row = (prices[0], max(prices), min(prices), prices[-1])
            expected.append((begin, *row, sum(v for _, v in inside), len(inside)))
    found = np.column_stack([start, ohlc, volume, count]) if len(start) else np.empty((0, 7))
    assert [tuple(row) for row in found.tolist()] == [tuple(map(float, e)) for e in expected]
    assert bars.total_volume == size.sum()


def test_bars_refuse_trades_outside_their_range() -> None:
    bars = TradeBars(0, 1000, BAR)
    with pytest.raises(ValueError, match="leave 0 to 1000"):
        bars.add(np.array([1000]), np.array([1.0]), np.array([1]))


@pytest.mark.parametrize("tick_size", [0.25, 0.1, 1.0, 0.05])
def test_prices_become_whole_ticks(tick_size: float) -> None:
    ticks = np.array([-3, 0, 1, 22_001, 400_003])
    prices = np.array([*(ticks * tick_size), np.nan])
    out = np.empty(6, np.int32)
    assert to_ticks(prices, tick_size, out) == -1
    assert out.tolist() == [*ticks, NO_PRICE]


def test_a_price_between_ticks_is_told() -> None:
    out = np.empty(3, np.int32)
    assert to_ticks(np.array([5000.25, np.nan, 5000.30]), 0.25, out) == 2


def test_a_value_is_relative_to_the_mean_of_the_sessions_that_have_one() -> None:
    now = np.array([10.0, 10.0, 10.0, np.nan])
    prior = np.full((6, 4), 20.0)
    prior[0] = 5.0
    prior[0, 1] = np.nan
    prior[:2, 2] = np.nan
    found = relative_to_sessions(now, prior)
    assert found[0] == pytest.approx(10 / (105 / 6))
    assert found[1] == pytest.approx(0.5)
    assert np.isnan(found[2:]).all()
    assert np.isnan(relative_to_sessions(now, np.zeros((6, 4)))).all()
    assert np.isnan(relative_to_sessions(now, np.empty((0, 4)))).all()


@pytest.mark.parametrize("seconds", [10, 300, 2100])
def test_the_volume_of_another_session_is_what_it_was_for_its_own(seconds: int) -> None:
    day = day_seconds(random_records(4, 1500))
    first = -(-(day.first_ns - START) // 10**9)
    found = window_volume(day.seconds.sums[:, VOLUME], day.rows, seconds, first)
    assert np.array_equal(found, volume(day, seconds), equal_nan=True)


@pytest.mark.parametrize("seconds", [10, 300, 2100])
@pytest.mark.parametrize("seed", range(4))
def test_what_is_known_of_another_session_is_what_was_known_for_its_own(
    seed: int, seconds: int
) -> None:
    day = day_seconds(silent_records(seed))
    first = -(-(day.first_ns - START) // 10**9)
    sums = day.seconds.sums
    unknown = np.append(0, np.cumsum(sums[:, UNKNOWN_NS]))
    is_known = is_window_known(unknown, day.rows, seconds)
    assert np.array_equal(is_known, day.is_window_known(seconds))
    found = np.where(is_known, window_volume(sums[:, VOLUME], day.rows, seconds, first), np.nan)
    assert np.array_equal(found, volume(day, seconds), equal_nan=True)


def test_what_lies_before_a_session_is_unknown() -> None:
    def known(*, from_second: int, ns: int) -> list[bool]:
        unknown = np.zeros(400, np.int64)
        unknown[from_second:] = ns
        total = np.append(0, np.cumsum(unknown))
        return [bool(one) for one in is_window_known(total, np.array([269, 270, 400]), 300)]

    assert known(from_second=400, ns=0) == [False, True, True]
    assert known(from_second=399, ns=1) == [False, True, True]
    assert known(from_second=370, ns=10**9) == [False, True, True]
    assert known(from_second=369, ns=10**9) == [False, True, False]


def test_a_mean_over_a_window_is_of_what_is_there() -> None:
    values = np.array([np.nan, 4.0, 8.0, np.nan, np.nan, 6.0])
    found = window_mean(values, np.arange(7), 3)
    assert np.array_equal(found, [np.nan, np.nan, 4, 6, 6, 8, 6], equal_nan=True)
    assert np.isnan(window_mean(values, np.array([5]), 2)).all()


@pytest.mark.parametrize(
    ("symbol", "on", "expiration"),
    [
        ("ESM5", dt.date(2025, 6, 5), dt.date(2025, 6, 20)),
        ("ESH4", dt.date(2023, 12, 26), dt.date(2024, 3, 15)),
        ("ESM6", dt.date(2026, 6, 1), dt.date(2026, 6, 18)),  # Juneteenth
        ("NQH8", dt.date(2008, 3, 3), dt.date(2008, 3, 20)),  # Good Friday
        ("ESF5", dt.date(2025, 1, 2), None),
        ("HGM5", dt.date(2025, 5, 1), None),
        ("ES", dt.date(2025, 5, 1), None),
    ],
)
def test_expiration(symbol: str, on: dt.date, expiration: dt.date | None) -> None:
    assert expiration_date(symbol, on) == expiration


def test_expiration_and_product_are_those_of_real_definitions(shared_data: Path) -> None:
    path = shared_data / "definition" / "definition-glbx-es-fut.dbn.zst"
    with DbnReader(path, "definition") as reader:
        records = np.concatenate([block.copy() for block in reader.blocks()])
    assert len(records)
    for record in records:
        symbol = record["raw_symbol"].decode()
        listed = dt.datetime.fromtimestamp(int(record["ts_recv"]) / 1e9, dt.UTC).date()
        expires = dt.datetime.fromtimestamp(int(record["expiration"]) / 1e9, dt.UTC).date()
        assert expiration_date(symbol, listed) == expires
        product = PRODUCTS[symbol[:-2]]
        assert int(record["min_price_increment"]) / 1e9 == product.tick_size
        assert int(record["unit_of_measure_qty"]) / 1e9 == product.multiplier


def test_a_pass_refuses_records_before_its_start() -> None:
    records = random_records(0, 20)
    early = [replace(records[0], t=START - 1), *records[1:]]
    with pytest.raises(ValueError, match="lies before"):
        BookScan(START, END).add(chunk(early))


def test_a_pass_ends_with_the_first_record_at_its_end() -> None:
    first, second, *rest = random_records(0, 20)
    late = [replace(r, t=END + k) for k, r in enumerate(rest)]
    day = BookScan(START, END)
    assert day.add(chunk([replace(first, t=START), replace(second, t=END - 1), *late])) == 2
    assert day.is_done
    assert day.add(chunk(late)) == 0
    alone = BookScan(START, END)
    assert alone.add(chunk([replace(first, t=START), replace(second, t=END - 1)])) == 2
    for name in ("sums", "books", "status", "prices"):
        found, expected = getattr(day.finish(), name), getattr(alone.finish(), name)
        assert np.array_equal(found, expected), name


def test_sums_need_whole_seconds() -> None:
    with pytest.raises(ValueError, match="whole seconds"):
        SecondSums(0, 1)
