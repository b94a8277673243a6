"""Returns and volatility of the mid. Float64, shape (m,), NaN where missing."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ...elementary import log
from ..bar_closes import BarCloses
from ..book.day_seconds import F64, DaySeconds, by_rows, change, only, ratio
from ..book.record_chunk import NO_PRICE
from ..book.second_sums import FIRST, SECOND_NS
from ..feature import EVEN, ODD, ONE_MINUS, Feature, FeatureList

FEATURES: Final = FeatureList()


BPS = 1e4
STEP_SECONDS = 5
_MIN_SHARE = 0.9


@FEATURES.add(
    Feature(
        "log_mid_return_bps_{seconds}s",
        doc="Return of the mid: 1e4 ln(m_ts/m_{ts-w}).",
        unit="bps",
        window="{seconds} s",
        null_rule="Null if the mid is missing at either end.",
        mirror=ODD,
        source="industry",
        each={"seconds": (10, 60, 300, 1800)},
    )
)
def log_mid_return_bps(day: DaySeconds, seconds: int) -> F64:
    """Return ``1e4 ln(m_ts / m_{ts-w})``; NaN if a mid is missing at either end."""
    mids = day.before(day.mids, 2, seconds)
    return BPS * log(mids[:, 1] / mids[:, 0])


@FEATURES.add(
    Feature(
        "log_return_since_rth_open_bps",
        doc=(
            "Return of the mid since the open of the regular session: 1e4 ln(m_ts / price of the "
            "first trade since 09:30 ET)."
        ),
        unit="bps",
        window="since 09:30",
        null_rule="Null until that trade.",
        mirror=ODD,
        source="industry",
    )
)
def log_return_since_rth_open_bps(day: DaySeconds) -> F64:
    """Return ``1e4 ln(m / first trade since 09:30)``; NaN until that trade."""
    first = day.seconds.prices[day.open_second :, FIRST]
    traded = np.flatnonzero(first != NO_PRICE)
    if not len(traded):
        return np.full(len(day.rows), np.nan)
    is_open = day.rows > day.open_second + traded[0]
    return only(BPS * log(day.mid / float(first[traded[0]])), is_open)


class StepReturns:
    """Log mid returns over steps of 5 s, NaN where a mid is missing.

    Parameters
    ----------
    day : DaySeconds

    Attributes
    ----------
    logs, each : float64 array, shape (seconds + 1,)
        At every whole second: logarithm of the mid, and return of the step that ends there.
    """

    def __init__(self, day: DaySeconds) -> None:
        self._day = day
        self.logs = log(day.mids)
        self.each = change(self.logs, STEP_SECONDS)

    def before(
        self, series: npt.NDArray[Any], seconds: int, missing: float = np.nan
    ) -> npt.NDArray[Any]:
        """Return a series at the ends of the steps of each row's window, shape (m, steps)."""
        return self._day.before(series, seconds // STEP_SECONDS, STEP_SECONDS, missing)

    def total(self, series: F64, seconds: int) -> F64:
        """Return the sum of a series over the ends of the steps where it is there, shape (m,)."""
        there = np.where(np.isnan(series), 0.0, series)
        return by_rows(lambda window: window.sum(axis=1), self.before(there, seconds, 0.0))

    def count(self, seconds: int) -> npt.NDArray[np.intp]:
        """Return how many returns of each row's window are there, shape (m,)."""
        there = self.before(~np.isnan(self.each), seconds, missing=False)
        return by_rows(lambda window: np.count_nonzero(window, axis=1), there)

    def is_enough(self, seconds: int) -> npt.NDArray[np.bool_]:
        """Return whether 90 % of the returns are there, shape (m,)."""
        return np.asarray(self.count(seconds) >= _MIN_SHARE * (seconds // STEP_SECONDS), np.bool_)


@FEATURES.add(
    Feature(
        "realized_volatility_bps_{seconds}s",
        doc=(
            "Realized volatility: 1e4 sqrt(sum r_i^2), r_i = log mid returns over the steps of "
            "5 s that end at ts. The sum is over the returns that are there."
        ),
        unit="bps per window",
        window="{seconds} s",
        null_rule="Null if fewer than 90 % of the returns are there.",
        mirror=EVEN,
        source="Andersen & Bollerslev 1998; Barndorff-Nielsen & Shephard 2002",
        minimum=0,
        each={"seconds": (300, 1800)},
    )
)
def realized_volatility_bps(returns: StepReturns, seconds: int) -> F64:
    """Return ``1e4 sqrt(sum r_i^2)`` over the returns that are there, bps per window.

    NaN where fewer than 90 % of them are there, here and below.
    """
    total = returns.total(returns.each**2, seconds)
    return only(BPS * np.sqrt(total), returns.is_enough(seconds))


@FEATURES.add(
    Feature(
        "relative_jump_variation_{seconds}s",
        doc=(
            "Share of jumps in the realized variance: max(0, 1-BV/RV), BV = (pi/2)(n/(n-1)) sum "
            "|r_i||r_{i-1}|, n the number of returns r_i that are there, 5 s log mid returns."
        ),
        unit="dimensionless",
        window="{seconds} s, 360 returns",
        null_rule=("Null if fewer than 90 % of the returns are there, or RV = 0."),
        mirror=EVEN,
        source="Barndorff-Nielsen & Shephard 2004; Huang & Tauchen 2005",
        minimum=0,
        maximum=1,
        each={"seconds": (1800,)},
    )
)
def relative_jump_variation(returns: StepReturns, seconds: int) -> F64:
    """Return ``max(0, 1 - BV / RV)``, ``BV = (pi/2) (n/(n-1)) sum |r_i| |r_{i-1}|``.

    ``n`` is the number of returns that are there. NaN if RV is 0.
    """
    size = np.abs(returns.each)
    pairs = np.full(len(size), np.nan)
    pairs[STEP_SECONDS:] = size[STEP_SECONDS:] * size[:-STEP_SECONDS]
    n = returns.count(seconds)
    bipower = (np.pi / 2) * returns.total(pairs, seconds - STEP_SECONDS) * ratio(n, n - 1)
    share = ratio(bipower, returns.total(returns.each**2, seconds))
    return only(np.maximum(0.0, 1.0 - share), returns.is_enough(seconds))


@FEATURES.add(
    Feature(
        "realized_downside_semivariance_share_{seconds}s",
        doc="Share of falls in the realized variance: sum r_i^2 1{r_i<0} / sum r_i^2.",
        unit="dimensionless",
        window="{seconds} s, 360 returns",
        null_rule="Null if fewer than 90 % of the returns are there, or RV = 0.",
        mirror=ONE_MINUS,
        source="Barndorff-Nielsen, Kinnebrock & Shephard 2010",
        minimum=0,
        maximum=1,
        each={"seconds": (1800,)},
    )
)
def realized_downside_semivariance_share(returns: StepReturns, seconds: int) -> F64:
    """Return ``sum r_i^2 1{r_i < 0} / sum r_i^2``; NaN if RV is 0."""
    r = returns.each
    down = returns.total(np.where(r < 0, r**2, 0.0), seconds)
    # Summed as the two parts, so that the share of a window that only falls is exactly one.
    up = returns.total(np.where(r > 0, r**2, 0.0), seconds)
    return only(ratio(down, down + up), returns.is_enough(seconds))


@FEATURES.add(
    Feature(
        "variance_ratio_{lags}_{seconds}s",
        doc=(
            "Variance ratio of 60 s to 5 s returns: VR(12) = s_12^2 / s_1^2 of overlapping 5 s "
            "log mid returns about their mean, both variances unbiased."
        ),
        unit="ratio",
        window="{seconds} s, 360 returns",
        null_rule="Null if RV = 0 or a mid of the window is missing.",
        mirror=EVEN,
        source="Lo & MacKinlay 1988",
        minimum=0,
        each={"lags": (12,), "seconds": (1800,)},
    )
)
def variance_ratio(returns: StepReturns, lags: int, seconds: int) -> F64:
    """Return the overlapping, unbiased variance ratio of 5 s log mid returns.

    ``VR(q) = s_q^2 / s_1^2`` about the mean return (Lo & MacKinlay 1988, equations 12 and 13). NaN
    if a mid of the window is missing, or its returns do not vary.
    """
    long = lags * STEP_SECONDS
    n = seconds // STEP_SECONDS

    def of(r: F64, overlapping: F64, whole: F64) -> F64:
        mean = whole / n
        one = ((r - mean) ** 2).sum(axis=1) / (n - 1)
        many = ((overlapping - lags * mean) ** 2).sum(axis=1)
        many /= lags * (n - lags + 1) * (1 - lags / n)
        return only(ratio(many, one), (r != 0).any(axis=1))

    return by_rows(
        of,
        returns.before(returns.each, seconds),
        returns.before(change(returns.logs, long), seconds - long + STEP_SECONDS),
        returns.before(change(returns.logs, seconds), STEP_SECONDS),
    )


@FEATURES.add(
    Feature(
        "average_true_range_14_2m_ticks",
        doc=(
            "Average true range of 2-minute bars: Wilder ATR(14) of the closed 2-minute trade "
            "bars / tick; the first value is the mean of 14 true ranges. The bars begin at 00:00 "
            "UTC of the partition (19:00 or 20:00 ET), not at 18:00 ET: of the seed (13/14)^n is "
            "left after n bars, under 1e-9 by 09:30 ET."
        ),
        unit="ticks",
        window="all bars of the partition closed at ts",
        null_rule="Null until 15 closed bars.",
        mirror=EVEN,
        source="Wilder 1978",
        minimum=0,
    )
)
def average_true_range_ticks(day: DaySeconds, average_true_range: F64) -> F64:
    """Return the average true range of 2-minute bars, dollars, in ticks."""
    return average_true_range / day.tick_size


@FEATURES.add(
    Feature(
        "efficiency_ratio_{bars}_two_minute_bars",
        doc=(
            "Efficiency ratio of closed two-minute bars: |close_n - close_{n-{bars}}| / sum over "
            "{bars} bars of |close_i - close_{i-1}|."
        ),
        unit="dimensionless",
        window="{bars} bars",
        null_rule="Null with fewer than {bars} closed bars and one more, or if the sum is 0.",
        mirror=EVEN,
        source="Kaufman 1995",
        minimum=0,
        maximum=1,
        each={"bars": (15,)},
    )
)
def efficiency_ratio(day: DaySeconds, closes: BarCloses, bars: int) -> F64:
    """Return the net change of the closes over the sum of their changes; bars know no silence."""
    price = closes.close
    efficiency = np.full(len(price) + 1, np.nan)  # the last for rows before the first bar
    if len(price) > bars:
        path = np.append(0.0, np.cumsum(np.abs(np.diff(price))))
        efficiency[bars:-1] = ratio(
            np.abs(price[bars:] - price[:-bars]), path[bars:] - path[:-bars]
        )
    times = day.seconds.start_ns + day.rows * SECOND_NS
    return efficiency[np.searchsorted(closes.end_ns, times, side="right") - 1]
