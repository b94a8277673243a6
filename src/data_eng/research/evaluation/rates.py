"""Rates and scores by level and slice, with intervals from a bootstrap by session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...features.book.day_seconds import F64, I64
from .labels import LABELS, PRIMARY
from .power import CONFIDENCE, confidence_among, detectable_errors
from .ratio_bootstrap import RatioBootstrap
from .sums import ALL, EXCESS, OUTCOMES, all_levels, touch_counts, weighted_sums
from .touches import SessionTouches


@dataclass(frozen=True)
class Rates:
    """Real and placebo levels under the primary label; axes: level (`all_levels`), slice.

    Attributes
    ----------
    touches, censored, placebo_touches : int64 array, shape (levels, slices)
        Labels, and touches that are left out; labels of placebo levels.
    events, placebo_events : float64 array, shape (levels, slices)
        Sums of weights.
    rate, placebo : float64 array, shape (levels, slices, 3)
        Of `sums.OUTCOMES`; NaN without a touch.
    interval : float64 array, shape (levels, slices, 3, 2)
        Of the rate; NaN where sessions are too few.
    excess, placebo_excess : float64 array, shape (levels, slices)
        Mean of the score less its expectation without drift.
    difference : float64 array, shape (levels, slices)
        The real excess less the placebo's.
    excess_interval, difference_interval : float64 array, shape (levels, slices, 2)
    joint_difference_interval : float64 array, shape (levels, 2)
        Over all touches, so wide that those of all levels hold together (Bonferroni).
    """

    touches: I64
    censored: I64
    placebo_touches: I64
    events: F64
    placebo_events: F64
    rate: F64
    placebo: F64
    interval: F64
    excess: F64
    placebo_excess: F64
    difference: F64
    excess_interval: F64
    difference_interval: F64
    joint_difference_interval: F64


@dataclass(frozen=True)
class LabelDifferences:
    """Real less placebo of every label over all touches; arrays of shape (levels, labels).

    Attributes
    ----------
    excess, placebo_excess, difference : float64 array
        As in `Rates`; of a label without a base (`labels.HAS_BASE`) the mean score itself.
    interval : float64 array, shape (levels, labels, 2)
        Of the difference.
    error : float64 array
        Its standard error: the spread over resamples of sessions.
    """

    excess: F64
    placebo_excess: F64
    difference: F64
    interval: F64
    error: F64

    def detectable(self, *, joint: bool) -> F64:
        """Return the smallest difference that is found with the chance `power.POWER`.

        Parameters
        ----------
        joint : bool
            Among those of all levels together (Bonferroni).
        """
        return detectable_errors(len(all_levels()) if joint else 1) * self.error


def outcome_rates(
    real: Sequence[SessionTouches],
    placebo: Sequence[SessionTouches],
    *,
    seed: int,
    resamples: int = 2000,
) -> Rates:
    """Return the rates over sessions.

    Sessions are drawn with replacement, the real and the placebo touches of a session together
    (`RatioBootstrap`).

    Parameters
    ----------
    real, placebo : sequence of SessionTouches
        The same sessions.
    seed : int
    resamples : int
    """
    sums, placebo_sums = (
        np.stack([weighted_sums(one, PRIMARY) for one in found]) for found in (real, placebo)
    )
    bootstrap = RatioBootstrap(
        np.concatenate([sums, placebo_sums], axis=-1), np.random.default_rng(seed), resamples
    )
    counts, placebo_counts = (
        np.sum([touch_counts(one, PRIMARY) for one in found], axis=0) for found in (real, placebo)
    )
    means, placebo_means = (_ratios(one.sum(axis=0)) for one in (sums, placebo_sums))
    shares = slice(0, len(OUTCOMES))
    bounds = bootstrap.ratio_interval(CONFIDENCE)
    joint = bootstrap.difference_interval(confidence_among(len(all_levels())))
    return Rates(
        touches=counts[..., 0],
        censored=counts[..., 1],
        placebo_touches=placebo_counts[..., 0],
        events=sums.sum(axis=0)[..., 0, 1],
        placebo_events=placebo_sums.sum(axis=0)[..., 0, 1],
        rate=means[..., shares],
        placebo=placebo_means[..., shares],
        interval=np.clip(bounds[..., shares, :], 0.0, 1.0),
        excess=means[..., EXCESS],
        placebo_excess=placebo_means[..., EXCESS],
        difference=means[..., EXCESS] - placebo_means[..., EXCESS],
        excess_interval=bounds[..., EXCESS, :],
        difference_interval=bootstrap.difference_interval(CONFIDENCE)[..., EXCESS, :],
        joint_difference_interval=joint[:, ALL, EXCESS],
    )


def label_differences(
    real: Sequence[SessionTouches],
    placebo: Sequence[SessionTouches],
    *,
    seed: int,
    resamples: int = 2000,
) -> LabelDifferences:
    """Return the difference of every label over sessions; arguments as of `outcome_rates`."""
    sums, placebo_sums = (
        np.stack([_label_sums(one) for one in found]) for found in (real, placebo)
    )
    bootstrap = RatioBootstrap(
        np.concatenate([sums, placebo_sums], axis=-1), np.random.default_rng(seed), resamples
    )
    excess, placebo_excess = (_ratios(one.sum(axis=0)) for one in (sums, placebo_sums))
    return LabelDifferences(
        excess=excess,
        placebo_excess=placebo_excess,
        difference=excess - placebo_excess,
        interval=bootstrap.difference_interval(CONFIDENCE),
        error=bootstrap.difference_error(),
    )


def _label_sums(found: SessionTouches) -> F64:
    # Shape (levels, labels, 2).
    return np.stack(
        [weighted_sums(found, label)[:, ALL, EXCESS] for label in range(len(LABELS))], axis=1
    )


def _ratios(sums: F64) -> F64:
    out = np.full(sums.shape[:-1], np.nan)
    np.divide(sums[..., 0], sums[..., 1], out=out, where=sums[..., 1] > 0)
    return out
