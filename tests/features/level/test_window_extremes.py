"""Extremes of a window, chunk by chunk, against a loop over its trades."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.data_eng.features.level.prices import WindowExtremes

START, END = 100, 200
TRADES = st.lists(st.tuples(st.integers(80, 220), st.integers(-6, 6)), max_size=60)


def fed(trades: list[tuple[int, int]], cuts: list[int]) -> WindowExtremes:
    found = WindowExtremes(START, END)
    times = np.array([t for t, _ in trades], np.int64)
    price = np.array([p for _, p in trades], np.int32)
    for chunk in zip(np.split(times, cuts), np.split(price, cuts), strict=True):
        found.add(*chunk)
    return found


@given(TRADES, st.lists(st.integers(0, 60), max_size=5))
def test_extremes_are_those_of_a_loop_whatever_the_chunks(
    trades: list[tuple[int, int]], cuts: list[int]
) -> None:
    trades = sorted(trades, key=lambda trade: trade[0])
    high: tuple[int, int] | None = None
    low: tuple[int, int] | None = None
    for time, price in trades:
        if not START <= time < END:
            continue
        if high is None or price > high[0]:
            high = (price, time)
        if low is None or price < low[0]:
            low = (price, time)
    found = fed(trades, sorted(cuts))
    assert (found.high, found.low) == (high and high[0], low and low[0])
    if high is not None and low is not None:
        assert (found.high_ns, found.low_ns) == (high[1], low[1])


@pytest.mark.parametrize("cuts", [[], [1], [2], [1, 2, 3]])
def test_the_first_trade_at_the_extreme_sets_it(cuts: list[int]) -> None:
    found = fed([(110, 5), (120, 5), (130, 1), (140, 1)], cuts)
    assert (found.high, found.high_ns, found.low, found.low_ns) == (5, 110, 1, 130)


@pytest.mark.parametrize(
    ("time", "is_inside"), [(START - 1, False), (START, True), (END - 1, True), (END, False)]
)
def test_the_window_has_its_start_and_not_its_end(time: int, is_inside: bool) -> None:
    found = fed([(time, 7)], [])
    assert (found.high, found.low) == ((7, 7) if is_inside else (None, None))


def test_a_price_of_nothing_or_less_is_an_extreme_too() -> None:
    found = fed([(110, -3), (120, 0)], [1])
    assert (found.high, found.low) == (0, -3)
