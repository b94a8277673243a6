"""What prior sessions say at the same clock time: means over windows of their own seconds."""

from __future__ import annotations

import numpy as np

from ..book.day_seconds import F64, I64, only, ratio
from ..definitions import MIN_SESSIONS


def relative_to_sessions(now: F64, prior: F64) -> F64:
    """Return a value over its mean at the same clock time of prior sessions.

    Parameters
    ----------
    now : float64 array, shape (m,)
    prior : float64 array, shape (sessions, m)
        The same of prior sessions, NaN where missing.

    Returns
    -------
    float64 array, shape (m,)
        NaN where fewer than `MIN_SESSIONS` have a value, or their mean is 0.
    """
    is_there = ~np.isnan(prior)
    count = is_there.sum(axis=0)
    mean = ratio(np.where(is_there, prior, 0.0).sum(axis=0), count)
    return only(ratio(now, mean), count >= MIN_SESSIONS)


def window_volume(volume: I64, ends: I64, seconds: int, first_second: int) -> F64:
    """Return the volume of windows of another session, as `trade_flow.volume` gives it for its own.

    Parameters
    ----------
    volume : int64 array, shape (n,), contracts
        By second, `second_sums.VOLUME`.
    ends : int64 array, shape (m,)
        Ends of the windows, seconds from the start of ``volume``.
    seconds : int
        Length of the windows.
    first_second : int
        First whole second after which the session has records throughout: that of its first
        record, rounded up.

    Returns
    -------
    float64 array, shape (m,), contracts
        NaN where a window begins before ``first_second``.
    """
    total = np.append(0, np.cumsum(volume))
    begins = ends - seconds
    sums = total[ends] - total[np.maximum(begins, 0)]
    return only(sums, begins >= first_second)


def window_mean(values: F64, ends: I64, seconds: int) -> F64:
    """Return the mean of what is there in windows of another session.

    Parameters
    ----------
    values : float64 array, shape (n,)
        By second, NaN where missing.
    ends : int64 array, shape (m,)
        Ends of the windows, seconds from the start of ``values``.
    seconds : int
        Length of the windows.

    Returns
    -------
    float64 array, shape (m,)
        NaN where nothing is there.
    """
    is_there = ~np.isnan(values)
    total = np.append(0, np.cumsum(np.where(is_there, values, 0.0)))
    count = np.append(0, np.cumsum(is_there))
    begins = np.maximum(ends - seconds, 0)
    return ratio(total[ends] - total[begins], count[ends] - count[begins])
