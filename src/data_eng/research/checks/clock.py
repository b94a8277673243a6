"""Features that tell the time of the day.

A model that knows the time of the day need not look at the market. `seconds_since_rth_open` is
the clock, on purpose and alone. Of every other feature the rank correlation with the seconds since
the open (Spearman 1904, ties get the mean of their ranks) is taken within each session, and the
mean over the sessions weighted by rows: what grows all through every session has 1 or -1, whatever
its size and shape. A random walk has a large one in many sessions, but of either sign, and a mean
near 0.

    |mean| > 0.99     FAIL: the clock under another name
    |mean| > 0.95     WARN: it mostly grows, or falls, with the clock: look at it

Sessions with `MIN_RANKED` rows or more and a value that varies count; with fewer than
`MIN_SESSIONS` of them a FAIL becomes a WARN, with fewer than `SOME_SESSIONS` nothing is said.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ...catalogue.finding import Finding, Severity
from .pool import F64, SOME_SESSIONS, Pool, is_constant, seen_in

CLOCK: Final = "seconds_since_rth_open"
IS_CLOCK: Final = 0.99
LIKE_CLOCK: Final = 0.95
MIN_RANKED: Final = 100
"""Rows of a session without which its rank correlation is left out."""


def clock_findings(pool: Pool) -> list[Finding]:
    """Return the features whose ranks within sessions are those of the clock.

    Parameters
    ----------
    pool : Pool
        Rows of a session are in the order of time, a grid second apart.
    """
    findings = []
    for index, name in enumerate(pool.names):
        if name == CLOCK:
            continue
        correlations, weights = [], []
        for session in pool.sessions:
            found = clock_correlation(session[:, index])
            if found is not None:
                correlations.append(found)
                weights.append(np.count_nonzero(np.isfinite(session[:, index])))
        if len(correlations) < SOME_SESSIONS:
            continue
        mean = float(np.average(correlations, weights=weights))
        if abs(mean) <= LIKE_CLOCK:
            continue
        text = f"mean rank correlation {mean:+.4f} with the seconds since the open"
        severity = Severity.FAIL if abs(mean) > IS_CLOCK else Severity.WARN
        findings.append(seen_in(len(correlations), severity, "clock", (CLOCK, name), text))
    return findings


def clock_correlation(values: F64) -> float | None:
    """Return the rank correlation of a session's values with their order in time.

    Parameters
    ----------
    values : float64 array, shape (n,)
        In the order of time; NaN or infinite where there is none.

    Returns
    -------
    float or None
        None with fewer than `MIN_RANKED` values, or a constant.
    """
    values = values[np.isfinite(values)]
    if len(values) < MIN_RANKED or is_constant(values):
        return None
    ranks, order = mean_ranks(values), np.arange(len(values), dtype=np.float64)
    ranks, order = ranks - ranks.mean(), order - order.mean()
    return float(ranks @ order / np.sqrt((ranks @ ranks) * (order @ order)))


def mean_ranks(values: F64) -> F64:
    """Return ranks from 0, equal values with the mean of their ranks; shape (n,)."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts + 1) / 2)[inverse], dtype=np.float64)
