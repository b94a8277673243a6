"""Bootstrap by session of a ratio of sums, and of the difference of two such ratios.

Studentized (bootstrap-t; Efron & Tibshirani 1993, ch. 12): touches come in clusters of unequal
size, one to a session, and with some thirty of them percentile intervals are too narrow. The
standard error of a resample is the linearized one of a ratio (Cochran 1977, ch. 6).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ..features.book.day_seconds import F64

MAX_MISSING: Final = 0.05
"""Share of resamples that may say nothing (no touch, or all alike) before the interval is NaN."""

MIN_SESSIONS: Final = 10
"""Sessions with a touch below which there is no interval: resamples of fewer foretell nothing."""

_ROUNDING: Final = 1e-12


class RatioBootstrap:
    """Resamples of sessions of two ratios of sums.

    Parameters
    ----------
    counts : float64 array, shape (sessions, ..., 4)
        Hits and trials of the one ratio, of the other.
    rng : numpy.random.Generator
    resamples : int
    """

    def __init__(self, counts: F64, rng: np.random.Generator, resamples: int) -> None:
        sessions = len(counts)
        products = counts[..., :, None] * counts[..., None, :]
        weights = rng.multinomial(sessions, np.full(sessions, 1 / sessions), size=resamples)
        self._drawn = _Sums(np.tensordot(weights, counts, 1), np.tensordot(weights, products, 1))
        self._found = _Sums(counts.sum(axis=0), products.sum(axis=0))
        self._sessions = sessions
        present = (counts[..., [1, 3]] > 0).sum(axis=0) >= MIN_SESSIONS
        self._is_enough = {0.0: present[..., 0], 1.0: present.all(axis=-1)}

    def ratio_interval(self, confidence: float) -> F64:
        """Return bounds of the first ratio, shape (..., 2), within 0 and 1."""
        return np.clip(self._interval(confidence, 0.0), 0.0, 1.0)

    def difference_interval(self, confidence: float) -> F64:
        """Return bounds of the first ratio less the other, shape (..., 2), within -1 and 1."""
        return np.clip(self._interval(confidence, 1.0), -1.0, 1.0)

    def _interval(self, confidence: float, other: float) -> F64:
        with np.errstate(divide="ignore", invalid="ignore"):
            found, spread = self._found.estimate(other, self._sessions)
            drawn, spreads = self._drawn.estimate(other, self._sessions)
            distance = (drawn - found) / spreads
        is_unknown = np.isnan(distance).mean(axis=0) > MAX_MISSING
        is_unknown |= ~self._is_enough[other]
        distance[:, is_unknown] = 0.0
        tail = (1 - confidence) / 2
        low, high = np.nanquantile(distance, [tail, 1 - tail], axis=0)
        bounds: F64 = np.stack([found - high * spread, found - low * spread], axis=-1)
        bounds[is_unknown] = np.nan
        return bounds


class _Sums:
    # Sums over sessions of the four counts and of their products.

    def __init__(self, counts: F64, products: F64) -> None:
        self.counts = counts
        self.products = products

    def estimate(self, other: float, sessions: int) -> tuple[F64, F64]:
        # The ratio less `other` times the other one, and its standard error, NaN where it is 0 or
        # the first ratio is 0 or 1 and so tells nothing of its spread.
        hits, trials, other_hits, other_trials = np.moveaxis(self.counts, -1, 0)
        one, two = hits / trials, other_hits / other_trials if other else np.zeros_like(hits)
        weights = [1 / trials, -one / trials]
        weights += [-1 / other_trials, two / other_trials] if other else [two, two]
        influence = np.stack(weights, axis=-1)
        square = np.einsum("...i,...ij,...j->...", influence, self.products, influence)
        terms = np.einsum("...i,...ii->...", influence**2, self.products)
        is_spread = (square > _ROUNDING * terms) & (hits > 0) & (hits < trials)
        spread = np.sqrt(np.where(is_spread, square, np.nan) * sessions / max(sessions - 1, 1))
        return one - other * two, spread
