"""Groups and weights of labels that overlap: worked by hand, and against sets of seconds."""

from __future__ import annotations

import numpy as np
import pytest

from src.data_eng.features.book.day_seconds import I64
from src.data_eng.features.outcome.overlap import average_uniqueness, overlap_groups

SECOND = 10**9


def spans(*pairs: tuple[float, float]) -> tuple[I64, I64]:
    times = np.array([[round(t * SECOND) for t in pair] for pair in pairs], np.int64)
    return times[:, 0], times[:, 1]


def test_groups_and_weights_worked_by_hand() -> None:
    # [0, 10) and [5, 15) overlap for 5 of 10 seconds each; [12, 14) lies in the second alone.
    start, end = spans((0, 10), (5, 15), (12, 14), (15, 16))
    own, every = np.zeros(4, np.int64), np.ones(4, np.bool_)
    assert overlap_groups(own, start, end, every).tolist() == [1, 1, 1, 2]
    weights = average_uniqueness(own, start, end, every)
    # 5 s alone + 5 s of two; 5 of two + 2 alone + 2 of two + 1 alone; 2 of two; alone.
    assert weights.tolist() == [0.75, (5 / 2 + 2 + 2 / 2 + 1) / 10, 0.5, 1.0]


def test_owners_are_apart_and_censored_labels_have_no_span() -> None:
    start, end = spans((0, 10), (2, 12), (3, 0), (4, 14))
    owner, has_span = np.array([0, 1, 0, 0]), np.array([True, True, False, True])
    assert overlap_groups(owner, start, end, has_span).tolist() == [1, 2, 0, 1]
    weights = average_uniqueness(owner, start, end, has_span)
    assert weights.tolist() == pytest.approx([0.7, 1.0, np.nan, 0.7], nan_ok=True)


def test_a_label_takes_up_every_second_it_has_part_in_and_at_least_one() -> None:
    # One trade decides both at their decision row; the third begins within the second of the first.
    start, end = spans((10, 10), (10, 10), (10, 10.2), (11, 12))
    own, every = np.zeros(4, np.int64), np.ones(4, np.bool_)
    assert overlap_groups(own, start, end, every).tolist() == [1, 1, 1, 2]
    assert average_uniqueness(own, start, end, every).tolist() == pytest.approx([1 / 3] * 3 + [1])


def test_no_label_has_no_weight() -> None:
    nothing = np.zeros(0, np.int64)
    assert len(overlap_groups(nothing, nothing, nothing, nothing > 0)) == 0
    assert len(average_uniqueness(nothing, nothing, nothing, nothing > 0)) == 0


@pytest.mark.parametrize("seed", range(5))
def test_they_are_those_of_sets_of_seconds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    start = np.sort(rng.integers(0, 400, 60)) * SECOND
    end = start + rng.integers(0, 40 * SECOND, 60)
    owner, has_span = rng.integers(0, 3, 60), rng.random(60) < 0.9
    groups = overlap_groups(owner, start, end, has_span)
    weights = average_uniqueness(owner, start, end, has_span)
    cells = [
        {s // SECOND, *range(s // SECOND, -(-e // SECOND))} if has else set()
        for s, e, has in zip(start.tolist(), end.tolist(), has_span, strict=True)
    ]
    for i in range(60):
        rivals = [cells[j] for j in range(60) if owner[j] == owner[i]]
        if not has_span[i]:
            assert groups[i] == 0
            assert np.isnan(weights[i])
            continue
        mean = np.mean([1 / sum(cell in one for one in rivals) for cell in cells[i]])
        assert weights[i] == pytest.approx(mean)
        for j in range(60):
            if owner[i] == owner[j] and cells[i] & cells[j]:
                assert groups[i] == groups[j]
    for one in range(3):
        # Every second is one event's worth of weight: the sum of weights counts the labels' time.
        busy = set().union(*(cells[j] for j in range(60) if owner[j] == one))
        own = [j for j in range(60) if owner[j] == one and has_span[j]]
        assert sum(weights[j] * len(cells[j]) for j in own) == pytest.approx(len(busy))
        assert len({groups[j] for j in own}) == runs(busy, [cells[j] for j in own])


def runs(busy: set[int], own: list[set[int]]) -> int:
    """Count runs of busy seconds that labels join: neighbours in one label belong together."""
    joined = {s for cells in own for s in cells if s + 1 in cells}
    return sum(s - 1 not in joined for s in busy)
