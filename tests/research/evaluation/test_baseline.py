"""Models out of sample and the leak check on samples whose secrets are known."""

from __future__ import annotations

import sys
from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import log_loss, roc_auc_score

from src.data_eng.research.evaluation.baseline import (
    out_of_sample,
    splits_of,
    too_few,
)
from src.data_eng.research.evaluation.leaks import area_under_curve, suspected_leaks
from tests.research.evaluation.walks import samples


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_is_found_where_there_is_nothing(seed: int) -> None:
    drawn = samples(seed)
    for score in out_of_sample(drawn, seed=seed, resamples=200):
        assert not score.finds_something
        assert score.gain_interval[0] < 0
    assert suspected_leaks(drawn) == []


def test_a_feature_that_tells_is_used_and_none_is_called_a_leak_for_it() -> None:
    drawn = samples(4, touches=60, known=0.6)
    found = out_of_sample(drawn, seed=4, resamples=200)
    assert [(one.split, one.model) for one in found] == [
        (split, model)
        for split in ("walk-forward", "blocks, embargo 1")
        for model in ("logistic regression", "gradient boosting")
    ]
    for score in found:
        assert score.finds_something
        assert score.log_loss < score.base_log_loss
        assert score.brier < score.base_brier
        assert score.happened[-1] > score.happened[0]
        share = 0.4 if score.split == "walk-forward" else 1.0
        assert int(score.touches.sum()) == share * len(drawn.score)
    assert suspected_leaks(drawn) == []


def gains(seeds: range, known: float) -> tuple[float, float]:
    """Share of walk-forward logistic regressions that find something, and the stated power."""
    found = []
    for seed in seeds:
        drawn = samples(seed, sessions=60, touches=12, known=known, columns=4)
        model = ["logistic regression"]
        found.append(out_of_sample(drawn, seed=seed, resamples=200, models=model)[0])
    gain = float(np.mean([one.gain for one in found]))
    error = float(np.mean([one.detectable for one in found])) / (1.95996 + 0.84162)
    share = float(np.mean([one.finds_something for one in found]))
    power = NormalDist().cdf(gain / error - 1.96)
    sys.stdout.write(
        f"known {known}: stated power {power:.2f}, found {share:.2f} of {len(found)}\n"
    )
    return share, power


def test_an_imbalance_that_predicts_is_found_with_the_power_that_is_stated() -> None:
    share, power = gains(range(100, 140), 0.5)
    assert 0.5 < power < 0.97
    assert share == pytest.approx(power, abs=0.2)


def test_models_seldom_find_what_is_not_there() -> None:
    # One side of 0.05, and models that learn noise lose: fewer than 3 of 40.
    share, _ = gains(range(200, 240), 0.0)
    assert share * 40 < 3


def test_a_feature_that_knows_is_called_a_leak() -> None:
    drawn = samples(5)
    bounced = drawn.score > 0.5
    knows = np.where(bounced, 1.0, -1.0) + np.random.default_rng(5).normal(size=400)
    shows = np.where(bounced, 1.0, np.nan)  # only that there is a value tells
    leaky = replace(
        drawn,
        names=(*drawn.names, "excursion", "flag"),
        X=np.column_stack([drawn.X, knows, shows]),
    )
    assert {leak.name for leak in suspected_leaks(leaky)} == {"excursion", "flag (missing)"}


def test_where_the_mid_is_between_the_barriers_is_no_leak() -> None:
    rng = np.random.default_rng(6)
    drawn = samples(6)
    base = np.where(rng.random(400) < 0.5, 0.05, 0.95)
    score = (rng.random(400) < base).astype(np.float64)
    placed = replace(drawn, base=base, score=score, names=("entry",), X=base[:, None])
    area = area_under_curve(base, score, 1 - score)
    assert area > 0.85  # far above what would be a leak, were it not for the base
    assert suspected_leaks(placed) == []
    flipped = replace(placed, base=1 - base)
    assert [leak.name for leak in suspected_leaks(flipped)] == ["entry"]


def test_the_log_loss_is_that_of_scikit_learn() -> None:
    drawn = samples(6, known=0.5)
    whole = replace(drawn, score=(drawn.score > 0.5).astype(np.float64))
    found = out_of_sample(whole, seed=6, resamples=50)[2]
    assert found.split == "blocks, embargo 1"
    expected = log_loss(whole.score, whole.base, sample_weight=whole.weight)
    assert found.base_log_loss == pytest.approx(expected)


@given(st.integers(0, 1 << 32), st.integers(4, 200))
@settings(max_examples=40)
def test_the_area_is_that_of_scikit_learn(seed: int, rows: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 6, rows).astype(np.float64)
    happened = rng.random(rows) < 0.5
    happened[:2] = [True, False]
    weight = rng.uniform(0.1, 1, rows)
    expected = roc_auc_score(happened, values, sample_weight=weight)
    area = area_under_curve(values, weight * happened, weight * ~happened)
    assert area == pytest.approx(expected)


def test_small_samples_give_no_conclusion() -> None:
    assert too_few(samples(8)) is None
    assert "100 in 20 are needed" in str(too_few(samples(8, sessions=5)))


def test_many_sessions_are_split_with_a_long_embargo_besides() -> None:
    assert list(splits_of(samples(1))) == ["walk-forward", "blocks, embargo 1"]
    found = splits_of(samples(1, sessions=250, touches=1))
    assert repr(found["blocks, embargo 20"]) == (
        "PurgedSessionSplit(n_splits=5, embargo_sessions=20)"
    )
