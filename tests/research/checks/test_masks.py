from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import numpy as np
import numpy.typing as npt
import pytest

from src.data_eng.catalogue.finding import Severity
from src.data_eng.research.checks.mask_states import (
    NULL,
    QUOTE,
    UNKNOWN,
    VALUE,
    informative_masks,
    known,
)
from src.data_eng.research.checks.masks import mask_findings
from src.data_eng.research.checks.pool import F64, Pool
from tests.research.checks.pools import SESSIONS, innocent, pool_of

ROWS = 150
COUNT = SESSIONS * ROWS
Bools = npt.NDArray[np.bool_]
HIGH, LOW, MARKET = "level_pm_high", "level_pm_low", "market"


def levels_pool(columns: dict[str, F64]) -> Pool:
    tables = {
        name: HIGH if name.startswith("pm_high") else LOW if name.startswith("pm_low") else MARKET
        for name in columns
    }
    return pool_of(columns, tables=tables)


def noise(seed: int) -> F64:
    return np.asarray(np.random.default_rng(seed).normal(size=COUNT))


def where(mask: Bools, seed: int) -> F64:
    """Noise, null where a mask is true."""
    return np.where(mask, np.nan, noise(seed))


def told(pool: Pool) -> list[tuple[Severity, str, tuple[str, ...]]]:
    return [(one.severity, one.check, one.columns) for one in mask_findings(pool)]


@pytest.mark.parametrize("turned", [False, True])
def test_a_flag_that_is_a_mask_fails(turned: bool) -> None:
    touching = noise(1) > 0.5
    columns = {
        "pm_high_duration": where(~touching, 2),
        "pm_high_touching": (touching ^ turned).astype(np.float64),
        "pm_high_other": noise(3),
    }
    (found,) = mask_findings(levels_pool(columns))
    assert (found.severity, found.check) == (Severity.FAIL, "indicator")
    assert found.columns == ("pm_high_duration", "pm_high_touching")
    bound = ">= 1" if turned else "<= 0"
    assert found.text == f"pm_high_duration: null exactly where pm_high_touching {bound}"


def test_a_flag_that_differs_from_the_mask_on_a_row_is_its_own() -> None:
    touching = noise(1) > 0.5
    flag = touching.astype(np.float64)
    flag[1000] = 1 - flag[1000]
    columns = {"pm_high_duration": where(~touching, 2), "pm_high_touching": flag}
    assert not mask_findings(levels_pool(columns))


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (lambda x: x > 0.5, "null exactly where spread >= 0.5"),
        (lambda x: x < -0.5, "null exactly where spread <= -0.5"),
        (lambda x: np.abs(x) > 1, "null exactly where |spread| >= 1"),
        (lambda x: np.abs(x) < 0.7, "null exactly where |spread| <= 0.6"),
    ],
)
def test_a_level_that_is_null_by_a_market_column_is_told(
    rule: Callable[[F64], Bools], text: str
) -> None:
    columns = {"spread": noise(4), "pm_high_size": where(rule(noise(4)), 5)}
    (found,) = mask_findings(levels_pool(columns))
    assert (found.severity, found.check) == (Severity.WARN, "mask")
    assert found.columns == ("spread", "pm_high_size")
    assert f"pm_high_size: {text}" in found.text


def test_the_null_rule_of_a_column_of_its_own_table_is_none() -> None:
    distance = 20 * noise(6)
    columns = {
        "pm_high_distance": distance,
        "pm_high_size": where(np.abs(distance) > 10, 7),
        "pm_high_orders": where(np.abs(distance) > 10, 8),
        "spread": noise(9),
    }
    assert not mask_findings(levels_pool(columns))


def test_two_levels_that_are_null_together_are_told_once() -> None:
    mask = noise(10) > 0.3
    columns = {
        "pm_high_size": where(mask, 11),
        "pm_high_orders": where(mask, 12),
        "pm_low_size": where(mask, 13),
        "pm_low_orders": where(noise(14) > 0.3, 15),
    }
    (found,) = mask_findings(levels_pool(columns))
    assert (found.severity, found.columns) == (Severity.WARN, ("pm_high_size", "pm_low_size"))
    assert found.text == (
        "pm_high_size and 1 more of its table: null on the same rows as pm_low_size"
    )


def test_a_book_without_a_quote_is_no_finding() -> None:
    mask = noise(16) > 0.3
    columns = {
        QUOTE: where(mask, 17),
        "pm_high_size": where(mask, 18),
        "pm_low_size": where(mask, 19),
    }
    assert not mask_findings(levels_pool(columns))
    renamed = {("spread" if name == QUOTE else name): v for name, v in columns.items()}
    assert len(mask_findings(levels_pool(renamed))) == 3


