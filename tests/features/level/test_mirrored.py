"""Relations that need no oracle: prices and times moved, sides exchanged, levels replaced."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from src.data_eng.features.book.day_seconds import F64
from src.data_eng.features.level.columns import FEATURES
from tests.features.level.level_days import Columns, columns, day_bars, random_columns, same
from tests.features.level.level_streams import (
    CENTRE,
    END,
    OPEN,
    START,
    random_day,
    random_levels,
)
from tests.features.level.reference import Level
from tests.features.level.reference_row import ROUND_NUMBER
from tests.features.market.record_streams import SECOND, mirrored, shifted
from tests.features.market.reference import Value
from tests.features.mirror import image

SEEDS = pytest.mark.parametrize("seed", [0, 1, 2])
ABOUT = 2 * CENTRE
"""Twice a round number: an odd number of ticks would turn even ticks into odd ones."""
MIRROR = {feature.name: feature.mirror for feature in FEATURES}
OTHER_END = {"pm_high": "pm_low", "pm_low": "pm_high", "or_high": "or_low", "or_low": "or_high"}


def with_values(level: Level, change: Callable[[float], float]) -> Level:
    """Return the level with its values changed, which stay multiples of a 90th of a tick."""

    def changed(value: Value) -> Value:
        return None if value is None else round(90 * change(value)) / 90

    return replace(level, steps=[(t, changed(value)) for t, value in level.steps])


def close(a: F64, b: F64) -> bool:
    return bool(np.allclose(a, b, rtol=0, atol=1e-9, equal_nan=True))


def found_for(seed: int, levels: list[Level]) -> Columns:
    return columns(random_day(seed), levels, day_bars(seed))


@SEEDS
def test_sides_exchanged_turn_the_signs(seed: int) -> None:
    levels = random_levels(seed)
    turned = [
        replace(with_values(lv, lambda v: ABOUT - v), name=OTHER_END.get(lv.name, lv.name))
        for lv in levels
    ]
    found = found_for(seed, levels)
    bars = [(t, ABOUT - close) for t, close in day_bars(seed)]
    other = columns(mirrored(random_day(seed), ABOUT), turned, bars)
    for level, of_level in found.items():
        there = other[OTHER_END.get(level, level)]
        for name in of_level:
            assert close(image(name, of_level, MIRROR[name]), there[name]), (level, name)


@SEEDS
@pytest.mark.parametrize("ticks", [2, -1_000, 40_000])
def test_prices_moved_by_ticks_leave_every_column(seed: int, ticks: int) -> None:
    levels = random_levels(seed)
    moved = columns(
        shifted(random_day(seed), ticks),
        [with_values(level, lambda v: v + ticks) for level in levels],
        [(t, close + ticks) for t, close in day_bars(seed)],
    )
    for level, of_level in random_columns(seed).items():
        for name, column in of_level.items():
            is_kept = name != "distance_from_round_number_ticks" or ticks % ROUND_NUMBER == 0
            assert close(column, moved[level][name]) == is_kept, (level, name)


@SEEDS
def test_another_date_leaves_every_column(seed: int) -> None:
    later = 41 * 86_400 * SECOND + 3_600 * SECOND
    levels = [
        replace(
            lv,
            steps=[(t + later, v) for t, v in lv.steps],
            set_ns=None if lv.set_ns is None else lv.set_ns + later,
            window=None if lv.window is None else (lv.window[0] + later, lv.window[1] + later),
        )
        for lv in random_levels(seed)
    ]
    records = [replace(r, t=r.t + later) for r in random_day(seed)]
    bars = [(t + later, close) for t, close in day_bars(seed)]
    grid = (START + later, OPEN + later, END + later)
    assert same(random_columns(seed), columns(records, levels, bars, grid=grid))


@SEEDS
def test_where_chunks_are_cut_does_not_matter(seed: int) -> None:
    records, levels = random_day(seed), random_levels(seed)
    # Around every step of the average, where the book of the chunk before may be needed.
    steps = np.array([t for t, _ in levels[-1].steps])
    at = np.searchsorted([r.t for r in records], steps)
    cuts = sorted({int(k) + d for k in at for d in (-1, 0, 1) if 0 < k + d < len(records)})
    assert same(random_columns(seed), columns(records, levels, day_bars(seed), cuts))


@SEEDS
def test_a_level_is_the_same_whatever_the_others_are(seed: int) -> None:
    found, levels = random_columns(seed), random_levels(seed)
    for level in levels:
        assert same(found_for(seed, [level]), found), level.name
    twice = [replace(levels[0], name="pm_low"), levels[0]]
    both = found_for(seed, twice)
    assert same({"pm_high": both["pm_low"]}, found)
    assert same({"pm_high": both["pm_high"]}, found)


def elsewhere(level: Level, ticks: int) -> Level:
    """Return the level so many ticks higher, and set ten minutes earlier."""
    set_ns = None if level.set_ns is None else level.set_ns - 600 * SECOND
    return replace(with_values(level, lambda v: v + ticks), set_ns=set_ns)


def test_every_column_depends_on_the_level() -> None:
    # Another level on the same records: a column that stays as it is belongs to the market.
    # 24 ticks away no book shows both; 5 ticks away the long windows may not tell them apart.
    changed: dict[bool, set[str]] = {True: set(), False: set()}
    for seed, ticks in ((0, 24), (1, 24), (0, 5), (1, 5), (2, 5)):
        found, levels = random_columns(seed), random_levels(seed)
        for level, other in found_for(seed, [elsewhere(lv, ticks) for lv in levels]).items():
            for name, column in found[level].items():
                both = ~np.isnan(column) & ~np.isnan(other[name])
                if not np.array_equal(column[both], other[name][both]):
                    changed[level == "sma_90"].add(name)
    slopes = {"slope_ticks_per_bar", "slope_ticks_per_bar_10_bars"}
    fixed = set(random_columns(0)["pm_high"]) | set(random_columns(0)["or_high"])
    assert fixed == changed[False]
    assert set(random_columns(0)["sma_90"]) - changed[True] <= slopes
