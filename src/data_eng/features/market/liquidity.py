"""Price impact and illiquidity. Float64, shape (m,), NaN where missing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ...elementary import log
from ..book.day_seconds import F64, I64, DaySeconds, by_rows, change, only, ratio
from ..book.second_sums import BUY, NOTIONAL, OFI_L1, SELL, VOLUME
from ..feature import EVEN, Feature, FeatureList
from .volatility import BPS

FEATURES: Final = FeatureList()


STEP_SECONDS = 10
BAR_SECONDS = 60
_THOUSAND = 1e3
_HUNDRED_MILLION = 1e8
_LIMITS = np.iinfo(np.int64)
_MIN_TRADED_STEPS = 60
_MIN_TRADED_BARS = 20


@FEATURES.add(
    Feature(
        "kyle_lambda_{seconds}s",
        doc=(
            "Kyle's lambda: OLS slope of dm (ticks) on signed volume (1,000 contracts), 10 s "
            "intervals, with intercept. Intervals without a mid at either end are left out."
        ),
        unit="ticks per 1,000 contracts",
        window="{seconds} s, 180 intervals that end at ts",
        null_rule="Null if <60 intervals with volume or zero variance.",
        mirror=EVEN,
        source="Kyle 1985; Hasbrouck 2009",
        each={"seconds": (1800,)},
    )
)
def kyle_lambda(day: DaySeconds, seconds: int) -> F64:
    """Return the OLS slope of the mid's change on signed volume, ticks per 1,000 contracts.

    10 s intervals that end at ``ts``, with intercept (Kyle 1985; Hasbrouck 2009). Intervals without
    a mid at either end are left out. NaN with fewer than 60 intervals with volume, or where the
    signed volume does not vary.
    """
    steps = seconds // STEP_SECONDS
    signed = day.each_window(BUY, STEP_SECONDS) - day.each_window(SELL, STEP_SECONDS)
    return _impact(day, signed, steps)


@FEATURES.add(
    Feature(
        "order_flow_imbalance_price_impact_{seconds}s",
        doc=(
            "Price impact of order flow imbalance: OLS slope of dm (ticks) on OFI_1 (1,000 "
            "contracts), 10 s intervals, with intercept."
        ),
        unit="ticks per 1,000 contracts",
        window="{seconds} s, 180 intervals that end at ts",
        null_rule="As kyle_lambda: null if fewer than 60 intervals with volume or zero variance.",
        mirror=EVEN,
        source="Cont, Kukanov & Stoikov 2014",
        each={"seconds": (1800,)},
    )
)
def order_flow_imbalance_price_impact(day: DaySeconds, seconds: int) -> F64:
    """Return the OLS slope of the mid's change on ``OFI_1``, ticks per 1,000 contracts.

    As `kyle_lambda` (Cont, Kukanov & Stoikov 2014).
    """
    steps = seconds // STEP_SECONDS
    return _impact(day, day.each_window(OFI_L1, STEP_SECONDS), steps)


@FEATURES.add(
    Feature(
        "amihud_illiquidity_{seconds}s",
        doc=(
            "Amihud illiquidity: mean over 1-min bars of |r| (bps) / notional traded (USD 100 m), "
            "r = log return of the mid from the start of a bar to its end."
        ),
        unit="bps per USD 100 m",
        window="{seconds} s, 30 bars that end at ts",
        null_rule="Null if fewer than 20 bars with volume and a mid at both ends.",
        mirror=EVEN,
        source="Amihud 2002",
        each={"seconds": (1800,)},
    )
)
def amihud_illiquidity(day: DaySeconds, seconds: int) -> F64:
    """Return the mean over 1-min bars of ``|r|`` (bps) over notional traded (USD 100 m).

    The bars end at ``ts``; ``r`` is the log return of the mid from a bar's start to its end (Amihud
    2002). Bars without volume or without a mid at either end are left out; NaN with fewer than 20.
    """
    bars = seconds // BAR_SECONDS
    size = BPS * np.abs(change(log(day.mids), BAR_SECONDS))
    ticks, contracts = (day.each_window(field, BAR_SECONDS) for field in (NOTIONAL, VOLUME))
    notional = ticks * day.tick_size * day.multiplier / _HUNDRED_MILLION
    each = day.before(only(ratio(size, notional), contracts > 0), bars, BAR_SECONDS)
    count = by_rows(lambda window: np.count_nonzero(~np.isnan(window), axis=1), each)
    total = by_rows(lambda window: np.nansum(window, axis=1), each)
    return only(ratio(total, count), count >= _MIN_TRADED_BARS)


def ols_slope(x: F64, y: F64) -> F64:
    """Return the slope of ``y`` on ``x`` with intercept, by row, over the pairs without NaN.

    Parameters
    ----------
    x, y : float64 array, shape (m, n)

    Returns
    -------
    float64 array, shape (m,)
        NaN where ``x`` does not vary.
    """
    is_there = ~(np.isnan(x) | np.isnan(y))
    count = is_there.sum(axis=1, keepdims=True)
    x, y = np.where(is_there, x, 0.0), np.where(is_there, y, 0.0)
    x = np.where(is_there, x - ratio(x.sum(axis=1, keepdims=True), count), 0.0)
    y = np.where(is_there, y - ratio(y.sum(axis=1, keepdims=True), count), 0.0)
    return ratio((x * y).sum(axis=1), (x * x).sum(axis=1))


def _impact(day: DaySeconds, flow: I64, steps: int) -> F64:
    # Of the flow of the interval that ends at every whole second.
    moves = change(day.mids, STEP_SECONDS)
    is_there = ~np.isnan(moves)
    is_traded = is_there & (day.each_window(VOLUME, STEP_SECONDS) > 0)

    def over(
        formula: Callable[..., npt.NDArray[Any]], *each: tuple[npt.NDArray[Any], float]
    ) -> npt.NDArray[Any]:
        windows = (day.before(one, steps, STEP_SECONDS, missing) for one, missing in each)
        return by_rows(formula, *windows)

    least, most = _LIMITS.min, _LIMITS.max
    traded = over(lambda window: np.count_nonzero(window, axis=1), (is_traded, False))
    highest = over(lambda window: window.max(axis=1), (np.where(is_there, flow, least), least))
    lowest = over(lambda window: window.min(axis=1), (np.where(is_there, flow, most), most))
    slope = over(ols_slope, (flow / _THOUSAND, np.nan), (moves, np.nan))
    return only(slope, (traded >= _MIN_TRADED_STEPS) & (highest > lowest))
