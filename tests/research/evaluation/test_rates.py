"""Rates, scores and their bootstrap: by hand, and on sessions whose rates are known."""

from __future__ import annotations

import numpy as np
import pytest

from src.data_eng.features.outcome.first_passage import BOUNCE, BREAK, CENSORED, TIMEOUT
from src.data_eng.research.evaluation.labels import LABELS
from src.data_eng.research.evaluation.rates import (
    LabelDifferences,
    label_differences,
    outcome_rates,
)
from src.data_eng.research.evaluation.sums import ALL, SLICES, all_levels, weighted_sums
from tests.research.evaluation.walks import session, touches

POOLED = (len(all_levels()) - 1, ALL)


def at(name: str) -> int:
    return SLICES.index(name)


def test_rates_are_weighted_shares_of_labels() -> None:
    found = outcome_rates(
        [
            touches(
                [BOUNCE, BREAK, BOUNCE, CENSORED, TIMEOUT],
                level=[0, 0, 0, 0, 4],
                half_hour=[0, 0, 1, 1, 5],
                number=[1, 2, 3, 4, 1],
                weight=[1.0, 0.5, 0.5, 1.0, 0.25],
            )
        ],
        [touches([BREAK, BREAK, BOUNCE], level=[0, 0, 4], half_hour=[0, 1, 5])],
        seed=1,
        resamples=10,
    )
    assert found.touches[0].tolist() == [2, 1, 0, 0, 0, 0, 3, 1, 1, 1]
    assert found.censored[0].tolist() == [0, 1, 0, 0, 0, 0, 1, 0, 0, 1]
    assert found.events[0, ALL] == 2.0
    assert found.events[POOLED] == 2.25 / 2  # by the weights among all levels
    assert found.rate[0, ALL].tolist() == pytest.approx([1.5 / 2, 0.5 / 2, 0])
    assert found.rate[0, at("09:30")].tolist() == pytest.approx([1 / 1.5, 0.5 / 1.5, 0])
    assert found.rate[0, at("second")].tolist() == [0, 1, 0]
    assert found.rate[0, at("later")].tolist() == [1, 0, 0]
    assert np.isnan(found.rate[1, ALL]).all()
    assert found.rate[POOLED].tolist() == pytest.approx([1.5 / 2.25, 0.5 / 2.25, 0.25 / 2.25])
    # Scores of 1, 0, 1 less one half each.
    assert found.excess[0, ALL] == pytest.approx((0.5 - 0.25 + 0.25) / 2)
    assert found.placebo_excess[0, ALL] == -0.5
    assert found.difference[0, ALL] == pytest.approx(0.75)
    assert found.placebo_touches[0, ALL] == 2
    assert np.isnan(found.interval[0, ALL]).all()


def test_a_label_without_a_base_or_a_score_is_no_excess() -> None:
    found = touches([BOUNCE, TIMEOUT], level=[0, 0], half_hour=[0, 0])
    found.labels[0].base[0] = np.nan
    found.labels[0].score[1] = np.nan
    sums = weighted_sums(found, 0)[0, ALL]
    assert sums[:, 1].tolist() == [2, 2, 2, 0]
    assert sums[:, 0].tolist() == [1, 0, 1, 0]


def test_sums_are_those_of_a_plain_loop() -> None:
    rng = np.random.default_rng(2)
    found = session(rng, (0.4, 0.4))
    sums = weighted_sums(found, 0)
    one = found.labels[0]
    for level, name in enumerate(all_levels()):
        for slice_ in range(len(SLICES)):
            total = [0.0, 0.0]
            for i in range(len(found.level)):
                number = min(int(found.touch_number[i]), 3)
                slices = (found.half_hour[i], ALL, ALL + number)
                if slice_ not in slices or name not in ("all", all_levels()[found.level[i]]):
                    continue
                weight = (one.weight_all_levels if name == "all" else one.weight)[i]
                total[0] += weight * (one.score[i] - one.base[i])
                total[1] += weight
            assert sums[level, slice_, 3].tolist() == pytest.approx(total)


def test_the_interval_holds_the_true_rate_as_often_as_it_says() -> None:
    hits = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        real = [session(rng, (0.5, 0.4)) for _ in range(30)]
        found = outcome_rates(real, real, seed=seed, resamples=300)
        low, high = found.interval[*POOLED, 0]
        hits += low <= 0.5 <= high
    assert 0.85 <= hits / 40 <= 1.0


def test_equal_chances_differ_within_the_interval_and_unequal_ones_do_not() -> None:
    rng = np.random.default_rng(3)
    real, same, lower = (
        [session(rng, chances) for _ in range(40)]
        for chances in ((0.5, 0.4), (0.5, 0.4), (0.35, 0.55))
    )
    low, high = outcome_rates(real, same, seed=3).difference_interval[POOLED]
    assert low < 0 < high
    low, high = outcome_rates(real, lower, seed=3).difference_interval[POOLED]
    assert 0 < low < 0.15 < high


def differences(real: tuple[float, float], placebo: tuple[float, float]) -> LabelDifferences:
    rng = np.random.default_rng(4)
    sets = [[session(rng, chances) for _ in range(60)] for chances in (real, placebo)]
    return label_differences(*sets, seed=4)


def test_the_error_is_that_of_the_sessions_and_the_detectable_difference_follows() -> None:
    found = differences((0.5, 0.4), (0.5, 0.4))
    assert found.error.shape == (len(all_levels()), len(LABELS))
    # 2,400 touches a side with scores of variance (.5 + .1 / 4) - .55 ** 2, two sides.
    expected = np.sqrt(2 * (0.525 - 0.55**2) / 2400)
    assert found.error[-1] == pytest.approx(expected, rel=0.25)
    single, joint = found.detectable(joint=False), found.detectable(joint=True)
    assert single == pytest.approx((1.95996 + 0.84162) * found.error, rel=1e-4)
    assert joint == pytest.approx((2.63826 + 0.84162) * found.error, rel=1e-4)  # six together
    assert found.difference[-1] == pytest.approx(found.excess[-1] - found.placebo_excess[-1])
