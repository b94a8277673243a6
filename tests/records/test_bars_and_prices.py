"""Bars, prices and touches of a date as levels and labels read them: in ticks, at their times."""

from __future__ import annotations

import io
from dataclasses import fields
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.features.book.record_chunk import NO_PRICE
from src.data_eng.features.book.trades import Trades
from src.data_eng.features.level.level_touches import Touches
from src.data_eng.records.bar_closes import read_bar_closes
from src.data_eng.records.bar_range import average_true_range_at, read_true_range
from src.data_eng.records.day_prices import read_day_prices
from src.data_eng.records.level_bars import read_level_bars
from src.data_eng.records.option_trades import read_sizes
from src.data_eng.records.touches import read_touches, touch_batch
from tests.plain_table import PlainTable

S, TICK = 10**9, 0.25
TIME = pa.timestamp("ns", "UTC")


def table(columns: dict[str, Any]) -> PlainTable:
    arrays = {
        key: pa.array(values, pa.int64()).cast(TIME) if key.startswith("ts") else values
        for key, values in columns.items()
    }
    file = io.BytesIO()
    pq.write_table(pa.table(arrays), file)
    file.seek(0)
    return PlainTable(file)


def bars(count: int) -> PlainTable:
    at = np.arange(count, dtype=np.int64)
    low = 10.0 + at * TICK
    return table(
        {
            "ts_start": at * 120 * S,
            "ts_end": (at + 1) * 120 * S,
            "high": low + 3 * TICK,
            "low": low,
            "close": low + TICK,
        },
    )


def test_bars_are_in_ticks_and_close_as_they_end() -> None:
    made = bars(3)
    closes = read_bar_closes(made, TICK)
    assert closes.end_ns.tolist() == [120 * S, 240 * S, 360 * S]
    assert closes.close.tolist() == [41.0, 42.0, 43.0]
    found = read_level_bars(made, TICK)
    assert found.start_ns.tolist() == [0, 120 * S, 240 * S]
    assert found.end_ns.tolist() == [120 * S, 240 * S, 360 * S]
    assert [one.tolist() for one in (found.high, found.low, found.close)] == [
        [43, 44, 45],
        [40, 41, 42],
        [41, 42, 43],
    ]


def test_a_price_between_doubles_is_a_whole_tick() -> None:
    prices = [0.1 * 3, 0.1 * 3, 0.1 * 3]  # 0.30000000000000004
    columns = {"high": prices, "low": prices, "close": prices}
    made = table({"ts_start": [0, 1, 2], "ts_end": [1, 2, 3], **columns})
    assert read_bar_closes(made, 0.1).close.tolist() == [3.0] * 3
    assert read_level_bars(made, 0.1).high.tolist() == [3] * 3


def test_a_true_range_is_that_of_the_last_bar_closed() -> None:
    made = bars(16)
    found = read_true_range(made, TICK)
    assert np.isnan(found.value[:14]).all()
    assert found.value[14:].tolist() == [3.0, 3.0]
    end = 15 * 120 * S
    at = average_true_range_at(made, np.array([0, end - 1, end, end + 1], np.int64))
    assert np.array_equal(at, [np.nan, np.nan, 0.75, 0.75], equal_nan=True)


def test_without_a_bar_there_is_nothing() -> None:
    made = bars(0)
    assert len(read_bar_closes(made, TICK).end_ns) == 0
    assert len(read_level_bars(made, TICK).high) == 0
    assert len(read_true_range(made, TICK).value) == 0
    assert np.isnan(average_true_range_at(made, np.array([5], np.int64))).all()


def test_labels_see_trades_that_count_and_mids_of_the_second_before() -> None:
    times, ticks = np.arange(4, dtype=np.int64), np.array([40, NO_PRICE, 42, 43], np.int32)
    sizes = np.array([1, 1, 1, -1], np.int32)
    letters, flags = np.full(4, ord("B"), np.uint8), np.zeros(4, np.bool_)
    trades = Trades(times, times, times, ticks, sizes, letters, flags, ticks, ticks)
    seconds = table({"ts": [7 * S, 8 * S], "bid_px_00": [10.0, None], "ask_px_00": [10.75, 11.0]})
    found = read_day_prices(trades, seconds, bars(15), TICK, 99)
    assert (found.times.tolist(), found.price.tolist()) == ([0, 2], [40.0, 42.0])
    assert (found.start_ns, found.last_ns) == (7 * S, 99)
    assert np.array_equal(found.mids, [np.nan, 41.5, np.nan], equal_nan=True)
    assert np.array_equal(found.half_spreads, [np.nan, 1.5, np.nan], equal_nan=True)
    assert found.true_range.value[-1] == 3.0


@pytest.mark.parametrize(
    ("window", "sizes"),
    [((0, 99), [1, 0, 7]), ((10, 14), [1, 0]), ((11, 15), [0, 7]), ((15, 99), [])],
)
def test_option_trades_of_a_window_are_those_with_a_price_and_a_size(
    window: tuple[int, int], sizes: list[int]
) -> None:
    actions = pa.array(["T", "T", "A", "T", "T", "T"]).dictionary_encode()
    made = table(
        {
            "ts_recv": [10, 11, 12, 12, 13, 14],
            "action": actions,
            "price": [1.0, 1.0, 1.0, None, 1.0, 1.0],
            "size": pa.array([1, 0, 5, 5, None, 7], pa.int32()),
        },
    )
    times, found = read_sizes(made, *window)
    assert found.tolist() == sizes
    assert times.tolist() == [{1: 10, 0: 11, 7: 14}[one] for one in sizes]


@pytest.mark.parametrize("tick_size", [0.25, 0.1, 0.01, 0.005])
def test_touches_are_read_as_they_were_written(tick_size: float) -> None:
    written = Touches(
        level=np.array([3, 0, 2]),
        touch_ns=np.array([1, 2, 3]),
        end_ns=np.array([5, -1, 6]),
        side=np.array([-1, 1, 1]),
        cause=np.array([0, 1, 0]),
        is_rejected=np.array([True, False, False]),
        penetration=np.array([0.0, 2.5, 1.0]),
        mid_after=np.array([24_001.5, np.nan, 7.0]),
    )
    batch = touch_batch(written, tick_size, dataset("silver.future.level_touch").contract())
    assert batch.column("rejected").to_pylist() == [True, None, False]
    assert batch.column("touch_end_ts").null_count == batch.column("mid_900s_after").null_count == 1
    file = io.BytesIO()
    pq.write_table(pa.Table.from_batches([batch]), file)
    file.seek(0)
    found = read_touches(PlainTable(file), tick_size)
    for field in fields(Touches):
        one, other = getattr(found, field.name), getattr(written, field.name)
        assert np.array_equal(one, other, equal_nan=one.dtype.kind == "f"), field.name
