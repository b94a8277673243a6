from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.data_eng.research.checks.pool import F64
from src.data_eng.research.checks.triple_search import ROWS, dependent_triples, sample_rows
from tests.research.checks.pools import SESSIONS, independent, innocent, pool_of

SEEDS = st.integers(0, 1 << 32)


def slowly(sample: F64) -> set[tuple[int, ...]]:
    """Triples whose standardised values have rank two, by singular values."""
    found: set[tuple[int, ...]] = set()
    for triple in combinations(range(sample.shape[1]), 3):
        rows = sample[:, triple]
        rows = rows[np.isfinite(rows).all(axis=1)]
        if len(rows) < 20 or (np.ptp(rows, axis=0) == 0).any():
            continue
        rows = (rows - rows.mean(axis=0)) / rows.std(axis=0)
        sizes = np.linalg.svd(rows, compute_uv=False)
        if sizes[2] < 1e-7 * sizes[0] and sizes[1] > 1e-3 * sizes[0]:
            found.add(triple)
    return found


@given(SEEDS, st.floats(0, 0.6))
@settings(max_examples=20)
def test_it_finds_what_singular_values_say(seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    sample = rng.normal(size=(400, 8))
    sample[:, 3] = 5.0 + 2.0 * sample[:, 0] - 0.3 * sample[:, 6]
    sample[:, 7] = sample[:, 1] + sample[:, 2] * 10.0 ** rng.integers(-3, 4)
    sample *= 10.0 ** rng.integers(-3, 4, 8)
    sample[rng.random(sample.shape) < share] = np.nan
    found = {tuple(triple) for triple in dependent_triples(sample).tolist()}
    assert found == slowly(sample)
    assert (0, 3, 6) in found


def test_copies_and_constants_are_no_triples() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(2, 200))
    assert not len(dependent_triples(np.column_stack([a, 3 - 2 * a, b, np.full(200, 0.1)])))


@pytest.mark.parametrize("shape", [(0, 5), (100, 0), (100, 2), (3, 4)])
def test_too_few_rows_or_columns(shape: tuple[int, int]) -> None:
    assert dependent_triples(np.ones(shape)).shape == (0, 3)


def test_what_is_told_on_many_rows_alone_is_no_candidate() -> None:
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=(2, 5 * ROWS))
    c = a + b
    c[::10] += 1e-3
    assert not len(dependent_triples(np.column_stack([a, b, c])))


def test_the_sample_holds_rows_of_all_sessions_and_of_rare_events() -> None:
    rows = 500
    columns = independent(5, 3, SESSIONS * rows)
    columns["session"] = np.repeat(np.arange(SESSIONS, dtype=np.float64), rows)
    columns["rare"] = np.zeros(SESSIONS * rows)
    columns["rare"][::rows] = 1.0
    columns["sparse"] = np.full(SESSIONS * rows, np.nan)
    columns["sparse"][7::rows] = 2.0
    sample = sample_rows(pool_of(columns))
    assert len(sample) < SESSIONS * rows / 2
    assert set(sample[:, 5]) == set(range(SESSIONS))
    assert sample[:, 6].sum() == SESSIONS
    assert np.isfinite(sample[:, 7]).sum() == SESSIONS
    assert np.array_equal(sample, sample_rows(pool_of(columns)), equal_nan=True)


def test_innocent_columns_are_few_candidates() -> None:
    counts = [len(dependent_triples(sample_rows(pool_of(innocent(seed))))) for seed in range(20)]
    assert sum(counts) == 0
