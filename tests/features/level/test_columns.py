"""Every column of every level against the slow reference."""

from __future__ import annotations

import csv
from functools import lru_cache

import numpy as np
import pytest

from tests.conftest import SHARED_DATA
from tests.features.level.level_days import assert_row, random_columns
from tests.features.level.level_streams import (
    END,
    MULTIPLIER,
    OPEN,
    ROWS,
    START,
    random_day,
    random_levels,
    short_bars,
)
from tests.features.level.reference import Day, Level, LevelReference
from tests.features.level.reference_row import reference_row
from tests.features.market.record_streams import SECOND
from tests.features.market.reference import Value

SEEDS = range(6)
FORMED = ("touch_count", "volume_share_within_2_ticks", "fraction_elapsed_at_extreme")
ONLY = {
    "pm": {f"pre_market_{name}" for name in FORMED},
    "or": {f"opening_range_{name}" for name in FORMED},
    "sma": {"slope_ticks_per_bar", "slope_ticks_per_bar_10_bars"},
}
"""By the first word of a level's name, the columns that others do not have."""


@lru_cache(maxsize=2)
def interesting_rows(seed: int) -> list[int]:
    """Rows at random, without a quote, about silences, touches, steps and times of null rules."""
    rng = np.random.default_rng(seed)
    rows = set(rng.integers(0, ROWS, 3).tolist())
    last = Day(random_day(seed), END, START, OPEN, MULTIPLIER)
    unquoted = [k for k in range(ROWS) if last.mid_at(OPEN + k * SECOND) is None]
    rows |= set(rng.choice(unquoted, 1).tolist()) if unquoted else set()
    silences = [t for t in last.losses if OPEN <= t <= END]
    rows |= {-((OPEN - t) // SECOND) + k for t in silences[:1] for k in (0, 30)}
    times: list[int] = []
    for level in random_levels(seed):
        touches = LevelReference(last, level).machine(END).touches
        times += [rng.choice([t.start, t.end or t.start]) + SECOND for t in touches]
        known = level.known
        assert known is not None
        times.append(known + int(rng.choice([-1, 0, 1, 59, 60, 299, 300])) * SECOND)
        times += rng.choice([t for t, _ in level.steps], 2).tolist()
    times += [end for end, _ in short_bars(random_day(seed))[-2:]]
    inside = [(t - OPEN) // SECOND for t in times if OPEN <= t <= END]
    rows |= set(rng.choice(inside, 6).tolist())
    return sorted(int(k) for k in rows if 0 <= k < ROWS)


@lru_cache(maxsize=len(SEEDS))
def reference_values(seed: int) -> dict[tuple[str, int], dict[str, Value]]:
    """Return the reference by level and row."""
    bars, levels = short_bars(random_day(seed)), random_levels(seed)
    out = {}
    for row in interesting_rows(seed):
        day = Day(random_day(seed), OPEN + row * SECOND, START, OPEN, MULTIPLIER)
        for level in levels:
            out[level.name, row] = reference_row(LevelReference(day, level, bars))
    return out


@pytest.mark.parametrize("seed", SEEDS)
def test_columns_are_the_reference(seed: int) -> None:
    found = random_columns(seed)
    for (level, row), expected in reference_values(seed).items():
        assert_row(found[level], row, expected, level)


def test_the_rows_compared_hold_what_can_happen() -> None:
    # By base name, fixed levels and the moving average apart: nulls and values, several of them.
    seen: dict[tuple[bool, str], set[float]] = {}
    missing: set[tuple[bool, str]] = set()
    for seed in SEEDS:
        for (level, _), row in reference_values(seed).items():
            for name in names_of(level):
                key, value = (level == "sma_90", name), row.get(name)
                seen.setdefault(key, set())
                if value is None:
                    missing.add(key)
                else:
                    seen[key].add(value)
    assert len(seen) == 42 + 6 + 42 + 2
    assert missing == set(seen)
    few = {"approach_side": 2, "last_touch_rejected": 2, "rejection_count": 3}
    few |= {f"{word}_touch_count": 3 for word in ("pre_market", "opening_range")}
    scarce = {key: found for key, found in seen.items() if len(found) < few.get(key[1], 5)}
    assert not scarce


@lru_cache
def names_of(level: str) -> frozenset[str]:
    day = Day([], END, START, OPEN, MULTIPLIER)
    window = (START, OPEN)
    return frozenset(reference_row(LevelReference(day, Level(level, [(OPEN, 1.0)], 0, window))))


@pytest.mark.parametrize("level", ["pm_high", "pm_low", "or_high", "or_low", "sma_90"])
def test_a_level_has_the_columns_of_its_kind(level: str) -> None:
    own = {name for word, names in ONLY.items() if word in level.split("_") for name in names}
    assert own <= names_of(level)
    assert len(names_of(level)) == (44 if level == "sma_90" else 45)
    others = {name for names in ONLY.values() for name in names} - own
    assert not others & names_of(level)


@pytest.mark.parametrize("level", ["pm_high", "pm_low", "or_high", "or_low", "sma_90"])
def test_the_reference_has_the_columns_of_the_catalogue(level: str) -> None:
    catalogue = SHARED_DATA.parent / "features_2.csv"
    if not catalogue.is_file():
        pytest.skip(f"no catalogue: {catalogue} does not exist")
    with catalogue.open(encoding="utf-8", newline="") as file:
        declared = [row["base_name"] for row in csv.DictReader(file) if row["group"] == level]
    assert names_of(level) == set(declared)


def test_the_touches_compared_are_of_every_kind() -> None:
    kinds = set()
    for seed in SEEDS:
        day = Day(random_day(seed), END, START, OPEN, MULTIPLIER)
        for level in random_levels(seed):
            for touch in LevelReference(day, level).machine(END).completed:
                kinds.add((level.is_moving, touch.side, touch.is_rejected, touch.cause))
    both = {(side, is_rejected, "price") for side in (-1, 1) for is_rejected in (False, True)}
    assert {kind[1:] for kind in kinds if not kind[0]} == both
    assert {kind[1:] for kind in kinds if kind[0]} > both
