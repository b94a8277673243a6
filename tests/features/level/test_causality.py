"""No row sees what comes after it: neither records nor values of the level."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.features.level.level_days import columns, day_bars, random_columns, same
from tests.features.level.level_streams import OPEN, ROWS, random_day, random_levels
from tests.features.level.reference import Level
from tests.features.market.market_days import perturbed
from tests.features.market.record_streams import SECOND


def known_by(levels: list[Level], ts: int) -> list[Level]:
    return [replace(lv, steps=[step for step in lv.steps if step[0] <= ts]) for lv in levels]


@pytest.mark.parametrize("seed", [0, 2])
@pytest.mark.parametrize("row", [0, 1, 333, 620, ROWS - 2])
def test_a_row_is_the_same_without_what_comes_from_it_on(seed: int, row: int) -> None:
    ts = OPEN + row * SECOND
    records = [r for r in random_day(seed) if r.t < ts]
    bars = [bar for bar in day_bars(seed) if bar[0] <= ts]
    cut = columns(records, known_by(random_levels(seed), ts), bars)
    assert same(random_columns(seed), cut, slice(row + 1))


@pytest.mark.parametrize("seed", [0, 3, 5])
def test_a_row_does_not_change_with_what_comes_after_it(seed: int) -> None:
    row = 450
    ts = OPEN + row * SECOND
    noise = np.random.default_rng(seed)
    records = [r if r.t < ts else perturbed(r, noise) for r in random_day(seed)]
    full, levels = random_columns(seed), random_levels(seed)
    later = [
        replace(lv, steps=[(t, v if t <= ts or v is None else v + 3) for t, v in lv.steps])
        for lv in levels
    ]
    bars = [(t, close if t <= ts else close + 3) for t, close in day_bars(seed)]
    other = columns(records, later, bars)
    assert same(full, other, slice(row + 1))
    after = slice(row + 1, None)
    changed = {
        name
        for level, of_level in full.items()
        for name, column in of_level.items()
        if not np.array_equal(column[after], other[level][name][after], equal_nan=True)
    }
    every = set(full["pm_high"]) | set(full["sma_90"])
    names = ("touch_count", "volume_share_within_2_ticks", "fraction_elapsed_at_extreme")
    formed = {f"pre_market_{name}" for name in names}
    assert every - changed <= formed


@pytest.mark.parametrize("seed", range(6))
def test_a_level_has_no_column_before_it_is_known_and_some_from_then_on(seed: int) -> None:
    found = random_columns(seed)
    times = OPEN + np.arange(ROWS) * SECOND
    for level in random_levels(seed):
        values = np.array(list(found[level.name].values()))
        assert level.known is not None
        has_value = np.array([t >= level.known and level.at(int(t)) is not None for t in times])
        is_present = ~np.isnan(values).all(axis=0)
        assert np.array_equal(is_present, has_value), level.name
