"""Placebo levels by their rules, and which touches count beside them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from src.data_eng.features.level.level_inputs import LevelBars, LevelTrades
from src.data_eng.features.level.level_path import LevelPath
from src.data_eng.features.level.levels import level_names
from src.data_eng.research.evaluation.placebo import (
    AVERAGES,
    MIN_SESSIONS,
    Start,
    displaced_levels,
    drawn_levels,
    level_starts,
    other_averages,
)
from src.data_eng.research.evaluation.touches import (
    DISPLACED,
    DRAWN,
    session_touches,
    touches_of,
)
from tests.features.outcome.martingale import (
    CENTRE,
    OPEN,
    SECOND,
    WalkDay,
    fixed,
    martingale_mids,
    walk_day,
)
from tests.research.evaluation.walks import walk_session

HOUR = 3600 * SECOND


def a_walk(seed: int = 1) -> WalkDay:
    (mid,) = martingale_mids(np.random.default_rng(seed), 1)
    return walk_day(mid)


def averages(first_ns: int, values: list[float]) -> LevelPath:
    times = first_ns + 120 * SECOND * np.arange(len(values))
    return LevelPath("sma_90", times, np.array(values), None, None)


def test_a_start_is_the_later_of_known_and_the_open_with_its_mid_and_range() -> None:
    walk = a_walk()
    late = OPEN + 1800 * SECOND
    levels = [
        fixed("pm_high", CENTRE + 24, OPEN - HOUR),
        fixed("or_low", CENTRE - 50, late),
        LevelPath("or_high", np.zeros(0, np.int64), np.zeros(0), None, None),
        averages(OPEN - HOUR, [CENTRE]),
    ]
    # The mid at the open is that of the book before it: there is none here but from 1 s on.
    found = level_starts(levels, walk.prices, OPEN + SECOND)
    assert list(found) == ["pm_high", "or_low"]
    high, low = found["pm_high"], found["or_low"]
    assert (high.start_ns, high.mid) == (OPEN + SECOND, walk.mid[0])
    assert high.distance == (CENTRE + 24 - walk.mid[0]) / 10
    assert (low.start_ns, low.mid) == (late, walk.mid[1799])
    assert (low.side, low.distance) == (-1.0, (walk.mid[1799] - CENTRE + 50) / 10)
    assert level_starts(levels[:1], walk.prices, OPEN) == {}


def test_levels_are_drawn_on_the_side_of_the_real_one_at_distances_of_other_sessions() -> None:
    starts = {
        "pm_high": Start(OPEN, 20_000.5, 10.0, 1.0, 2.0),
        "pm_low": Start(OPEN + 9, 20_000.5, 10.0, -1.0, 1.0),
        "or_high": Start(OPEN, 20_000.0, 7.0, 0.0, 0.0),
    }
    known = {"pm_high": np.repeat([0.5, 1.2], 10), "pm_low": np.ones(MIN_SESSIONS - 1)}
    drawn = drawn_levels(starts, known, 500, np.random.default_rng(1))
    values = {
        name: np.array(
            [p.ticks[0] for p, b in zip(drawn.paths, drawn.beside, strict=True) if b == name]
        )
        for name in starts
    }
    assert set(values["pm_high"]) == {20_006.0, 20_012.0}  # rounded half to even
    low = values["pm_low"]
    assert np.array_equal(low, np.rint(low))
    assert 19_970 <= low.min() < 19_975  # 0 to 3 ranges below
    assert 19_995 < low.max() <= 20_001
    assert values["or_high"].min() < 20_000 < values["or_high"].max()  # at the level: either side
    known_ns = {b: p.known_ns for p, b in zip(drawn.paths, drawn.beside, strict=True)}
    assert known_ns == {"pm_high": OPEN, "pm_low": OPEN + 9, "or_high": OPEN}


def test_displaced_windows_are_of_the_same_length_and_kind() -> None:
    start, end = OPEN - 19_800 * SECOND, OPEN  # 04:00 to 09:30
    half = 1800 * SECOND
    price = {
        OPEN - 39_601 * SECOND: 50, OPEN - 39_600 * SECOND: 41, start - 1: 60, start: 99,
        OPEN: 10, OPEN + half: 31, OPEN + half + 5: 29, OPEN + 2 * half: 5,
    }  # fmt: skip
    trades = LevelTrades(np.array(list(price)), np.array(list(price.values())))
    bars = LevelBars(*(np.zeros(0, np.int64),) * 5)
    levels = [
        LevelPath("pm_high", np.array([end]), np.array([99.0]), start, (start, end)),
        LevelPath("pm_low", np.array([end]), np.array([99.0]), start, (start, end)),
        LevelPath("or_low", np.array([OPEN + half]), np.array([10.0]), OPEN, (OPEN, OPEN + half)),
        averages(OPEN, [1.0]),
    ]
    found = displaced_levels(levels, trades, bars, OPEN)
    assert found.beside == ("pm_high", "pm_low", "or_low")
    assert [path.ticks.tolist() for path in found.paths] == [[60.0], [41.0], [29.0]]
    assert [path.known_ns for path in found.paths] == [OPEN, OPEN, OPEN + 2 * half]
    nothing = LevelTrades(np.zeros(0, np.int64), np.zeros(0, np.int64))
    assert displaced_levels(levels, nothing, bars, OPEN).paths == ()


def test_other_averages_are_of_the_same_bars() -> None:
    start = OPEN - 400 * 120 * SECOND + 120 * SECOND * np.arange(300)
    start[200:] += HOUR  # a gap: an hour is missing
    close = np.random.default_rng(1).integers(90, 110, 300)
    bars = LevelBars(start, start + 120 * SECOND, close, close, close)
    found = other_averages([averages(OPEN - HOUR, [1.0]), fixed("pm_high", 1.0)], bars)
    assert found.beside == ("sma_90",) * len(AVERAGES)
    for path, count in zip(found.paths, AVERAGES, strict=True):
        assert len(path.times) == 300 - count + 1
        for step in (0, 50, len(path.times) - 1):
            last = step + count
            assert path.times[step] == bars.end_ns[last - 1]
            assert path.ticks[step] == pytest.approx(close[last - count : last].mean())
        # An average over the gap lapses where 90 bars would span more than four hours.
        over = np.flatnonzero(path.times == bars.end_ns[200])[0]
        assert np.isnan(path.ticks[over]) == (count * 2 + 60 > count * 2 * 4 / 3)
    assert other_averages([fixed("pm_high", 1.0)], bars).paths == ()


def test_a_placebo_touch_near_a_real_level_is_left_out_and_each_level_is_by_itself() -> None:
    walk = a_walk(3)
    day = walk_session(0, walk, [])
    middle = float(np.rint(np.median(walk.mid)))
    paths = [fixed("pm_high", middle + x) for x in (0.0, 0.0, 8.0, 9.0)]
    names = ["pm_high"] * 4
    whole = touches_of(day, paths, names, real=None)
    near = touches_of(day, paths, names, real=[fixed("pm_low", middle)])
    assert len(whole.level) > len(near.level) > 0
    # Only touches of the level 9 ticks away are left; they are counted as before.
    alone = touches_of(day, paths[3:], names[3:], real=None)
    assert near.touch_ns.tolist() == alone.touch_ns.tolist()
    assert near.touch_number.tolist() == list(range(1, len(alone.level) + 1))
    # A level twice: what is open of the one does not lessen the other.
    first = touches_of(day, paths[:1], names[:1], real=None)
    weights = sorted(touches_of(day, paths[:2], names[:2], real=None).labels[0].weight)
    assert weights == pytest.approx(sorted([*first.labels[0].weight] * 2))
    unknown = touches_of(day, paths, names, real=[fixed("pm_low", middle, OPEN + 9 * HOUR)])
    assert len(unknown.level) == len(whole.level)


def test_real_touches_count_since_the_displaced_level_is_known() -> None:
    walk = a_walk(4)
    start = (OPEN - 1800 * SECOND, OPEN)
    middle = np.rint(np.median(walk.mid))
    levels = [
        LevelPath("or_high", np.array([OPEN]), np.array([middle]), OPEN, start),
        fixed("pm_low", float(middle) - 9),
    ]
    day = replace(walk_session(0, walk, levels), date=dt.date(2025, 6, 5))
    pairs = session_touches(day, {}, placebos=3, seed=1)
    drawn, displaced = pairs[DRAWN][0], pairs[DISPLACED][0]
    is_high = drawn.level == level_names().index("or_high")
    assert set(drawn.level) == {level_names().index(name) for name in ("or_high", "pm_low")}
    # The displaced window is 09:30 to 10:00; the level without one stands beside nothing.
    since = drawn.touch_ns >= OPEN + 1800 * SECOND
    assert displaced.touch_ns.tolist() == drawn.touch_ns[is_high & since].tolist()
    assert len(displaced.labels[0].score) == len(displaced.level)
    again = session_touches(day, {}, placebos=3, seed=1)
    assert again[DRAWN][1].touch_ns.tolist() == pairs[DRAWN][1].touch_ns.tolist()


def test_a_session_without_levels_has_no_touches() -> None:
    pairs = session_touches(walk_session(0, a_walk(), []), {}, placebos=3, seed=1)
    assert [len(one.level) for pair in pairs.values() for one in pair] == [0, 0, 0, 0]
