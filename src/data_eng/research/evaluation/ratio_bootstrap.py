"""Bootstrap by session of a ratio of sums, and of the difference of two such ratios.

Studentized (bootstrap-t; Efron & Tibshirani 1993, ch. 12): touches come in clusters of unequal
size, one to a session, and with some thirty of them percentile intervals are too narrow. The
standard error of a resample is the linearized one of a ratio (Cochran 1977, ch. 6).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from ...features.book.day_seconds import F64

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
        Sum and weight of the one ratio, of the other; a sum may be below 0.
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
        self._is_enough = (counts[..., [1, 3]] > 0).sum(axis=0) >= MIN_SESSIONS

    def ratio_interval(self, confidence: float) -> F64:
        """Return bounds of the first ratio, shape (..., 2)."""
        return self._interval(confidence, is_difference=False)

    def difference_interval(self, confidence: float) -> F64:
        """Return bounds of the first ratio less the other, shape (..., 2), within -1 and 1."""
        return np.clip(self._interval(confidence, is_difference=True), -1.0, 1.0)

    def difference_error(self) -> F64:
        """Return the standard deviation over resamples of the first ratio less the other.

        Shape (...); NaN where sessions are too few.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            drawn, _ = self._drawn.estimate(self._sessions, is_difference=True)
        is_unknown = np.isnan(drawn).mean(axis=0) > MAX_MISSING
        is_unknown |= ~self._is_enough.all(axis=-1)
        drawn[:, is_unknown] = 0.0
        error: F64 = np.nanstd(drawn, axis=0, ddof=1)
        error[is_unknown] = np.nan
        return error

    def _interval(self, confidence: float, *, is_difference: bool) -> F64:
        with np.errstate(divide="ignore", invalid="ignore"):
            found, spread = self._found.estimate(self._sessions, is_difference=is_difference)
            drawn, spreads = self._drawn.estimate(self._sessions, is_difference=is_difference)
            distance = (drawn - found) / spreads
        is_unknown = np.isnan(distance).mean(axis=0) > MAX_MISSING
        one, other = np.moveaxis(self._is_enough, -1, 0)
        is_unknown |= ~(one & other if is_difference else one)
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

    def estimate(self, sessions: int, *, is_difference: bool) -> tuple[F64, F64]:
        # The first ratio, less the other for a difference, and its standard error; NaN where the
        # first ratio has no spread: all its sessions are alike and tell nothing of it.
        total, weight, other_total, other_weight = np.moveaxis(self.counts, -1, 0)
        ratio = total / weight
        nothing = np.zeros_like(total)
        own = np.stack([1 / weight, -ratio / weight, nothing, nothing], axis=-1)
        square, is_spread = self._square(own)
        if is_difference:
            other = other_total / other_weight
            both = own.copy()
            both[..., 2], both[..., 3] = -1 / other_weight, other / other_weight
            ratio = ratio - other
            square, has_spread = self._square(both)
            is_spread &= has_spread
        spread = np.sqrt(np.where(is_spread, square, np.nan) * sessions / max(sessions - 1, 1))
        return ratio, spread

    def _square(self, influence: F64) -> tuple[F64, npt.NDArray[np.bool_]]:
        square = np.einsum("...i,...ij,...j->...", influence, self.products, influence)
        terms = np.einsum("...i,...ii->...", influence**2, self.products)
        return square, square > _ROUNDING * terms
