"""Rates and their bootstrap: by hand, and on sessions whose rates are known."""

from __future__ import annotations

import numpy as np
import pytest

from src.data_eng.features.outcome.first_passage import BOUNCE, BREAK, CENSORED, TIMEOUT
from src.data_eng.research.evaluation.rates import HALF_HOURS, all_levels, outcome_rates
from src.data_eng.research.evaluation.touches import SessionTouches
from tests.research.evaluation.walks import FIRST, session

ALL = (len(all_levels()) - 1, len(HALF_HOURS) - 1, 0)


def test_rates_are_shares_of_decided_touches() -> None:
    touches = SessionTouches(
        FIRST,
        level=np.array([0, 0, 0, 0, 4]),
        half_hour=np.array([0, 0, 1, 1, 5]),
        outcome=np.array([BOUNCE, BREAK, BOUNCE, CENSORED, TIMEOUT], np.uint8),
        group=np.arange(5),
    )
    found = outcome_rates([touches], [touches], seed=1, resamples=10)
    assert found.touches[0].tolist() == [2, 1, 0, 0, 0, 0, 3]
    assert found.censored[0].tolist() == [0, 1, 0, 0, 0, 0, 1]
    assert found.rate[0, -1].tolist() == pytest.approx([2 / 3, 1 / 3, 0])
    assert found.rate[0, 0].tolist() == [0.5, 0.5, 0]
    assert np.isnan(found.rate[1, -1]).all()
    assert found.rate[-1, -1].tolist() == [0.5, 0.25, 0.25]
    assert np.isnan(found.interval[1, -1]).all()


def test_a_group_counts_once_within_its_level_too() -> None:
    touches = SessionTouches(
        FIRST,
        level=np.array([2, 2, 3]),
        half_hour=np.array([0, 1, 1]),
        outcome=np.array([BOUNCE, BREAK, BREAK], np.uint8),
        group=np.array([1, 1, 2]),
    )
    found = outcome_rates([touches], [touches], seed=1, resamples=10)
    assert found.touches[2].tolist() == [1, 0, 0, 0, 0, 0, 1]
    assert found.rate[2, -1].tolist() == [1, 0, 0]


def test_over_all_levels_a_group_counts_once_as_its_first_touch() -> None:
    touches = SessionTouches(
        FIRST,
        level=np.array([0, 2, 3]),
        half_hour=np.array([0, 0, 2]),
        outcome=np.array([BOUNCE, BREAK, BREAK], np.uint8),
        group=np.array([1, 1, 2]),
    )
    found = outcome_rates([touches], [touches], seed=1, resamples=10)
    assert found.touches[-1, -1] == 2
    assert found.rate[-1, -1].tolist() == [0.5, 0.5, 0]
    assert [found.touches[level, -1] for level in (0, 2, 3)] == [1, 1, 1]


def test_the_interval_holds_the_true_rate_as_often_as_it_says() -> None:
    hits = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        real = [session(n, rng, (0.5, 0.4)) for n in range(30)]
        found = outcome_rates(real, real, seed=seed, resamples=300)
        low, high = found.interval[ALL]
        hits += low <= 0.5 <= high
    assert 0.85 <= hits / 60 <= 1.0


def test_equal_chances_differ_within_the_interval_and_unequal_ones_do_not() -> None:
    rng = np.random.default_rng(3)
    real, same, lower = (
        [session(n, rng, chances) for n in range(40)]
        for chances in ((0.5, 0.4), (0.5, 0.4), (0.35, 0.55))
    )
    low, high = outcome_rates(real, same, seed=3).difference_interval[ALL]
    assert low < 0 < high
    low, high = outcome_rates(real, lower, seed=3).difference_interval[ALL]
    assert 0 < low < 0.15 < high
