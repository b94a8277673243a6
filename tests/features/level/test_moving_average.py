"""The moving average of closes against TA-Lib, and where it lapses."""

from __future__ import annotations

import numpy as np
import pytest
import talib
from hypothesis import given
from hypothesis import strategies as st

from src.data_eng.features.level.prices import (
    MAX_SPAN_MINUTES,
    SMA_BARS,
    MovingAverage,
    simple_moving_average,
)

MINUTE = 60 * 10**9
BAR = 2 * MINUTE
FIRST = 1_749_081_600 * 10**9


def average(ticks: np.ndarray, starts: np.ndarray | None = None) -> MovingAverage:
    if starts is None:
        starts = FIRST + BAR * np.arange(len(ticks), dtype=np.int64)
    return simple_moving_average(ticks, starts, starts + BAR)


@given(st.integers(SMA_BARS, 700), st.integers(0, 2**32 - 1))
def test_it_is_the_simple_moving_average_of_talib(bars: int, seed: int) -> None:
    steps = np.random.default_rng(seed).integers(-9, 10, bars)
    ticks = 23_000 + np.cumsum(steps, dtype=np.int64)
    found = average(ticks)
    expected = talib.SMA(ticks.astype(np.float64), SMA_BARS)[SMA_BARS - 1 :]
    assert found.ticks == pytest.approx(expected, rel=1e-12)
    assert len(found.ticks) == bars - SMA_BARS + 1
    # The mean of whole ticks: ninety of it are whole, to the last bit that counts.
    ninety = found.ticks * SMA_BARS
    sums = np.convolve(ticks, np.ones(SMA_BARS, np.int64), "valid")
    assert np.array_equal(np.rint(ninety), sums)


def test_a_value_is_known_at_the_end_of_its_last_bar() -> None:
    found = average(np.arange(92, dtype=np.int64))
    assert found.known_ns.tolist() == [FIRST + BAR * n for n in (90, 91, 92)]
    assert found.start_ns.tolist() == [FIRST + BAR * n for n in (0, 1, 2)]
    assert found.ticks.tolist() == [44.5, 45.5, 46.5]


@pytest.mark.parametrize("bars", [0, 1, SMA_BARS - 1])
def test_too_few_bars_have_no_average(bars: int) -> None:
    found = average(np.arange(bars, dtype=np.int64))
    assert len(found.ticks) == len(found.known_ns) == len(found.start_ns) == 0


@pytest.mark.parametrize(("gap_minutes", "is_null"), [(60, False), (62, True)])
def test_it_lapses_over_more_than_four_hours(gap_minutes: int, is_null: bool) -> None:
    assert SMA_BARS * 2 + 60 == MAX_SPAN_MINUTES
    starts = FIRST + BAR * np.arange(140, dtype=np.int64)
    starts[45:] += gap_minutes * MINUTE
    found = average(np.full(140, 100, np.int64), starts)
    # Bars 0 to 44 lie before the gap: the averages that end in bars 89 to 133 span it.
    assert np.isnan(found.ticks[:45]).tolist() == [is_null] * 45
    assert found.ticks[45:].tolist() == [100.0] * 6
