"""Episodes and outcomes against plain loops, and by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pytest

from src.data_eng.features.outcome.barriers import SETS, BarrierSet
from src.data_eng.features.outcome.episodes import Episodes
from src.data_eng.features.outcome.first_passage import BOUNCE, BREAK, CENSORED, TIMEOUT
from tests.features.level.level_streams import CENTRE, END, START, random_day, random_levels
from tests.features.level.reference import Level
from tests.features.market.record_streams import SECOND, mirrored
from tests.features.outcome.episode_reference import Episode, reference_episodes
from tests.features.outcome.outcome_days import (
    FIRST,
    GRID,
    HAND,
    LEVEL,
    episodes,
    label_of,
    quote,
    trade,
)

NAMES = {BOUNCE: "bounce", BREAK: "break", TIMEOUT: "timeout", CENSORED: None}
CLOSES = NAMES | {TIMEOUT: "none"}
SEEDS = range(12)


def random_ranges(seed: int) -> dict[int, float]:
    rng = np.random.default_rng([seed, 7])
    ends = range(START + 900 * SECOND, END, 120 * SECOND)
    return {end: float(rng.uniform(2, 25)) for end in ends}


def day_levels(seed: int) -> list[Level]:
    """Return the random levels, and fixed ones so close that their touches overlap."""
    rng = np.random.default_rng([seed, 9])
    offsets = rng.integers(-6, 7, 5)
    known = GRID[1] - SECOND * int(rng.integers(1, 60))
    return [
        *random_levels(seed),
        *(Level("pm_low", [(known, float(CENTRE + offset))]) for offset in offsets),
    ]


@lru_cache(maxsize=len(SEEDS))
def expected(seed: int) -> list[Episode]:
    return reference_episodes(random_day(seed), day_levels(seed), random_ranges(seed), GRID)


def assert_same(found: Episodes, wanted: Sequence[Episode]) -> None:
    assert len(found) == len(wanted)
    for i, episode in enumerate(wanted):
        assert found.level[i] == episode.level
        assert found.touch_ns[i] == episode.touch.start
        assert found.feature_ns[i] == episode.feature
        assert found.side[i] == episode.touch.side
        assert ("price", "level_step")[found.cause[i]] == episode.touch.cause
        assert found.level_ticks[i] == pytest.approx(episode.price, abs=1e-9)
        assert found.mid_change[i] == pytest.approx(missing(episode.mid_change), nan_ok=True)
        # At the level itself the mid is on neither side.
        assert (np.isnan(found.osler[i]) or found.osler[i] == 0) == (episode.osler is None)
        assert episode.osler is None or (found.osler[i] > 0) == episode.osler
        assert CLOSES[int(found.close.outcome[i])] == episode.close
        for barriers, outcome in zip(SETS, found.outcomes, strict=True):
            label = episode.labels[barriers.name]
            assert outcome.barrier_ticks[i] == label.barrier
            assert NAMES[int(outcome.outcome[i])] == label.outcome, (i, barriers)
            assert outcome.outcome_ns[i] == (label.at or 0)
            assert outcome.favourable[i] == pytest.approx(missing(label.favourable), nan_ok=True)
            assert outcome.adverse[i] == pytest.approx(missing(label.adverse), nan_ok=True)
            assert outcome.driftless[i] == pytest.approx(missing(label.driftless), nan_ok=True)
            assert outcome.score[i] == pytest.approx(missing(label.score), nan_ok=True)
            assert (outcome.group[i], outcome.group_all_levels[i]) == (label.group, label.group_all)
            assert outcome.uniqueness[i] == pytest.approx(missing(label.uniqueness), nan_ok=True)
            wanted_all = missing(label.uniqueness_all)
            assert outcome.uniqueness_all_levels[i] == pytest.approx(wanted_all, nan_ok=True)


def missing(value: float | None) -> float:
    return np.nan if value is None else value


@pytest.mark.parametrize("seed", SEEDS)
def test_episodes_are_the_reference(seed: int) -> None:
    found = episodes(random_day(seed), day_levels(seed), random_ranges(seed))
    assert_same(found, expected(seed))


def test_the_episodes_compared_hold_what_can_happen() -> None:
    outcomes: Counter[tuple[str, str | None]] = Counter()
    causes: Counter[str] = Counter()
    closes: Counter[str | None] = Counter()
    labels = []
    for seed in SEEDS:
        for episode in expected(seed):
            causes[episode.touch.cause] += 1
            outcomes.update((name, label.outcome) for name, label in episode.labels.items())
        closes.update(episode.close for episode in expected(seed))
        labels += [label for episode in expected(seed) for label in episode.labels.values()]
    assert min(causes["price"], causes["level_step"]) > 0
    assert min(closes[name] for name in ("bounce", "break", None)) > 0
    assert any(label.uniqueness not in (None, 1.0) for label in labels)
    assert any(label.uniqueness == 1.0 for label in labels)
    assert any(label.score is None and label.outcome is not None for label in labels)
    for barriers in SETS:
        for outcome in ("bounce", "break", None):
            assert outcomes[barriers.name, outcome] > 0, (barriers.name, outcome)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_sides_exchanged_keep_the_outcomes(seed: int) -> None:
    about = 40_001
    levels = [
        Level(lv.name, [(t, None if v is None else about - v) for t, v in lv.steps])
        for lv in day_levels(seed)
    ]
    found = episodes(random_day(seed), day_levels(seed), random_ranges(seed))
    turned = episodes(mirrored(random_day(seed), about), levels, random_ranges(seed))
    assert np.array_equal(found.touch_ns, turned.touch_ns)
    assert np.array_equal(found.side, -turned.side)
    for ours, theirs in zip(found.outcomes, turned.outcomes, strict=True):
        assert np.array_equal(ours.outcome, theirs.outcome)
        assert np.array_equal(ours.outcome_ns, theirs.outcome_ns)
        for name in ("driftless", "score", "uniqueness", "uniqueness_all_levels"):
            mirror = getattr(theirs, name)
            assert getattr(ours, name) == pytest.approx(mirror, abs=1e-9, nan_ok=True)
        assert np.array_equal(ours.group, theirs.group)
        assert np.array_equal(ours.group_all_levels, theirs.group_all_levels)
    assert np.array_equal(found.close.outcome, turned.close.outcome)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_label_uses_nothing_after_its_horizon(seed: int) -> None:
    records, levels, ranges = random_day(seed), day_levels(seed), random_ranges(seed)
    whole = episodes(records, levels, ranges)
    for i in range(0, len(whole), 10):
        horizon = int(whole.feature_ns[i]) + 1800 * SECOND
        cut = [r for r in records if r.t <= horizon]
        part = episodes(cut, levels, ranges, grid=(GRID[0], GRID[1], int(whole.feature_ns[i])))
        assert part.touch_ns[i] == whole.touch_ns[i]
        for ours, theirs in zip(whole.outcomes, part.outcomes, strict=True):
            if records[-1].t > horizon:
                assert ours.outcome[i] == theirs.outcome[i]
                assert ours.outcome_ns[i] == theirs.outcome_ns[i]
                for name in ("driftless", "score"):
                    kept = getattr(theirs, name)[i]
                    assert np.array_equal(getattr(ours, name)[i], kept, equal_nan=True)
        if records[-1].t > horizon:
            assert whole.close.outcome[i] == part.close.outcome[i]


def test_a_bounce_is_the_first_trade_eight_ticks_back() -> None:
    found = label_of(trade(10.5, 100), trade(12, 104), trade(13, 93), trade(14, 92), trade(15, 108))
    primary = found.outcomes[0]
    assert (found.touch_ns[0], found.feature_ns[0]) == (
        FIRST + 10_500_000_000,
        FIRST + 11 * SECOND,
    )
    assert (primary.outcome[0], primary.barrier_ticks[0]) == (BOUNCE, 8)
    assert primary.outcome_ns[0] == FIRST + 14 * SECOND
    assert (primary.favourable[0], primary.adverse[0]) == (8, 4)


def test_a_break_is_the_first_trade_eight_ticks_beyond() -> None:
    found = label_of(trade(10.5, 101), trade(12, 107), trade(13, 108), trade(13, 92))
    assert found.outcomes[0].outcome[0] == BREAK
    assert found.outcomes[0].outcome_ns[0] == FIRST + 13 * SECOND
    assert (found.outcomes[0].favourable[0], found.outcomes[0].adverse[0]) == (0, 8)


@pytest.mark.parametrize(("first", "outcome"), [(92, BOUNCE), (108, BREAK)])
def test_of_two_barriers_at_one_time_the_first_in_record_order_decides(
    first: int, outcome: int
) -> None:
    found = label_of(trade(10.5, 100), trade(13, first), trade(13, 200 - first))
    assert found.outcomes[0].outcome[0] == outcome


@pytest.mark.parametrize(
    ("second", "outcome"), [(910.9, BOUNCE), (911.0, TIMEOUT), (5000.0, TIMEOUT)]
)
def test_a_trade_at_the_horizon_comes_too_late(second: float, outcome: int) -> None:
    found = label_of(trade(10.5, 100), trade(second, 90))
    assert found.outcomes[0].outcome[0] == outcome
    if outcome == TIMEOUT:
        assert found.outcomes[0].outcome_ns[0] == FIRST + 911 * SECOND


def test_a_barrier_crossed_before_the_decision_row_censors() -> None:
    found = label_of(trade(10.5, 100), trade(10.9, 109), trade(12, 80))
    primary, _, wide, _ = found.outcomes
    assert (primary.outcome[0], primary.outcome_ns[0]) == (CENSORED, 0)
    assert np.isnan([primary.favourable[0], primary.adverse[0]]).all()
    assert wide.outcome[0] == BOUNCE  # its barriers are 16 ticks away


def test_records_that_end_before_the_horizon_censor_what_is_open() -> None:
    records = [quote(-1, 90), quote(0.5, 98), trade(10.5, 100), trade(300, 104)]
    found = episodes(records, [LEVEL], {}, grid=HAND)
    assert [int(one.outcome[0]) for one in found.outcomes] == [CENSORED] * 4
    later = episodes([*records, trade(311, 104)], [LEVEL], {}, grid=HAND)
    assert [int(one.outcome[0]) for one in later.outcomes] == [CENSORED, TIMEOUT] + [CENSORED] * 2


def test_mids_at_the_horizon_and_fifteen_minutes_after_the_touch() -> None:
    found = label_of(trade(10.5, 100), quote(10.8, 97), quote(600, 99), quote(910.7, 103))
    assert found.mid_change[0] == 103 - 97
    assert found.osler[0] == (99 - 100) * -1  # at 910.5 s the last quote is still the second


def test_an_episode_needs_its_decision_row_on_the_grid() -> None:
    last = HAND[2]
    at = (last - FIRST) / SECOND
    inside = label_of(trade(at - 0.5, 100))
    assert inside.feature_ns.tolist() == [last]
    assert len(label_of(trade(at, 100))) == 0


def test_barriers_follow_the_true_range_of_the_last_closed_bar() -> None:
    true_range = np.array([np.nan, 3.0, 12.49, 12.5])
    assert SETS[0].distance(true_range).tolist() == [8, 8, 12, 13]
    assert SETS[3].distance(true_range).tolist() == [8, 8, 25, 25]
    assert BarrierSet("", 1, ticks=16).distance(true_range).tolist() == [16] * 4
    ranges = {FIRST + 5 * SECOND: 10.0, FIRST + 11 * SECOND: 20.0, FIRST + 12 * SECOND: 30.0}
    records = [quote(-1, 90), trade(10.5, 100), trade(11, 79), trade(7000, 79)]
    found = episodes(records, [LEVEL], ranges, grid=HAND)
    assert found.outcomes[0].barrier_ticks.tolist() == [20]


def test_no_touch_is_no_episode() -> None:
    assert len(label_of(trade(10, 99))) == 0
