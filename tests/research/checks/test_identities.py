from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.data_eng.catalogue.finding import Severity
from src.data_eng.research.checks.identities import identity_findings, plane
from src.data_eng.research.checks.pool import F64
from tests.research.checks.pools import SESSIONS, failed, independent, innocent, pool_of

ROWS = 100
COUNT = SESSIONS * ROWS


def columns_of(seed: int, rows: int = ROWS) -> dict[str, F64]:
    rng = np.random.default_rng(seed)
    count = SESSIONS * rows
    columns = independent(5, seed, count)
    return {**columns, "b": rng.normal(0.0, 20.0, count), "c": rng.lognormal(1.0, 0.5, count)}


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (lambda b, c: b - c, "a = b - c"),
        (lambda b, c: c - b, "a = c - b"),
        (lambda b, c: b + c, "a = b + c"),
        (lambda b, c: -b - c - 2, "a = - b - c - 2"),
        (lambda b, c: 2 * b - c / 4 + 100, "a = 2 b - 0.25 c + 100"),
        (lambda b, c: b * c, "a = b * c"),
        (lambda b, c: b / c, "a = b / c"),
        (lambda b, c: -c / b, "a = -1 * c / b"),
        (lambda b, c: 1e4 * b / c, "a = 10000 * b / c"),
        (lambda b, c: 3 / (b * c), "a = 3 / b / c"),
        (lambda b, c: b / c**2, "a = b / c^2"),
        (lambda b, c: np.abs(b) * np.sqrt(c), "|a| = |b| * |c|^0.5"),
    ],
)
@given(st.integers(0, 1 << 32))
@settings(max_examples=4)
def test_an_identity_is_found_and_named(
    made: Callable[[F64, F64], F64], text: str, seed: int
) -> None:
    columns = columns_of(seed)
    columns["a"] = made(columns["b"], columns["c"])
    (found,) = identity_findings(pool_of(columns))
    assert (found.severity, found.columns) == (Severity.FAIL, ("b", "c", "a"))
    assert found.text == text
    assert found.check == ("product" if any(sign in text for sign in "*/") else "sum")


@pytest.mark.parametrize("share", [0.3, 0.6])
def test_rows_without_a_value_or_with_a_zero_do_not_hide_it(share: float) -> None:
    rng = np.random.default_rng(4)
    columns = columns_of(4, 800)
    columns["b"] = np.round(columns["b"] / 20)
    columns["a"] = columns["b"] / columns["c"]
    for name in ("a", "b", "c"):
        columns[name][rng.random(len(columns[name])) < share] = np.nan
    assert failed(identity_findings(pool_of(columns))) == [("b", "c", "a")]


def test_a_level_distance_over_a_market_range_is_named() -> None:
    rng = np.random.default_rng(5)
    tables = {"pm_high_distance_ticks": "L", "pm_high_distance_atr": "L"}
    distance = rng.normal(0, 10, COUNT).cumsum().round()
    true_range = np.repeat(rng.lognormal(2, 0.3, COUNT // 50), 50)
    columns = {
        **independent(5, 5, COUNT),
        "average_true_range_ticks": true_range,
        "pm_high_distance_ticks": distance,
        "pm_high_distance_atr": distance / true_range,
    }
    (found,) = identity_findings(pool_of(columns, tables=tables))
    assert found.text == (
        "pm_high_distance_atr = pm_high_distance_ticks / average_true_range_ticks"
    )


@pytest.mark.parametrize(("sessions", "severity"), [(19, Severity.WARN), (5, Severity.WARN)])
def test_few_sessions_are_not_conclusive(sessions: int, severity: Severity) -> None:
    columns = columns_of(6)
    columns["a"] = columns["b"] - columns["c"]
    columns["a"][sessions * ROWS :] = np.nan
    (found,) = identity_findings(pool_of(columns))
    assert found.severity is severity
    assert found.text == f"a = b - c; seen in {sessions} sessions only: not conclusive"


def test_four_sessions_say_nothing() -> None:
    columns = columns_of(7)
    columns["a"] = columns["b"] - columns["c"]
    columns["a"][4 * ROWS :] = np.nan
    assert not identity_findings(pool_of(columns))


def test_a_relation_with_one_exception_is_none() -> None:
    columns = columns_of(8)
    columns["a"] = columns["b"] - columns["c"]
    columns["a"][777] += 0.1
    assert not identity_findings(pool_of(columns))


def test_flags_that_happen_to_add_up_are_none() -> None:
    columns = columns_of(9)
    flag = (columns["b"] > 0).astype(np.float64)
    other = (columns["c"] > 2).astype(np.float64)
    columns |= {"first": flag, "second": other, "both": flag + other}
    assert not identity_findings(pool_of(columns))


def test_features_that_were_named_are_left_out() -> None:
    columns = columns_of(10)
    columns["a"] = columns["b"] - columns["c"]
    assert not identity_findings(pool_of(columns), {"a"})


def test_innocent_columns_are_not_named_in_one_of_100_pools() -> None:
    found = [identity_findings(pool_of(innocent(seed))) for seed in range(100)]
    assert found == [[]] * 100


def test_fewer_than_20_sessions_are_refused() -> None:
    with pytest.raises(ValueError, match="19 sessions pooled, 20 are needed"):
        identity_findings(pool_of(independent(3, 0, rows=190), 19))


@given(st.integers(0, 1 << 32), st.floats(0.1, 5), st.floats(-5, -0.1), st.floats(-10, 10))
@settings(max_examples=20)
def test_the_plane_is_that_of_least_squares(seed: int, x: float, y: float, z: float) -> None:
    rng = np.random.default_rng(seed)
    first, second, noise = rng.normal(3.0, 2.0, (3, 300))
    target = x * first + y * second + z + noise
    found = plane(target, first, second)
    assert found is not None
    matrix = np.column_stack([first, second, np.ones(300)])
    wanted, *_ = np.linalg.lstsq(matrix, target, rcond=None)
    np.testing.assert_allclose([*found.weights, found.intercept], wanted, rtol=1e-9, atol=1e-9)
    rest = np.abs(target - matrix @ wanted).max() / target.std()
    assert found.residual == pytest.approx(rest, rel=1e-9)


def test_no_plane_without_three_columns_that_vary() -> None:
    values = np.arange(10.0)
    assert plane(values, values**2, np.ones(10)) is None
    assert plane(values, values**2, 3 - values**2) is None
    assert plane(values, values + 1, values**2) is None  # the second has no part in it
    assert plane(values[:3], values[:3] ** 2, np.ones(3)) is None
