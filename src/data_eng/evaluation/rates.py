"""Rates of outcomes by level and half hour, with intervals from a bootstrap by session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ..feature_tables import LEVELS
from ..features.book.day_seconds import F64, I64
from ..features.outcome.first_passage import BOUNCE, BREAK, CENSORED, TIMEOUT
from .touches import SessionTouches

OUTCOMES: Final = ("bounce", "break", "timeout")
HALF_HOURS: Final = ("09:30", "10:00", "10:30", "11:00", "11:30", "12:00", "all")
"""Start of each half hour of ``feature_ts``, and all of them together."""

ALL_LEVELS: Final = (*LEVELS, "all")
_CODES: Final = (BOUNCE, BREAK, TIMEOUT)


@dataclass(frozen=True)
class Rates:
    """Rates of real and placebo levels; axes: level (`ALL_LEVELS`), half hour, outcome.

    Attributes
    ----------
    touches, placebo_touches : int64 array, shape (6, 7)
        Decided touches.
    censored : int64 array, shape (6, 7)
        Touches of real levels that are left out.
    rate, placebo : float64 array, shape (6, 7, 3)
        NaN without a touch.
    interval, difference_interval : float64 array, shape (6, 7, 3, 2)
        Of the rate, and of the real rate less the placebo's; NaN where resamples lack touches.
    """

    touches: I64
    placebo_touches: I64
    censored: I64
    rate: F64
    placebo: F64
    interval: F64
    difference_interval: F64


def outcome_rates(
    real: Sequence[SessionTouches],
    placebo: Sequence[SessionTouches],
    *,
    seed: int,
    resamples: int = 1000,
    confidence: float = 0.95,
) -> Rates:
    """Return the rates over sessions.

    Touches of a group count once, as the first of them. Sessions are drawn with replacement, the
    real and the placebo touches of a session together; intervals are percentiles.

    Parameters
    ----------
    real, placebo : sequence of SessionTouches
        The same sessions.
    seed : int
    resamples : int
    confidence : float
    """
    counts, false = (np.stack([_counts(one) for one in found]) for found in (real, placebo))
    rng = np.random.default_rng(seed)
    sessions = len(counts)
    weights = rng.multinomial(sessions, np.full(sessions, 1 / sessions), size=resamples)
    tails = [50 * (1 - confidence), 100 - 50 * (1 - confidence)]
    drawn = _rates(np.tensordot(weights, counts[..., :3], axes=1))
    drawn_false = _rates(np.tensordot(weights, false[..., :3], axes=1))
    total, total_false = counts.sum(axis=0), false.sum(axis=0)
    return Rates(
        touches=total[..., :3].sum(axis=-1),
        placebo_touches=total_false[..., :3].sum(axis=-1),
        censored=total[..., 3],
        rate=_rates(total[..., :3]),
        placebo=_rates(total_false[..., :3]),
        interval=_percentiles(drawn, tails),
        difference_interval=_percentiles(drawn - drawn_false, tails),
    )


def _counts(found: SessionTouches) -> I64:
    # Shape (6, 7, 4): decided touches by outcome, and censored ones.
    counts = np.zeros((len(ALL_LEVELS), len(HALF_HOURS), 4), np.int64)
    kind = np.full(256, 3)
    kind[list(_CODES)] = range(3)
    kind[CENSORED] = 3
    code = kind[found.outcome]
    _, first = np.unique(found.group, return_index=True)
    np.add.at(counts, (found.level, found.half_hour, code), 1)
    # Over all levels an event that touches several of them is one.
    np.add.at(counts[len(LEVELS)], (found.half_hour[first], code[first]), 1)
    counts[:, -1] = counts[:, :-1].sum(axis=1)
    return counts


def _rates(counts: I64) -> F64:
    total = counts.sum(axis=-1, keepdims=True)
    out = np.full(counts.shape, np.nan)
    np.divide(counts, total, out=out, where=total > 0)
    return out


def _percentiles(drawn: F64, tails: list[float]) -> F64:
    # NaN where one resample in twenty has no touch: then the rest says too little.
    missing = np.isnan(drawn).mean(axis=0) > 0.05
    filled = np.where(np.isnan(drawn).all(axis=0), 0.0, drawn)
    bounds: F64 = np.moveaxis(np.nanpercentile(filled, tails, axis=0), 0, -1)
    bounds[missing] = np.nan
    return bounds
