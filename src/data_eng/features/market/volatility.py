"""Returns and volatility of the mid. Float64, shape (m,), NaN where missing."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ...elementary import log
from ..book.day_seconds import F64, DaySeconds, only, ratio

BPS = 1e4
STEP_SECONDS = 5
_MIN_SHARE = 0.9


def mid_return_bps(day: DaySeconds, seconds: int) -> F64:
    """Return ``1e4 ln(m_ts / m_{ts-w})``; NaN if a mid is missing at either end."""
    mids = day.mids_before(1, seconds)
    return BPS * log(mids[:, 1] / mids[:, 0])


def step_returns(day: DaySeconds, seconds: int) -> F64:
    """Return the log mid returns over the 5 s steps that end at ``ts``, shape (m, w / 5)."""
    return np.diff(log(day.mids_before(seconds // STEP_SECONDS, STEP_SECONDS)), axis=1)


def realized_volatility_bps(returns: F64) -> F64:
    """Return ``1e4 sqrt(sum r_i^2)`` over the returns that are there, bps per window.

    Parameters
    ----------
    returns : float64 array, shape (m, n)
        Of `step_returns`. NaN where fewer than 90 % are there, here and below.
    """
    return only(BPS * np.sqrt(np.nansum(returns**2, axis=1)), _is_enough(returns))


def relative_jump_variation(returns: F64) -> F64:
    """Return ``max(0, 1 - BV / RV)``, ``BV = (pi/2) (n/(n-1)) sum |r_i| |r_{i-1}|``.

    ``n`` is the number of returns that are there. NaN if RV is 0.
    """
    size = np.abs(returns)
    n = np.count_nonzero(~np.isnan(returns), axis=1)
    pairs = np.nansum(size[:, 1:] * size[:, :-1], axis=1)
    bipower = (np.pi / 2) * pairs * ratio(n, n - 1)
    share = ratio(bipower, np.nansum(returns**2, axis=1))
    return only(np.maximum(0.0, 1.0 - share), _is_enough(returns))


def downside_semivariance_share(returns: F64) -> F64:
    """Return ``sum r_i^2 1{r_i < 0} / sum r_i^2``; NaN if RV is 0."""
    squared = returns**2
    down = np.nansum(np.where(returns < 0, squared, 0.0), axis=1)
    # Summed as the two parts, so that the share of a window that only falls is exactly one.
    up = np.nansum(np.where(returns > 0, squared, 0.0), axis=1)
    return only(ratio(down, down + up), _is_enough(returns))


def variance_ratio(day: DaySeconds, lags: int, seconds: int) -> F64:
    """Return the overlapping, unbiased variance ratio of 5 s log mid returns.

    ``VR(q) = s_q^2 / s_1^2`` about the mean return (Lo & MacKinlay 1988, equations 12 and 13). NaN
    if a mid of the window is missing, or its returns do not vary.
    """
    n = seconds // STEP_SECONDS
    logs = log(day.mids_before(n, STEP_SECONDS))
    mean = (logs[:, -1:] - logs[:, :1]) / n
    one = ((np.diff(logs, axis=1) - mean) ** 2).sum(axis=1) / (n - 1)
    many = ((logs[:, lags:] - logs[:, :-lags] - lags * mean) ** 2).sum(axis=1)
    many /= lags * (n - lags + 1) * (1 - lags / n)
    is_varied = np.ptp(logs, axis=1) > 0
    return only(ratio(many, one), is_varied)


def _is_enough(returns: F64) -> npt.NDArray[np.bool_]:
    there = np.count_nonzero(~np.isnan(returns), axis=1)
    return np.asarray(there >= _MIN_SHARE * returns.shape[1], np.bool_)
