from __future__ import annotations

import numpy as np

from src.data_eng.catalogue.finding import Severity
from src.data_eng.research.checks.mixing import across_level_findings, given_side_findings
from src.data_eng.research.checks.pool import F64, Pool
from tests.research.checks.pools import ROWS, SESSIONS, failed, pool_of

HIGH, LOW, MARKET = (
    "gold.future.level_pm_high_first3h",
    "gold.future.level_pm_low_first3h",
    "gold.future.market_first3h",
)
PREFIXES = {HIGH: "pm_high_", LOW: "pm_low_"}
COUNT = SESSIONS * ROWS


def levels_pool(columns: dict[str, F64]) -> Pool:
    tables = {
        name: next((t for t, prefix in PREFIXES.items() if name.startswith(prefix)), MARKET)
        for name in columns
    }
    return pool_of(columns, tables=tables)


def walk(seed: int) -> F64:
    return np.asarray(np.random.default_rng(seed).normal(0, 20, COUNT))


def test_a_column_that_is_the_same_for_two_levels_fails() -> None:
    flow = walk(1)
    pool = levels_pool({"pm_high_flow": flow, "pm_low_flow": -flow, "pm_high_size": walk(2)})
    (found,) = across_level_findings(pool, PREFIXES, {})
    assert found.severity is Severity.FAIL
    assert found.columns == ("pm_high_flow", "pm_low_flow")


def test_rows_on_which_neither_says_anything_do_not_count() -> None:
    rng = np.random.default_rng(3)
    first, second = np.zeros(COUNT), np.zeros(COUNT)
    first[: COUNT - 100], second[: COUNT - 100] = rng.normal(size=(2, COUNT - 100))
    first[: COUNT // 8] = second[: COUNT // 8] = 0
    assert (
        across_level_findings(levels_pool({"pm_high_x": first, "pm_low_x": second}), PREFIXES, {})
        == []
    )


def test_columns_of_two_values_are_not_equal_by_sign_row_by_row() -> None:
    sides = np.sign(walk(13)), np.sign(walk(14))
    pool = levels_pool({"pm_high_side": sides[0], "pm_low_side": sides[1]})
    assert across_level_findings(pool, PREFIXES, {}) == []


def test_sessions_in_which_levels_coincide_do_not_count() -> None:
    flow = walk(4)
    pool = levels_pool({"pm_high_flow": flow, "pm_low_flow": flow})
    everything = {frozenset(PREFIXES): frozenset(range(SESSIONS))}
    assert across_level_findings(pool, PREFIXES, everything) == []


def test_a_market_column_turned_toward_the_level_fails() -> None:
    distance, mid_return = walk(5), walk(6)
    columns = {
        "pm_high_distance_ticks": distance,
        "pm_high_velocity": -np.sign(distance) * 3 * mid_return,
        "pm_high_size": walk(7),
        "mid_return": mid_return,
        "mid_return_twice": 2 * mid_return,  # MARKET alone: not this check's concern
    }
    repeated = {name: np.tile(column, 2) for name, column in columns.items()}
    found = given_side_findings(levels_pool(repeated), PREFIXES)
    assert {frozenset(columns) for columns in failed(found)} == {
        frozenset({"mid_return", "pm_high_velocity"}),
        frozenset({"mid_return_twice", "pm_high_velocity"}),
    }
    assert {finding.text.split(" the level")[0] for finding in found} == {
        "with the price above",
        "with the price below",
    }


def test_columns_of_their_own_pass() -> None:
    columns = {
        "pm_high_distance_ticks": walk(8),
        "pm_low_distance_ticks": walk(9),
        "pm_high_size": walk(10),
        "pm_low_size": walk(11),
        "mid_return": walk(12),
    }
    repeated = {name: np.tile(column, 2) for name, column in columns.items()}
    pool = levels_pool(repeated)
    assert across_level_findings(pool, PREFIXES, {}) == []
    assert given_side_findings(pool, PREFIXES) == []
