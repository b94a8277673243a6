from __future__ import annotations

import numpy as np
import pytest

from src.data_eng.catalogue.finding import Severity
from src.data_eng.research.checks.levels import close_levels
from src.data_eng.research.checks.pool import F64, MIN_ROWS, coverage_findings, is_constant
from tests.research.checks.pools import ROWS, SESSIONS, independent, pool_of

N = SESSIONS * ROWS


def only_on(rows: int) -> F64:
    values = np.full(N, np.nan)
    values[np.linspace(0, N - 1, rows).astype(int)] = np.arange(rows)
    return values


def test_features_with_enough_values_raise_nothing() -> None:
    assert not coverage_findings(pool_of({**independent(5, 0), "thin": only_on(MIN_ROWS)}))


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (np.full(N, np.nan), "has a value on 0 of 800 rows"),
        (only_on(MIN_ROWS - 1), "has a value on 499 of 800 rows"),
        (np.zeros(N), "is 0 on every row"),
        (np.full(N, 0.1) * (1 + 1e-15 * np.tile([0, 1], N // 2)), "is 0.1 on every row"),
        (np.where(np.arange(N) < 19 * ROWS, np.arange(N), np.nan), "in 19 of 20 sessions"),
    ],
)
def test_a_feature_that_cannot_be_checked_is_a_warning(values: F64, text: str) -> None:
    (found,) = coverage_findings(pool_of({**independent(3, 1), "other": values}))
    assert (found.severity, found.columns) == (Severity.WARN, ("other",))
    assert text in found.text


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_an_infinite_value_fails(value: float) -> None:
    columns = independent(3, 2)
    columns["x1"][[4, 9]] = value
    (found,) = coverage_findings(pool_of(columns))
    assert (found.severity, found.columns) == (Severity.FAIL, ("x1",))
    assert found.text == "infinite on 2 rows"


def test_a_small_variation_is_no_constant() -> None:
    assert not is_constant(np.array([1.0, 1.0 + 1e-9]))
    assert not is_constant(np.array([0.0, 1e-300]))
    assert is_constant(np.array([5.0]))
    assert is_constant(np.array([-3.0, -3.0]))


PREFIXES = {"A": "pm_high_", "B": "or_low_", "C": "sma_90_", "D": "pm_low_"}


def test_sessions_in_which_two_levels_nearly_coincide_are_found() -> None:
    rng = np.random.default_rng(0)
    mid = rng.normal(0, 20, N)
    apart = np.repeat(np.where(np.arange(SESSIONS) % 5 == 0, 2.0, 2.25), ROWS)
    moving = rng.normal(100, 1, N)
    moving[3 * ROWS : 4 * ROWS] = np.tile([0.0, 0.0, 0.0, 50.0], ROWS // 4)
    moving[7 * ROWS] = 0.0  # a touch is not close for the session
    columns = {
        "pm_high_distance_ticks": mid,
        "or_low_distance_ticks": np.where(np.arange(N) % ROWS < 10, np.nan, mid + apart),
        "sma_90_distance_ticks": mid + moving,
        "volume_60s": mid,
    }
    # B lies 2.25 above A in session 3, and C at A there on most rows: B and C are 2.25 apart.
    assert close_levels(pool_of(columns), PREFIXES) == {
        frozenset({"A", "B"}): frozenset({0, 5, 10, 15}),
        frozenset({"A", "C"}): frozenset({3}),
    }


def test_levels_without_common_rows_are_not_close() -> None:
    values = np.arange(N, dtype=np.float64)
    first = np.where(values % 2 == 0, values, np.nan)
    columns = {
        "pm_high_distance_ticks": first,
        "or_low_distance_ticks": np.where(values % 2 == 1, values, np.nan),
    }
    assert not close_levels(pool_of(columns), PREFIXES)
