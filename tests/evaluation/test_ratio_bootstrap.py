"""Intervals of ratios from few clusters: how often they hold the truth, and where they are none."""

from __future__ import annotations

import numpy as np
import pytest

from src.data_eng.evaluation.ratio_bootstrap import RatioBootstrap
from src.data_eng.features.book.day_seconds import F64


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
    estimate, spread = found._found.estimate(1.0, 2)
    assert estimate == 0.25
    influence = np.array([(1 - 0.5) / 4 - (0 - 0.5) / 4, (1 - 1.5) / 4 - (1 - 0.5) / 4])
    assert spread == pytest.approx(np.sqrt(2 * (influence**2).sum()))


@pytest.mark.parametrize(
    "hits", [[0, 0, 0, 0], [3, 3, 3, 3], [1, 0, 0, 0]], ids=["none", "all", "one session"]
)
def test_without_spread_there_is_no_interval(hits: list[int]) -> None:
    trials = [3, 3, 3, 3] if hits[1] == hits[0] else [3, 0, 0, 0]
    counts = np.array([hits, trials, hits, trials], np.float64).T
    found = RatioBootstrap(counts, np.random.default_rng(0), 100)
    assert np.isnan(found.ratio_interval(0.95)).all()
    assert np.isnan(found.difference_interval(0.95)).all()
