"""Models, splits and the leak check on samples whose secrets are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import cross_val_score

from src.data_eng.errors import UsageError
from src.data_eng.research.evaluation.baseline import cross_validated, too_few
from src.data_eng.research.evaluation.leaks import area_under_curve, suspected_leaks
from src.data_eng.research.training import PurgedSessionSplit
from tests.research.evaluation.walks import samples


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_is_found_where_there_is_nothing(seed: int) -> None:
    drawn = samples(seed)
    for score in cross_validated(drawn, seed=seed, resamples=200):
        assert not score.finds_something
        assert score.gain_interval[0] < 0
    assert suspected_leaks(drawn) == []


def test_a_feature_that_tells_is_used_and_none_is_called_a_leak_for_it() -> None:
    drawn = samples(4, touches=40, known=0.6)
    for score in cross_validated(drawn, seed=4, resamples=200):
        assert score.finds_something
        assert score.log_loss < score.base_log_loss
        assert score.brier < score.base_brier
        assert score.happened[-1] > score.happened[0]
        assert int(score.touches.sum()) == len(drawn.is_bounce)
    assert suspected_leaks(drawn) == []


def test_a_feature_that_knows_is_called_a_leak() -> None:
    drawn = samples(5)
    knows = np.where(drawn.is_bounce, 1.0, -1.0) + np.random.default_rng(5).normal(size=400)
    shows = np.where(drawn.is_bounce, 1.0, np.nan)  # only that there is a value tells
    leaky = replace(
        drawn,
        names=(*drawn.names, "excursion", "flag"),
        X=np.column_stack([drawn.X, knows, shows]),
    )
    assert {leak.name for leak in suspected_leaks(leaky)} == {"excursion", "flag (missing)"}


def test_the_log_loss_is_that_of_scikit_learn() -> None:
    drawn = samples(6, known=0.5)
    split = PurgedSessionSplit(5)
    base = np.zeros(len(drawn.is_bounce))
    for train, test in split.split(drawn.X, groups=drawn.session):
        base[test] = drawn.is_bounce[train].mean()
    (score, _) = cross_validated(drawn, seed=6, resamples=50)
    assert score.base_log_loss == pytest.approx(log_loss(drawn.is_bounce, base))


@given(st.integers(0, 1 << 32), st.integers(4, 200))
@settings(max_examples=40)
def test_the_area_is_that_of_scikit_learn(seed: int, rows: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 6, rows).astype(np.float64)
    happened = rng.random(rows) < 0.5
    happened[:2] = [True, False]
    assert area_under_curve(values, happened) == pytest.approx(roc_auc_score(happened, values))


@given(
    st.lists(st.integers(0, 40), min_size=1, max_size=80),
    st.integers(2, 6),
    st.integers(0, 3),
)
@settings(max_examples=80)
def test_a_split_never_trains_on_or_next_to_what_it_tests(
    days: list[int], n_splits: int, embargo: int
) -> None:
    groups = np.array(days)
    split = PurgedSessionSplit(n_splits, embargo_sessions=embargo)
    order = {day: i for i, day in enumerate(np.unique(groups))}
    try:
        found = list(split.split(groups, groups=groups))
    except UsageError:
        blocks = np.array_split(np.arange(len(order)), n_splits)
        assert len(order) < n_splits or len(order) <= len(blocks[0]) + 2 * embargo
        return
    assert sorted(np.concatenate([test for _, test in found])) == list(range(len(groups)))
    for train, test in found:
        assert len(train)
        for day in {order[d] for d in groups[test]}:
            near = {order[d] for d in groups[train]} & set(range(day - embargo, day + embargo + 1))
            assert not near


def test_scikit_learn_takes_the_splitter() -> None:
    drawn = samples(7)
    X = np.nan_to_num(drawn.X)  # noqa: N806 - scikit-learn's name
    scores = cross_val_score(
        LogisticRegression(), X, drawn.is_bounce, groups=drawn.session, cv=PurgedSessionSplit(4)
    )
    assert scores.shape == (4,)


def test_splits_that_cannot_be_are_refused() -> None:
    with pytest.raises(UsageError, match="at least 2"):
        PurgedSessionSplit(1)
    with pytest.raises(UsageError, match="groups are missing"):
        next(PurgedSessionSplit(2).split(np.zeros(4)))


def test_small_samples_give_no_conclusion() -> None:
    assert too_few(samples(8)) is None
    assert "100 in 20 are needed" in str(too_few(samples(8, sessions=5)))
