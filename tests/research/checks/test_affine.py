from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from src.data_eng.catalogue.finding import Severity
from src.data_eng.research.checks.affine import affine_findings, relation
from src.data_eng.research.checks.pool import F64, MIN_ROWS
from tests.research.checks.pools import ROWS, SESSIONS, failed, independent, pool_of

SEEDS = st.integers(0, 1 << 32)
SIZES = st.floats(1e-3, 1e3)
SIGNS = st.sampled_from([-1.0, 1.0])


def holes(values: F64, seed: int, share: float = 0.2) -> F64:
    rng = np.random.default_rng(seed)
    return np.where(rng.random(len(values)) < share, np.nan, values)


@given(SEEDS)
@settings(max_examples=15)
def test_independent_features_raise_nothing(seed: int) -> None:
    columns = {name: holes(v, seed + i) for i, (name, v) in enumerate(independent(8, seed).items())}
    assert not affine_findings(pool_of(columns))


@given(SEEDS, st.integers(0, 4), SIZES, SIGNS, st.floats(-1e4, 1e4), st.booleans())
@settings(max_examples=30)
def test_an_affine_copy_and_a_sign_flip_fail(
    seed: int, source: int, size: float, sign: float, shift: float, has_holes: bool
) -> None:
    columns = independent(5, seed)
    original = columns[f"x{source}"]
    # Else the shift would swallow the digits of the copy.
    assume(abs(shift) < 1e6 * size * float(original.std()))
    copy = shift + sign * size * original
    columns["copy"] = holes(copy, seed) if has_holes else copy
    findings = affine_findings(pool_of(columns))
    assert failed(findings) == [(f"x{source}", "copy")]
    assert not [found for found in findings if found.severity is Severity.WARN]


@given(SEEDS, st.floats(0.5, 3.0), SIZES)
@settings(max_examples=15)
def test_a_power_and_a_ratio_fail_on_logarithms(seed: int, power: float, size: float) -> None:
    assume(abs(power - 1) > 0.05)
    columns = independent(5, seed)
    columns["copy"] = np.expm1(power * np.log1p(columns["x2"]))
    findings = affine_findings(pool_of(columns))
    assert failed(findings) == [("x2", "copy")]
    assert findings[0].check == "log affine"
    assert "log1p(copy) = " in findings[0].text


@given(SEEDS, SIZES, SIGNS)
@settings(max_examples=15)
def test_the_logarithm_of_a_feature_fails(seed: int, size: float, sign: float) -> None:
    columns = independent(5, seed)
    columns["copy"] = 3.0 + sign * size * np.log1p(columns["x2"])
    assert {frozenset(pair) for pair in failed(affine_findings(pool_of(columns)))} == {
        frozenset({"x2", "copy"})
    }


@pytest.mark.parametrize(("noise", "warns"), [(0.05, True), (0.17, False), (0.5, False)])
def test_a_near_duplicate_is_a_warning(noise: float, warns: bool) -> None:
    columns = independent(5, 1)
    rng = np.random.default_rng(1)
    columns["near"] = -columns["x4"] + noise * columns["x4"].std() * rng.normal(
        size=SESSIONS * ROWS
    )
    findings = affine_findings(pool_of(columns))
    assert [(f.severity, f.columns) for f in findings] == (
        [(Severity.WARN, ("x4", "near"))] if warns else []
    )
    assert not warns or "correlation -0.99" in findings[0].text


@pytest.mark.parametrize(("residual", "severity"), [(2e-7, Severity.FAIL), (1e-4, Severity.WARN)])
def test_the_residual_decides_between_copy_and_near_duplicate(
    residual: float, severity: Severity
) -> None:
    columns = {"a": np.tile([-1.0, 1.0, 0.5, 0.0], 200)}
    columns["b"] = columns["a"] + residual * np.tile([0.0, 0.0, 1.0, -1.0], 200)
    (found,) = affine_findings(pool_of(columns))
    assert found.severity is severity


def test_one_outlier_row_is_no_copy() -> None:
    columns = independent(5, 2)
    columns["other"] = columns["x4"].copy()
    columns["other"][7] += columns["x4"].std()
    assert not failed(affine_findings(pool_of(columns)))


@pytest.mark.parametrize("same", [True, False])
def test_identical_values_are_told_with_their_nulls(same: bool) -> None:
    columns = independent(5, 3)
    columns["a"] = holes(columns["x4"], 1)
    columns["b"] = columns["a"].copy() if same else holes(columns["x4"], 2)
    del columns["x4"]
    (found,) = affine_findings(pool_of(columns))
    assert found.severity is Severity.FAIL
    assert "identical values" in found.text
    assert ("null on different rows" in found.text) is not same


def test_identical_null_masks_alone_are_allowed() -> None:
    columns = {name: holes(values, 1) for name, values in independent(5, 4).items()}
    assert not affine_findings(pool_of(columns))


