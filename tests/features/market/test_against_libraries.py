"""Features that a maintained library computes too, on random days."""

from __future__ import annotations

import numpy as np
import pytest
import talib
from hypothesis import given
from hypothesis import strategies as st

from src.data_eng.features.book.day_seconds import F64
from src.data_eng.features.book.second_sums import BUY, OFI_L1, SELL
from src.data_eng.features.market.liquidity import (
    kyle_lambda,
    ols_slope,
    order_flow_imbalance_price_impact,
)
from src.data_eng.features.market.volatility import StepReturns, variance_ratio
from src.data_eng.features.true_range import average_true_range, last_closed
from tests.features.market.market_days import day_seconds, random_records

DAYS = pytest.mark.parametrize("seed", [0, 4, 5])


@given(seed=st.integers(0, 10**9), bars=st.integers(0, 200))
def test_average_true_range_is_that_of_ta_lib(seed: int, bars: int) -> None:
    rng = np.random.default_rng(seed)
    close = 6000 + np.cumsum(rng.normal(0, 2, bars))
    high, low = close + rng.exponential(1, bars), close - rng.exponential(1, bars)
    found = average_true_range(high, low, close)
    expected = talib.ATR(high, low, close, 14) if bars > 1 else np.full(bars, np.nan)
    assert np.allclose(found, expected, rtol=1e-10, equal_nan=True)
    assert np.isnan(found[:14]).all()
    assert not np.isnan(found[14:]).any()


def test_the_last_closed_bar_is_known_at_its_end() -> None:
    ends = np.array([120, 240, 480])
    found = last_closed(ends, np.array([1.0, 2.0, 3.0]), np.array([0, 119, 120, 239, 240, 500]))
    assert found.tolist()[2:] == [1.0, 1.0, 2.0, 3.0]
    assert np.isnan(found[:2]).all()


def test_no_bar_gives_no_value() -> None:
    found = last_closed(np.zeros(0, np.int64), np.zeros(0), np.array([1, 2]))
    assert np.isnan(found).all()


@DAYS
def test_variance_ratio_is_that_of_arch(seed: int) -> None:
    from arch.unitroot import VarianceRatio  # noqa: PLC0415 - seconds, in every worker

    day = day_seconds(random_records(seed, 3000))
    found = variance_ratio(StepReturns(day), 12, 1800)
    for row in (0, 77, 400):
        mids = day.mids[day.rows[row] - 1800 : day.rows[row] + 1 : 5]
        expected = VarianceRatio(np.log(mids), 12, trend="c", debiased=True, overlap=True)
        assert found[row] == pytest.approx(expected.vr, rel=1e-9)


@DAYS
@pytest.mark.parametrize("kind", ["trades", "book"])
def test_price_impact_is_the_least_squares_slope_of_statsmodels(seed: int, kind: str) -> None:
    import statsmodels.api as sm  # noqa: PLC0415 - as above

    day = day_seconds(random_records(seed, 3000))
    sums = day.seconds.sums
    flow = sums[:, BUY] - sums[:, SELL] if kind == "trades" else sums[:, OFI_L1]
    found = (kyle_lambda if kind == "trades" else order_flow_imbalance_price_impact)(day, 1800)
    for row in (0, 133, 400):
        end = day.rows[row]
        x = flow[end - 1800 : end].reshape(180, 10).sum(axis=1) / 1000
        y = np.diff(day.mids[end - 1800 : end + 1 : 10])
        fit = sm.OLS(y, sm.add_constant(x)).fit()
        assert found[row] == pytest.approx(fit.params[1], rel=1e-9)


def test_a_slope_leaves_out_missing_pairs_and_needs_variation() -> None:
    nan = np.nan
    x: F64 = np.array([[1.0, 2.0, 4.0, 9.0], [3.0, 3.0, 3.0, nan]])
    y: F64 = np.array([[2.0, 4.0, 8.0, nan], [1.0, 2.0, 3.0, 4.0]])
    found = ols_slope(x, y)
    assert found[0] == pytest.approx(2.0)
    assert np.isnan(found[1])
