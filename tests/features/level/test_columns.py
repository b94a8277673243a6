"""Every column of every level against the slow reference."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

from tests.features.level.level_days import assert_row, random_columns
from tests.features.level.level_streams import (
    END,
    MULTIPLIER,
    OPEN,
    ROWS,
    START,
    TICK,
    average_true_range,
    random_day,
    random_levels,
)
from tests.features.level.reference import Day, LevelReference
from tests.features.level.reference_row import reference_row
from tests.features.market.record_streams import SECOND
from tests.features.market.reference import Value

SEEDS = range(8)
ONLY_STATIC = {"seconds_since_extreme_set", "formation_volume_share_within_2_ticks"}
ONLY_MOVING = {"slope_ticks_per_bar", "slope_ticks_per_bar_10_bars"}


@lru_cache(maxsize=2)
def interesting_rows(seed: int) -> list[int]:
    """Rows at random, without a quote, at touches and steps, and about the times of null rules."""
    rng = np.random.default_rng(seed)
    rows = set(rng.integers(0, ROWS, 3).tolist())
    last = Day(random_day(seed), END, START, OPEN, MULTIPLIER)
    unquoted = [k for k in range(ROWS) if last.mid_at(OPEN + k * SECOND) is None]
    rows |= set(rng.choice(unquoted, 1).tolist()) if unquoted else set()
    times: list[int] = []
    for level in random_levels(seed):
        touches = LevelReference(last, level).machine(END).touches
        times += [rng.choice([t.start, t.end or t.start]) + SECOND for t in touches]
        known = level.known
        assert known is not None
        times.append(known + int(rng.choice([-1, 0, 1, 59, 60, 299, 300])) * SECOND)
        times += rng.choice([t for t, _ in level.steps], 2).tolist()
    inside = [(t - OPEN) // SECOND for t in times if OPEN <= t <= END]
    rows |= set(rng.choice(inside, 6).tolist())
    return sorted(int(k) for k in rows)


def reference_values(seed: int) -> dict[tuple[str, int], dict[str, Value]]:
    """Return the reference by level and row."""
    ranges, levels = average_true_range(seed), random_levels(seed)
    out = {}
    for row in interesting_rows(seed):
        day = Day(random_day(seed), OPEN + row * SECOND, START, OPEN, MULTIPLIER)
        for level in levels:
            out[level.name, row] = reference_row(LevelReference(day, level), ranges[row], TICK)
    return out


@pytest.mark.parametrize("seed", SEEDS)
def test_columns_are_the_reference(seed: int) -> None:
    found = random_columns(seed)
    for (level, row), expected in reference_values(seed).items():
        assert_row(found[level], row, expected, level)


def test_the_rows_compared_hold_what_can_happen() -> None:
    # By base name, static levels and the moving average apart: nulls and values, several of them.
    seen: dict[tuple[bool, str], set[float]] = {}
    missing: set[tuple[bool, str]] = set()
    for seed in SEEDS:
        rows = interesting_rows(seed)
        for level, columns in random_columns(seed).items():
            for name, column in columns.items():
                key, values = (level == "sma_90", name), column[rows]
                seen.setdefault(key, set()).update(values[~np.isnan(values)].tolist())
                if np.isnan(values).any():
                    missing.add(key)
    assert len(seen) == 2 * 39
    assert missing == set(seen)
    for key, found in seen.items():
        few = {"approach_side": 2, "touch_in_progress": 2, "visible": 2, "prior_bounce_count": 3}
        assert len(found) >= few.get(key[1], 5), key


def test_a_level_has_the_columns_of_its_kind() -> None:
    for level, columns in random_columns(0).items():
        assert len(columns) == 39
        absent = ONLY_STATIC if level == "sma_90" else ONLY_MOVING
        assert not absent & set(columns)


def test_the_touches_compared_are_of_every_kind() -> None:
    kinds = set()
    for seed in SEEDS:
        day = Day(random_day(seed), END, START, OPEN, MULTIPLIER)
        for level in random_levels(seed):
            for touch in LevelReference(day, level).machine(END).completed:
                kinds.add((level.is_moving, touch.side, touch.is_bounce, touch.cause))
    both = {(side, is_bounce, "price") for side in (-1, 1) for is_bounce in (False, True)}
    assert {kind[1:] for kind in kinds if not kind[0]} == both
    assert {kind[1:] for kind in kinds if kind[0]} > both
