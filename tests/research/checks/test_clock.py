from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.data_eng.catalogue.finding import Severity
from src.data_eng.research.checks.clock import (
    CLOCK,
    MIN_RANKED,
    clock_correlation,
    clock_findings,
    mean_ranks,
)
from src.data_eng.research.checks.pool import F64
from tests.research.checks.pools import SESSIONS, innocent, pool_of

ROWS = 150
COUNT = SESSIONS * ROWS
SECONDS = np.tile(np.arange(ROWS, dtype=np.float64), SESSIONS)


def slow_correlation(values: F64) -> float:
    """Spearman's coefficient by the definition, value by value."""
    present = [value for value in values if np.isfinite(value)]
    ranks = [
        sum(other < value for other in present) + (sum(other == value for other in present) - 1) / 2
        for value in present
    ]
    return float(np.corrcoef(ranks, range(len(ranks)))[0, 1])


@given(st.integers(0, 1 << 32), st.floats(0, 0.3), st.booleans())
@settings(max_examples=15)
def test_the_correlation_is_that_of_the_definition(seed: int, share: float, ties: bool) -> None:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=2 * MIN_RANKED).cumsum()
    values = np.round(values) if ties else values
    values[rng.random(len(values)) < share] = np.nan
    assert clock_correlation(values) == pytest.approx(slow_correlation(values), abs=1e-12)


def test_equal_values_have_the_mean_of_their_ranks() -> None:
    assert mean_ranks(np.array([5.0, 1.0, 5.0, 7.0])).tolist() == [1.5, 0.0, 1.5, 3.0]


@pytest.mark.parametrize("rows", [MIN_RANKED - 1, MIN_RANKED])
def test_few_values_and_constants_have_none(rows: int) -> None:
    values = np.full(300, np.nan)
    values[:rows] = np.arange(rows)
    assert (clock_correlation(values) is None) is (rows < MIN_RANKED)
    assert clock_correlation(np.full(300, 0.1)) is None


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("seconds", SECONDS),
        ("minutes_left", 390 - SECONDS / 60),
        ("log", np.log1p(SECONDS)),
        ("since_known", np.where(SECONDS < 30, np.nan, SECONDS - 30)),
        ("volume_so_far", np.random.default_rng(1).poisson(9, (SESSIONS, ROWS)).cumsum(1).ravel()),
        ("noisy", SECONDS + np.random.default_rng(2).normal(size=COUNT)),
    ],
)
def test_what_grows_with_the_clock_fails(name: str, values: F64) -> None:
    columns = {CLOCK: SECONDS, name: np.asarray(values, dtype=np.float64), **innocent(3, ROWS)}
    (found,) = clock_findings(pool_of(columns))
    assert (found.severity, found.columns) == (Severity.FAIL, (CLOCK, name))


def test_what_mostly_grows_is_a_warning() -> None:
    noise = np.random.default_rng(4).normal(0, 12, COUNT)
    (found,) = clock_findings(pool_of({"mostly": SECONDS + noise}))
    assert found.severity is Severity.WARN
    assert "mean rank correlation +0.9" in found.text


@pytest.mark.parametrize(("sessions", "count"), [(19, 1), (5, 1), (4, 0)])
def test_few_sessions_are_not_conclusive(sessions: int, count: int) -> None:
    values = SECONDS.copy()
    values[sessions * ROWS :] = np.nan
    found = clock_findings(pool_of({"seconds": values}))
    assert [one.severity for one in found] == [Severity.WARN] * count
    assert all(f"seen in {sessions} sessions only" in one.text for one in found)


def test_up_in_half_of_the_sessions_and_down_in_the_others_is_no_clock() -> None:
    turned = SECONDS * np.repeat(np.where(np.arange(SESSIONS) % 2, 1.0, -1.0), ROWS)
    assert not clock_findings(pool_of({"turned": turned}))


def test_innocent_columns_are_not_named_in_one_of_100_pools() -> None:
    found = [clock_findings(pool_of(innocent(seed))) for seed in range(100)]
    assert found == [[]] * 100