@pytest.mark.parametrize("outlier", [1e6, 1e8, 1e9, 3e9, 1e10, 1e12])
@given(SEEDS)
@settings(max_examples=8)
def test_copies_on_common_rows_of_little_variation_are_found(outlier: float, seed: int) -> None:
    # Over all rows the two are swamped by one value each that the other has no row for.
    a = np.random.default_rng(seed).normal(size=SESSIONS * ROWS)
    b = -2.0 * a
    a[3], b[3], a[90], b[90] = outlier, np.nan, np.nan, outlier
    assert failed(affine_findings(pool_of({"a": a, "b": b}))) == [("a", "b")]


def test_near_the_logarithm_of_a_feature_is_no_duplicate() -> None:
    columns = independent(5, 12)
    noise = np.random.default_rng(0).normal(size=SESSIONS * ROWS)
    columns["other"] = -np.log1p(columns["x2"]) - 1e-3 * noise
    assert np.corrcoef(columns["other"], np.log1p(columns["x2"]))[0, 1] < -0.9999
    assert not affine_findings(pool_of(columns))


@pytest.mark.parametrize(("rows", "fails"), [(MIN_ROWS, True), (MIN_ROWS - 1, False)])
def test_500_common_rows_are_needed(rows: int, fails: bool) -> None:
    columns = independent(5, 6)
    copy = columns["x4"].copy()
    chosen = np.random.default_rng(0).permutation(len(copy))[: len(copy) - rows]
    copy[chosen] = np.nan
    columns["copy"] = copy
    assert bool(failed(affine_findings(pool_of(columns)))) is fails


def test_a_copy_on_few_sessions_is_no_conclusion() -> None:
    columns = independent(5, 7, rows=20 * 100)
    columns["copy"] = columns["x4"].copy()
    columns["copy"][19 * 100 :] = np.nan
    (found,) = affine_findings(pool_of(columns))
    assert found.severity is Severity.WARN
    assert "19 sessions only" in found.text


def test_distances_that_differ_by_a_constant_within_a_session_are_no_copies() -> None:
    rng = np.random.default_rng(8)
    mid = rng.normal(0, 40, SESSIONS * ROWS).cumsum()
    high, low = (np.repeat(rng.normal(0, 40, SESSIONS), ROWS) for _ in range(2))
    columns = {"pm_high_distance_ticks": mid - high, "pm_low_distance_ticks": mid - low}
    assert not failed(affine_findings(pool_of(columns)))


@pytest.mark.parametrize("other", [np.zeros(800), np.full(800, 0.1), np.full(800, np.nan)])
def test_constants_and_empty_features_raise_nothing(other: F64) -> None:
    columns = {**independent(5, 9), "other": other, "again": other.copy()}
    assert not affine_findings(pool_of(columns))


def test_sessions_left_out_for_two_tables_do_not_count_there_but_elsewhere() -> None:
    columns = independent(5, 10, rows=40 * ROWS)
    columns["a"] = columns["x4"].copy()
    columns["b"] = columns["x4"].copy()
    columns["b"][20 * ROWS :] = columns["x0"][20 * ROWS :]  # differ in the last 20 sessions
    del columns["x4"]
    tables = {"a": "A", "b": "B"}
    pool = pool_of(columns, 40, tables)
    pair = frozenset({"A", "B"})
    assert not failed(affine_findings(pool))
    assert failed(affine_findings(pool, {pair: frozenset(range(20, 40))})) == [("a", "b")]
    (found,) = affine_findings(
        pool, {pair: frozenset(range(19, 40)), frozenset({"A"}): frozenset()}
    )
    assert found.severity is Severity.WARN


def test_fewer_than_20_sessions_are_refused() -> None:
    with pytest.raises(ValueError, match="19 sessions pooled, 20 are needed"):
        affine_findings(pool_of(independent(2, 0, rows=190), 19))


def test_infinite_values_count_as_missing() -> None:
    columns = independent(5, 11)
    columns["copy"] = columns["x4"] * 2
    columns["copy"][5] = np.inf
    assert failed(affine_findings(pool_of(columns))) == [("x4", "copy")]


@given(SEEDS, st.floats(-10, 10), st.floats(-10, 10))
@settings(max_examples=25)
def test_the_relation_is_that_of_least_squares(seed: int, slope: float, intercept: float) -> None:
    rng = np.random.default_rng(seed)
    a = rng.normal(5, 3, MIN_ROWS)
    b = intercept + slope * a + rng.normal(size=MIN_ROWS)
    found = relation(a, b)
    assert found is not None
    (wanted_slope, wanted_intercept), *_ = np.polyfit(a, b, 1, full=True)
    assert found.slope == pytest.approx(wanted_slope, rel=1e-9, abs=1e-9)
    assert found.intercept == pytest.approx(wanted_intercept, rel=1e-9, abs=1e-9)
    assert found.pearson == pytest.approx(np.corrcoef(a, b)[0, 1], rel=1e-9)
    rest = np.abs(b - wanted_intercept - wanted_slope * a).max() / b.std()
    assert found.residual == pytest.approx(rest, rel=1e-9)
