"""Rates of outcomes by level and half hour, with intervals from a bootstrap by session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ...features.book.day_seconds import F64, I64
from ...features.level.levels import level_names
from ...features.outcome.first_passage import BOUNCE, BREAK, CENSORED, TIMEOUT
from .ratio_bootstrap import RatioBootstrap
from .touches import SessionTouches

OUTCOMES: Final = ("bounce", "break", "timeout")
HALF_HOURS: Final = ("09:30", "10:00", "10:30", "11:00", "11:30", "12:00", "all")
"""Start of each half hour of ``feature_ts``, and all of them together."""

_CODES: Final = (BOUNCE, BREAK, TIMEOUT)


def all_levels() -> tuple[str, ...]:
    """Return the names of the levels, and ``all`` for all of them together."""
    return (*level_names(), "all")


@dataclass(frozen=True)
class Rates:
    """Rates of real and placebo levels; axes: level (`all_levels`), half hour, outcome.

    Attributes
    ----------
    touches, placebo_touches : int64 array, shape (levels, 7)
        Decided touches.
    censored : int64 array, shape (levels, 7)
        Touches of real levels that are left out.
    rate, placebo : float64 array, shape (levels, 7, 3)
        NaN without a touch.
    interval, difference_interval : float64 array, shape (levels, 7, 3, 2)
        Of the rate, and of the real rate less the placebo's; NaN where sessions are too few.
    joint_difference_interval : float64 array, shape (6, 2)
        Of the bounce rate over all half hours, so wide that all six hold together (Bonferroni).
    """

    touches: I64
    placebo_touches: I64
    censored: I64
    rate: F64
    placebo: F64
    interval: F64
    difference_interval: F64
    joint_difference_interval: F64


def outcome_rates(
    real: Sequence[SessionTouches],
    placebo: Sequence[SessionTouches],
    *,
    seed: int,
    resamples: int = 2000,
    confidence: float = 0.95,
) -> Rates:
    """Return the rates over sessions.

    The touches of a group count once, as the first of them: those of one level, and over all levels
    those of any. Sessions are drawn with replacement, the real and the placebo touches of a session
    together (`RatioBootstrap`).

    Parameters
    ----------
    real, placebo : sequence of SessionTouches
        The same sessions.
    seed : int
    resamples : int
    confidence : float
    """
    counts, false = (np.stack([_counts(one) for one in found]) for found in (real, placebo))
    trials, false_trials = (one[..., :3].sum(axis=-1, keepdims=True) for one in (counts, false))
    ratios = np.broadcast_arrays(counts[..., :3], trials, false[..., :3], false_trials)
    bootstrap = RatioBootstrap(
        np.stack(ratios, axis=-1).astype(np.float64), np.random.default_rng(seed), resamples
    )
    joint = bootstrap.difference_interval(1 - (1 - confidence) / len(all_levels()))
    total, total_false = counts.sum(axis=0), false.sum(axis=0)
    return Rates(
        touches=total[..., :3].sum(axis=-1),
        placebo_touches=total_false[..., :3].sum(axis=-1),
        censored=total[..., 3],
        rate=_rates(total[..., :3]),
        placebo=_rates(total_false[..., :3]),
        interval=bootstrap.ratio_interval(confidence),
        difference_interval=bootstrap.difference_interval(confidence),
        joint_difference_interval=joint[:, -1, 0],
    )


def _counts(found: SessionTouches) -> I64:
    # Shape (levels, 7, 4): decided touches by outcome, and censored ones.
    counts = np.zeros((len(all_levels()), len(HALF_HOURS), 4), np.int64)
    kind = np.full(256, 3)
    kind[list(_CODES)] = range(3)
    kind[CENSORED] = 3
    code = kind[found.outcome]
    for level in range(len(level_names())):
        of_level = np.flatnonzero(found.level == level)
        own = of_level[np.unique(found.group[of_level], return_index=True)[1]]
        np.add.at(counts[level], (found.half_hour[own], code[own]), 1)
    _, first = np.unique(found.group, return_index=True)
    np.add.at(counts[-1], (found.half_hour[first], code[first]), 1)
    counts[:, -1] = counts[:, :-1].sum(axis=1)
    return counts


def _rates(counts: I64) -> F64:
    total = counts.sum(axis=-1, keepdims=True)
    out = np.full(counts.shape, np.nan)
    np.divide(counts, total, out=out, where=total > 0)
    return out