def test_warm_up_is_no_finding() -> None:
    second = np.tile(np.arange(ROWS), SESSIONS)
    early = second < np.repeat(np.random.default_rng(20).integers(20, 100, SESSIONS), ROWS)
    columns = {
        "seconds": second.astype(np.float64),
        "is_known": (~early).astype(np.float64),
        "pm_high_size": where(early, 21),
        "pm_low_size": where(early, 22),
    }
    assert not mask_findings(levels_pool(columns))


def test_nulls_that_end_a_session_are_told() -> None:
    second = np.tile(np.arange(ROWS), SESSIONS)
    columns = {
        "seconds": second.astype(np.float64),
        "pm_high_size": where(second > 100, 23),
    }
    assert told(levels_pool(columns)) == [(Severity.WARN, "mask", ("seconds", "pm_high_size"))]


@pytest.mark.parametrize(("sessions", "severity"), [(20, "FAIL"), (8, "WARN"), (4, None)])
def test_few_sessions_are_not_conclusive(sessions: int, severity: str | None) -> None:
    rows = 300
    values = np.random.default_rng(24).normal(size=SESSIONS * rows)
    values[sessions * rows :] = -1.0
    mask = values > 0
    size = np.where(mask, np.nan, np.random.default_rng(25).normal(size=len(values)))
    columns = {"pm_high_size": size, "pm_high_is_far": mask.astype(np.float64)}
    assert [one.severity for one in mask_findings(levels_pool(columns))] == (
        [] if severity is None else [severity]
    )


def test_sessions_in_which_levels_coincide_do_not_count() -> None:
    mask = noise(26) > 0.3
    columns = {"pm_high_size": where(mask, 27), "pm_low_size": where(mask, 28)}
    pool, pair = levels_pool(columns), frozenset({HIGH, LOW})
    assert len(mask_findings(pool, {pair: frozenset(range(10))})) == 1
    assert not mask_findings(pool, {pair: frozenset(range(SESSIONS))})


def test_innocent_columns_are_not_named_in_one_of_200_pools() -> None:
    for seed in range(200):
        columns = innocent(seed)
        names = list(columns)
        tables = {name: (HIGH, LOW, MARKET)[i % 3] for i, name in enumerate(names)}
        # By its own column, see `innocent`; both late columns are warm-up alone.
        tables["far_walk"] = tables["walk1"]
        assert not mask_findings(pool_of(columns, tables=tables))


def test_the_states_of_a_session() -> None:
    present = np.array([False, False, True, False, True, True])
    quote = np.array([True, True, True, True, False, True])
    assert known(present, quote).tolist() == [UNKNOWN, UNKNOWN, VALUE, NULL, UNKNOWN, VALUE]
    assert known(~present[:1] & False, quote[:1]).tolist() == [UNKNOWN]


def test_columns_of_one_table_share_a_mask() -> None:
    mask = noise(30) > 0.3
    columns = {
        "pm_high_a": where(mask, 1),
        "pm_high_b": where(mask, 2),
        "pm_high_full": noise(3),
        "pm_low_a": where(mask, 4),
    }
    masks = informative_masks(levels_pool(columns))
    assert [one.names for one in masks] == [("pm_high_a", "pm_high_b"), ("pm_low_a",)]


def slowly(pool: Pool) -> set[tuple[str, str]]:
    """Pairs of a mask and a column of another table that a bound on it, or on its size, gives."""
    found = set()
    for a, b in permutations(range(len(pool.names)), 2):
        known_values: list[float] = []
        known_nulls: list[float] = []
        for session in pool.sessions:
            values, other = session[:, a].tolist(), session[:, b].tolist()
            is_warm = False
            for value, beside in zip(values, other, strict=True):
                is_warm = is_warm or np.isfinite(value)
                if is_warm and np.isfinite(beside):
                    (known_values if np.isfinite(value) else known_nulls).append(beside)
        if pool.tables[a] == pool.tables[b] or not known_nulls or not known_values:
            continue
        for is_size in (False, True):
            nulls = [abs(value) if is_size else value for value in known_nulls]
            rest = [abs(value) if is_size else value for value in known_values]
            if max(nulls) < min(rest) or max(rest) < min(nulls):
                found.add((pool.names[b], pool.names[a]))
    return found


@pytest.mark.parametrize("seed", range(5))
def test_it_finds_what_a_look_at_every_pair_finds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    columns = {"spread": noise(seed), "flow": noise(seed + 50), "pm_low_size": noise(seed + 60)}
    columns["pm_high_a"] = where(columns["spread"] > 0.4, seed + 70)
    columns["pm_high_b"] = where(np.abs(columns["flow"]) > 0.9, seed + 80)
    columns["pm_low_c"] = where(rng.random(COUNT) < 0.4, seed + 90)
    columns["flow"][rng.random(COUNT) < 0.1] = np.nan
    pool = levels_pool(columns)
    found = {one.columns for one in mask_findings(pool)}
    assert found == slowly(pool) == {("spread", "pm_high_a"), ("flow", "pm_high_b")}
