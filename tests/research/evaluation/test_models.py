"""The models against scikit-learn and against plain loops, and what their offset is for."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression as SklearnLogistic

from src.data_eng.features.book.day_seconds import F64
from src.data_eng.research.evaluation.models import (
    PENALTY,
    GradientBoosting,
    LogisticRegression,
    probability,
)


def drawn(seed: int, rows: int = 400) -> tuple[F64, F64, F64, F64]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, 4))  # noqa: N806 - scikit-learn's name
    offset = rng.normal(size=rows)
    score = (X[:, 0] + offset + rng.logistic(size=rows) > 0).astype(np.float64)
    return X, score, offset, rng.uniform(0.2, 1, rows)


def test_without_an_offset_it_is_scikit_learns_ridge() -> None:
    X, score, offset, weight = drawn(1)  # noqa: N806 - scikit-learn's name
    ours = LogisticRegression()
    ours.fit(X, score, 0 * offset, weight)
    scaled = (X - X.mean(axis=0)) / X.std(axis=0)
    theirs = SklearnLogistic(C=1 / PENALTY, tol=1e-10, max_iter=10_000)
    theirs.fit(scaled, score, sample_weight=weight)
    expected = theirs.decision_function(scaled)
    assert ours.log_odds(X, 0 * offset) == pytest.approx(expected, abs=1e-5)


def test_a_score_between_counts_as_a_bounce_and_a_break_by_its_parts() -> None:
    X, score, offset, weight = drawn(2)  # noqa: N806 - scikit-learn's name
    parts = np.where(np.arange(len(score)) % 3 == 0, 0.3, score)
    one, two = LogisticRegression(), LogisticRegression()
    one.fit(X, parts, offset, weight)
    both = np.append(weight * parts, weight * (1 - parts))
    ones = np.repeat([1.0, 0.0], len(score))
    two.fit(np.vstack([X, X]), ones, np.tile(offset, 2), both)
    assert one.log_odds(X, offset) == pytest.approx(two.log_odds(X, offset), abs=1e-7)


@pytest.mark.parametrize("model", [LogisticRegression(), GradientBoosting(1)])
def test_models_start_from_the_offset(model: LogisticRegression | GradientBoosting) -> None:
    rng = np.random.default_rng(3)
    X = rng.normal(size=(3000, 2))  # noqa: N806 - scikit-learn's name
    offset = rng.choice([-2.0, 2.0], 3000)
    score = probability(offset)  # exactly the driftless chance
    model.fit(X, score, offset, np.ones(3000))
    assert model.log_odds(X, offset) == pytest.approx(offset, abs=1e-6)


@pytest.mark.parametrize("model", [LogisticRegression(), GradientBoosting(1)])
def test_missing_values_may_tell(model: LogisticRegression | GradientBoosting) -> None:
    rng = np.random.default_rng(4)
    X = rng.normal(size=(2000, 2))  # noqa: N806 - scikit-learn's name
    missing = rng.random(2000) < 0.4
    X[missing, 0] = np.nan
    score = (rng.random(2000) < np.where(missing, 0.8, 0.2)).astype(np.float64)
    model.fit(X, score, np.zeros(2000), np.ones(2000))
    foretold = probability(model.log_odds(X, np.zeros(2000)))
    assert foretold[missing].mean() == pytest.approx(0.8, abs=0.08)
    assert foretold[~missing].mean() == pytest.approx(0.2, abs=0.08)


def test_boosting_takes_newtons_steps() -> None:
    # One feature of two values: every tree has two leaves, and the steps can be followed by hand.
    X = np.repeat([0.0, 1.0], 50)[:, None]  # noqa: N806 - scikit-learn's name
    score, weight = np.tile([1.0, 0.0, 1.0, 1.0, 0.0], 20), np.full(100, 0.5)
    score[50:] = 0.0
    model = GradientBoosting(0)
    model.fit(X, score, np.zeros(100), weight)
    odds = np.zeros(2)
    for _ in range(60):
        for side, rate in enumerate((0.6, 0.0)):
            p = 1 / (1 + np.exp(-odds[side]))
            odds[side] += 0.05 * 25 * (rate - p) / (25 * p * (1 - p) + 1)
    assert model.log_odds(np.array([[0.0], [1.0]]), np.zeros(2)) == pytest.approx(odds)
