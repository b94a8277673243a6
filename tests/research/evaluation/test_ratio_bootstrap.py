"""Intervals of ratios from few clusters: how often they hold the truth, and where they are none."""

from __future__ import annotations

import numpy as np
import pytest

from src.data_eng.features.book.day_seconds import F64
from src.data_eng.research.evaluation.ratio_bootstrap import RatioBootstrap


def clustered(rng: np.random.Generator, sessions: int, chance: float, experiments: int) -> F64:
    """Hits and trials: 0 to some 10 trials a session, whose chance differs between sessions."""
    trials = rng.negative_binomial(1, 0.25, (sessions, experiments))
    shift = np.clip(chance + rng.normal(0, 0.1, trials.shape), 0, 1)
    return np.stack([rng.binomial(trials, shift), trials], axis=-1).astype(np.float64)


@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_intervals_hold_the_truth_as_often_as_they_say(confidence: float) -> None:
    rng = np.random.default_rng(5)
    counts = np.concatenate(
        [clustered(rng, 30, 0.35, 400), 20 * clustered(rng, 30, 0.35, 400)], axis=-1
    )
    found = RatioBootstrap(counts, rng, 1000)
    for true, bounds in (
        (0.35, found.ratio_interval(confidence)),
        (0.0, found.difference_interval(confidence)),
    ):
        holds = (bounds[:, 0] <= true) & (true <= bounds[:, 1])
        # 400 experiments: a standard error of 0.015 at the most.
        assert holds.mean() == pytest.approx(confidence, abs=0.03)


def test_the_standard_error_is_the_one_worked_out_by_hand() -> None:
    # Shares 2/4 and 1/4 in sessions of (1 of 1, 1 of 3) and (0 of 2, 1 of 2) touches.
    counts = np.array([[1.0, 1, 0, 2], [1, 3, 1, 2]])
    found = RatioBootstrap(counts, np.random.default_rng(0), 10)
    estimate, spread = found._found.estimate(2, is_difference=True)
    assert estimate == 0.25
    influence = np.array([(1 - 0.5) / 4 - (0 - 0.5) / 4, (1 - 1.5) / 4 - (1 - 0.5) / 4])
    assert spread == pytest.approx(np.sqrt(2 * (influence**2).sum()))


def test_the_error_of_the_difference_is_the_spread_of_its_resamples() -> None:
    rng = np.random.default_rng(6)
    counts = np.concatenate([clustered(rng, 40, 0.4, 3), clustered(rng, 40, 0.4, 3)], axis=-1)
    found = RatioBootstrap(counts, np.random.default_rng(1), 500)
    weights = np.random.default_rng(1).multinomial(40, np.full(40, 1 / 40), size=500)
    for cell in range(3):
        drawn = []
        for one in weights:
            sums = (one[:, None] * counts[:, cell]).sum(axis=0)
            drawn.append(sums[0] / sums[1] - sums[2] / sums[3])
        assert found.difference_error()[cell] == pytest.approx(np.std(drawn, ddof=1))
    few = RatioBootstrap(counts[:5], np.random.default_rng(1), 50)
    assert np.isnan(few.difference_error()).all()


@pytest.mark.parametrize("hits", [0, 3], ids=["none", "all"])
def test_without_spread_there_is_no_interval(hits: int) -> None:
    counts = np.tile(np.array([hits, 3, 40, 100], np.float64), (30, 1))
    counts[:, 2] += np.arange(30) % 3
    found = RatioBootstrap(counts, np.random.default_rng(0), 100)
    assert np.isnan(found.ratio_interval(0.95)).all()
    assert np.isnan(found.difference_interval(0.95)).all()


@pytest.mark.parametrize("sessions", [1, 2, 30])
def test_touches_in_few_sessions_give_no_interval(sessions: int) -> None:
    rng = np.random.default_rng(4)
    trials = rng.integers(1, 9, (sessions, 200))
    trials[9:] = 0
    many = np.full((sessions, 200), 50)
    counts = np.stack([rng.binomial(trials, 0.4), trials, rng.binomial(many, 0.4), many], axis=-1)
    found = RatioBootstrap(counts.astype(np.float64), rng, 200)
    assert np.isnan(found.ratio_interval(0.95)).all()
    assert np.isnan(found.difference_interval(0.95)).all()


def test_sessions_that_are_all_alike_say_nothing_of_the_spread() -> None:
    counts = np.tile(np.array([1.0, 3.0, 1.0, 3.0]), (20, 1))
    found = RatioBootstrap(counts, np.random.default_rng(0), 100)
    assert np.isnan(found.ratio_interval(0.95)).all()


def test_sparse_cells_without_an_effect_seldom_differ() -> None:
    rng = np.random.default_rng(8)
    trials = (rng.random((30, 1000)) < 0.5).astype(int)  # some fifteen sessions with one touch
    many = np.full(trials.shape, 20)
    counts = np.stack([rng.binomial(trials, 0.35), trials, rng.binomial(many, 0.35), many], axis=-1)
    bounds = RatioBootstrap(counts.astype(np.float64), rng, 500).difference_interval(0.95)
    known = ~np.isnan(bounds[:, 0])
    differs = (bounds[known, 0] > 0) | (bounds[known, 1] < 0)
    assert known.mean() > 0.8
    assert differs.mean() < 0.08
    assert np.abs(bounds[known]).max() <= 1
