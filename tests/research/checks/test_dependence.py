from __future__ import annotations

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st

from src.data_eng.catalogue.finding import Finding, Severity
from src.data_eng.research.checks.dependence import dependence_findings, pivoted_qr
from src.data_eng.research.checks.pool import Pool
from tests.research.checks.pools import ROWS, SESSIONS, failed, independent, pool_of

SEEDS = st.integers(0, 1 << 32)


def check(pool: Pool) -> list[Finding]:
    return dependence_findings(pool, range(len(pool.names)), "MARKET")


@given(SEEDS, st.integers(1, 30), st.integers(1, 30))
@settings(max_examples=40)
def test_pivoted_qr_is_that_of_lapack(seed: int, rows: int, columns: int) -> None:
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(rows, columns)) * 10.0 ** rng.integers(-3, 4, columns)
    before = matrix.copy()
    r, permutation = pivoted_qr(matrix)
    _, wanted, order = scipy.linalg.qr(matrix, mode="economic", pivoting=True)
    assert np.array_equal(matrix, before)
    assert np.array_equal(permutation, order)
    tolerance = 1e-12 * float(np.abs(wanted).max())
    np.testing.assert_allclose(np.abs(r), np.abs(wanted), rtol=1e-9, atol=tolerance)


@given(SEEDS, st.integers(2, 12), st.integers(1, 5))
@settings(max_examples=30)
def test_pivoted_qr_keeps_the_product_and_shows_the_rank(seed: int, size: int, rank: int) -> None:
    rng = np.random.default_rng(seed)
    rank = min(rank, size)
    matrix = rng.normal(size=(40, rank)) @ rng.normal(size=(rank, size))
    r, permutation = pivoted_qr(matrix)
    moved = matrix[:, permutation]
    np.testing.assert_allclose(r.T @ r, moved.T @ moved, rtol=1e-9, atol=1e-9)
    diagonal = np.abs(np.diag(r))
    assert np.all(diagonal[1:] <= diagonal[:-1] * (1 + 1e-9))
    assert np.count_nonzero(diagonal > 1e-8 * diagonal[0]) == rank
    assert np.array_equal(r, np.triu(r))


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (5, 0)])
def test_pivoted_qr_of_nothing(shape: tuple[int, int]) -> None:
    r, permutation = pivoted_qr(np.zeros(shape))
    assert r.shape == (0, shape[1])
    assert sorted(permutation) == list(range(shape[1]))


def test_pivoted_qr_of_zeros() -> None:
    r, permutation = pivoted_qr(np.zeros((4, 3)))
    assert not r.any()
    assert sorted(permutation) == [0, 1, 2]


@given(SEEDS)
@settings(max_examples=15)
def test_independent_features_raise_nothing(seed: int) -> None:
    assert not check(pool_of(independent(12, seed)))


@given(SEEDS, st.floats(0.1, 10), st.floats(-1e3, 1e3))
@settings(max_examples=25)
def test_a_difference_fails_and_is_told(seed: int, size: float, shift: float) -> None:
    columns = independent(6, seed)
    # Standardised, so that no term is lost in the digits of another.
    b, c = ((x - x.mean()) / x.std() for x in (columns["x0"], columns["x1"]))
    columns |= {"x0": b, "x1": c, "width": shift + size * (b - c)}
    (found,) = check(pool_of(columns))
    assert found.severity is Severity.FAIL
    (named,) = found.columns
    others = {"x0", "x1", "width"} - {named}
    assert others < set(found.text.split())
    assert not {"x2", "x3", "x4", "x5"} & set(found.text.split())


def test_the_terms_are_those_of_the_combination() -> None:
    columns = independent(5, 1)
    columns["sum"] = 2.0 * columns["x4"] - 0.5 * columns["x1"] + 7.0
    (found,) = check(pool_of(columns))
    wanted = {
        "sum": {"+2 x4", "-0.5 x1"},
        "x4": {"+0.5 sum", "+0.25 x1"},
        "x1": {"-2 sum", "+4 x4"},
    }[found.columns[0]]
    words = found.text.split(": constant ")[1].split()
    assert {f"{a} {b}" for a, b in zip(words[::2], words[1::2], strict=True)} == wanted


def test_several_dependent_features_are_each_named() -> None:
    columns = independent(6, 2)
    columns["y0"] = columns["x1"] / columns["x1"].std() + columns["x2"] / columns["x2"].std()
    columns["y1"] = -columns["x3"]
    columns["y2"] = columns["x4"] * 4 + 2
    assert len(failed(check(pool_of(columns)))) == 3


def test_a_small_difference_is_no_dependence() -> None:
    columns = independent(5, 3)
    rng = np.random.default_rng(3)
    columns["near"] = columns["x4"] + 1e-5 * rng.normal(size=SESSIONS * ROWS)
    assert not check(pool_of(columns))


@pytest.mark.parametrize("sessions_with_rows", [20, 25])
def test_rows_with_a_null_are_left_out(sessions_with_rows: int) -> None:
    columns = independent(5, 4, rows=25 * 100)
    columns["sum"] = columns["x4"] + columns["x1"]
    columns["x4"][::3] = np.nan
    columns["sum"][sessions_with_rows * 100 :] = np.nan
    columns["sum"][1] = np.inf
    assert len(failed(check(pool_of(columns, 25)))) == 1


@pytest.mark.parametrize(("rows", "complete"), [(ROWS, "200"), (10 * ROWS, "2,000")])
def test_a_sparse_feature_is_left_out_and_said_so_and_hides_no_other(
    rows: int, complete: str
) -> None:
    columns = independent(5, 5, rows=SESSIONS * rows)
    columns["copy"] = columns["x4"] + columns["x1"]
    columns["sparse"] = columns["x4"] - columns["x1"]
    columns["sparse"][5 * rows :] = np.nan
    findings = check(pool_of(columns))
    assert len(failed(findings)) == 1
    (warned,) = [found for found in findings if found.severity is Severity.WARN]
    assert warned.columns == ("sparse",)
    assert f"{complete} complete rows in 5 sessions" in warned.text


def test_a_constant_is_left_out_and_said_so() -> None:
    columns = {**independent(3, 6), "constant": np.full(SESSIONS * ROWS, 0.1)}
    (found,) = check(pool_of(columns))
    assert (found.severity, found.columns) == (Severity.WARN, ("constant",))


def test_only_the_columns_of_the_block_count() -> None:
    columns = independent(5, 7)
    columns["copy"] = columns["x4"]
    pool = pool_of(columns)
    assert not dependence_findings(pool, [0, 1, 4], "MARKET")
    assert failed(dependence_findings(pool, [0, 4, 5], "MARKET"))
    assert not dependence_findings(pool, [], "MARKET")


def test_fewer_than_20_sessions_are_refused() -> None:
    with pytest.raises(ValueError, match="19 sessions pooled"):
        check(pool_of(independent(2, 0, rows=190), 19))


def test_a_relation_of_the_complete_rows_alone_only_warns() -> None:
    rng = np.random.default_rng(5)
    flag = (rng.random(SESSIONS * ROWS) < 0.5).astype(np.float64)
    agrees = rng.random(len(flag)) < 0.7
    side = np.where(agrees, 1 - 2 * flag, 2.0)
    sparse = np.where(agrees, rng.normal(size=len(flag)), np.nan)  # missing where they disagree
    found = check(pool_of({"sparse": sparse, "flag": flag, "side": side}))
    (warning,) = found
    assert warning.severity is Severity.WARN
    assert "on the complete rows of the block alone" in str(warning)
