"""Splits of sessions: what they train on, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score

from src.data_eng.errors import UsageError
from src.data_eng.research.splits import PurgedSessionSplit, WalkForwardSplit
from tests.research.evaluation.walks import samples


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
        LogisticRegression(), X, drawn.score > 0.5, groups=drawn.session, cv=PurgedSessionSplit(4)
    )
    assert scores.shape == (4,)


def test_splits_that_cannot_be_are_refused() -> None:
    with pytest.raises(UsageError, match="at least 2"):
        PurgedSessionSplit(1)
    with pytest.raises(UsageError, match="groups are missing"):
        next(PurgedSessionSplit(2).split(np.zeros(4)))
    with pytest.raises(UsageError, match="10 groups for 20 rows"):
        next(PurgedSessionSplit(2).split(np.zeros(20), groups=np.arange(10)))
    with pytest.raises(UsageError, match=r"n_splits '5'"):
        PurgedSessionSplit("5")  # type: ignore[arg-type]


def test_a_split_says_what_it_is() -> None:
    assert repr(PurgedSessionSplit(3)) == "PurgedSessionSplit(n_splits=3, embargo_sessions=1)"
    assert repr(WalkForwardSplit(3)) == "WalkForwardSplit(n_splits=3, first_share=0.6)"


@given(
    st.lists(st.integers(0, 40), min_size=1, max_size=80),
    st.integers(1, 6),
    st.floats(0.1, 0.9),
)
@settings(max_examples=80)
def test_walking_forward_trains_on_all_that_is_earlier_and_on_nothing_else(
    days: list[int], n_splits: int, first: float
) -> None:
    groups = np.array(days)
    sessions = np.unique(groups)
    split = WalkForwardSplit(n_splits, first_share=first)
    start = int(np.ceil(first * len(sessions)))
    try:
        found = list(split.split(groups, groups=groups))
    except UsageError:
        assert len(sessions) - start < n_splits
        return
    assert len(found) == split.get_n_splits() == n_splits
    tested = np.concatenate([test for _, test in found])
    assert sorted(tested) == np.flatnonzero(groups >= sessions[start]).tolist()
    for train, test in found:
        assert train.tolist() == np.flatnonzero(groups < groups[test].min()).tolist()
        assert len(train)


@pytest.mark.parametrize(("blocks", "first"), [(0, 0.6), (4, 0.0), (4, 1.0), ("4", 0.5)])
def test_a_walk_that_cannot_be_is_refused(blocks: int, first: float) -> None:
    with pytest.raises(UsageError, match="a share above 0 and below 1"):
        WalkForwardSplit(blocks, first_share=first)
