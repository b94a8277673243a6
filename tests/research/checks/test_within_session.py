from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.data_eng.catalogue.finding import Severity
from src.data_eng.research.checks.pool import F64, Pool
from src.data_eng.research.checks.within_session import fixed_distances, offset_findings
from tests.research.checks.pools import SESSIONS, failed, independent, innocent, pool_of

ROWS = 100
COUNT = SESSIONS * ROWS


def columns_of(seed: int) -> dict[str, F64]:
    rng = np.random.default_rng(seed)
    walk = 20.0 * rng.normal(size=(SESSIONS, ROWS)).cumsum(axis=1).ravel()
    return {**independent(5, seed, COUNT), "walk": walk}


def by_session(seed: int) -> F64:
    rng = np.random.default_rng(seed)
    return np.repeat(rng.lognormal(3.0, 1.0, SESSIONS), ROWS)


@pytest.mark.parametrize(
    ("made", "check", "text"),
    [
        (lambda a, c: a + c, "session offset", "copy = walk + a constant of each session"),
        (lambda a, c: 3 * c - a, "session offset", "copy = -walk + a constant of each session"),
        (lambda a, c: 100 * a - c, "session offset", "copy = 100 walk + a constant"),
        (lambda a, c: a / c, "session factor", "|copy| = |walk| * a constant of each session"),
        (lambda a, c: c / a, "session factor", "|copy| = |walk|^-1 * a constant of each session"),
    ],
)
@given(st.integers(0, 1 << 32))
@settings(max_examples=4)
def test_a_constant_of_each_session_is_found(
    made: Callable[[F64, F64], F64], check: str, text: str, seed: int
) -> None:
    columns = columns_of(seed)
    columns["copy"] = made(columns["walk"], by_session(seed + 1))
    (found,) = offset_findings(pool_of(columns))
    assert (found.severity, found.check) == (Severity.FAIL, check)
    assert found.columns == ("walk", "copy")
    assert found.text.startswith(text)


@pytest.mark.parametrize("share", [0.3, 0.7])
def test_nulls_do_not_hide_it(share: float) -> None:
    rng = np.random.default_rng(1)
    walk = rng.normal(size=(SESSIONS, 500)).cumsum(axis=1)
    copy = (walk - rng.normal(size=(SESSIONS, 1))).ravel()
    columns = {"walk": walk.ravel(), "copy": copy}
    for values in columns.values():
        values[rng.random(len(values)) < share] = np.nan
    assert failed(offset_findings(pool_of(columns))) == [("walk", "copy")]


def test_a_power_of_another_is_no_matter_of_sessions() -> None:
    columns = columns_of(2)
    columns["cube"] = columns["x2"] ** 3
    (found,) = offset_findings(pool_of(columns))
    assert (found.check, found.text) == ("product", "|cube| = 1 |x2|^3")


@pytest.mark.parametrize(("sessions", "count"), [(19, 1), (5, 1), (4, 0)])
def test_few_sessions_are_not_conclusive(sessions: int, count: int) -> None:
    rows = 150
    rng = np.random.default_rng(3)
    walk = rng.normal(size=(SESSIONS, rows)).cumsum(axis=1)
    copy = walk + rng.normal(size=(SESSIONS, 1))
    copy[sessions:] = np.nan
    found = offset_findings(pool_of({"walk": walk.ravel(), "copy": copy.ravel()}))
    assert [one.severity for one in found] == [Severity.WARN] * count


def test_another_slope_in_each_session_is_no_offset() -> None:
    columns = columns_of(4)
    columns["other"] = columns["walk"] * by_session(4) + 7 * by_session(5)
    assert not offset_findings(pool_of(columns))


def test_counts_that_step_together_a_few_times_are_none() -> None:
    step = np.tile((np.arange(ROWS) > 50).astype(np.float64), SESSIONS)
    columns = {**columns_of(5), "first": step, "second": step + by_session(5).round()}
    assert not offset_findings(pool_of(columns))


def test_constants_of_each_session_are_none() -> None:
    assert not offset_findings(pool_of({"first": by_session(6), "second": by_session(7)}))


def test_distances_to_fixed_levels_are_exempt_and_others_are_not() -> None:
    mid = columns_of(8)["walk"]
    names = [f"{level}_distance_ticks" for level in ("pm_high", "or_low", "sma_90")]
    columns = {name: mid - by_session(20 + i) for i, name in enumerate(names)}
    prefixes = {"A": "pm_high_", "B": "or_low_", "C": "sma_90_"}
    exempt = fixed_distances(prefixes)
    assert exempt == {frozenset(names[:2])}
    assert failed(offset_findings(pool_of(columns), exempt)) == [(names[0], names[2])]


def test_each_of_several_is_named_once_with_the_first() -> None:
    columns = columns_of(11)
    for number in range(4):
        columns[f"copy{number}"] = columns["walk"] - by_session(30 + number)
    assert failed(offset_findings(pool_of(columns))) == [
        ("walk", f"copy{number}") for number in range(4)
    ]


def test_features_that_were_named_are_left_out() -> None:
    columns = columns_of(9)
    columns["copy"] = columns["walk"] + by_session(9)
    assert not offset_findings(pool_of(columns), left_out={"copy"})


def test_innocent_columns_are_not_named_in_one_of_200_pools() -> None:
    found = [offset_findings(pool_of(innocent(seed))) for seed in range(200)]
    assert found == [[]] * 200


def test_fewer_than_20_sessions_are_refused() -> None:
    with pytest.raises(ValueError, match="19 sessions pooled, 20 are needed"):
        offset_findings(pool_of(independent(3, 0, rows=190), 19))


def slowly(pool: Pool) -> set[tuple[str, str]]:
    """Pairs with one slope and a constant of each session, by least squares with dummies."""
    found = set()
    session = np.repeat(np.eye(len(pool.sessions)), [len(s) for s in pool.sessions], axis=0)
    for first, second in combinations(range(len(pool.names)), 2):
        a, b = pool.column(first), pool.column(second)
        common = np.isfinite(a) & np.isfinite(b)
        matrix = np.column_stack([a, session])[common]
        solved, *_ = np.linalg.lstsq(matrix, b[common], rcond=None)
        inner = b[common] - session[common] @ np.linalg.lstsq(session[common], b[common])[0]
        if np.abs(b[common] - matrix @ solved).max() < 1e-6 * inner.std():
            found.add((pool.names[first], pool.names[second]))
    return found


@given(st.integers(0, 1 << 32))
@settings(max_examples=3)
def test_it_finds_what_least_squares_with_a_dummy_for_each_session_finds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    columns = {f"x{i}": rng.normal(size=COUNT) for i in range(6)}
    columns["x2"] = 3.0 * columns["x0"] + by_session(seed)
    columns["x5"] = by_session(seed + 1) - columns["x4"]
    for name in ("x0", "x5"):
        columns[name][rng.random(COUNT) < 0.2] = np.nan
    pool = pool_of(columns)
    found = {one.columns for one in offset_findings(pool)}
    assert found == slowly(pool) == {("x0", "x2"), ("x4", "x5")}
