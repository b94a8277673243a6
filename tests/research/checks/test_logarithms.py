from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from src.data_eng.catalogue.finding import Severity
from src.data_eng.research.checks.logarithms import log_size, product_findings
from src.data_eng.research.checks.pool import F64, Pool
from tests.research.checks.pools import SESSIONS, failed, independent, pool_of

ROWS = 60
COUNT = SESSIONS * ROWS


def positive(seed: int) -> dict[str, F64]:
    rng = np.random.default_rng(seed)
    return {f"x{index}": rng.lognormal(index, 1.0, COUNT) for index in range(6)}


def products(pool: Pool) -> list[tuple[str, ...]]:
    return failed(product_findings(pool, range(len(pool.names)), "MARKET"))


def test_the_logarithm_of_the_size() -> None:
    values = np.array([[1.0, -np.e], [0.0, np.inf], [np.nan, 0.5]])
    wanted = np.array([[0.0, 1.0], [np.nan, np.nan], [np.nan, np.log(0.5)]])
    np.testing.assert_allclose(log_size(values), wanted, rtol=1e-15)
    assert values[0, 1] == -np.e


@given(st.integers(0, 1 << 32), st.integers(-2, 2).filter(bool))
@settings(max_examples=15)
def test_a_product_of_four_is_found_whatever_its_signs(seed: int, power: int) -> None:
    columns = positive(seed)
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], COUNT)
    columns["made"] = signs * columns["x0"] * columns["x1"] / columns["x2"] * columns["x3"] ** power
    ((named,),) = products(pool_of(columns))
    assert named in {"made", "x0", "x1", "x2", "x3"}
    assert not failed(product_findings(pool_of(columns), range(4), "MARKET"))


def test_what_is_often_0_is_left_out_and_told_once() -> None:
    columns = positive(1) | {"rare": np.zeros(COUNT), "rarer": np.zeros(COUNT)}
    columns["rare"][:30] = columns["rarer"][:20] = 1.5
    (found,) = product_findings(pool_of(columns), range(len(columns)), "MARKET")
    assert (found.severity, found.columns) == (Severity.WARN, ("rarer", "rare"))


def test_independent_columns_raise_nothing_in_30_pools() -> None:
    assert [products(pool_of(independent(10, seed, COUNT))) for seed in range(30)] == [[]] * 30
