"""Weighted sums of the labels of one session, by level and slice."""

from __future__ import annotations

from typing import Final

import numpy as np

from ...features.book.day_seconds import F64, I64
from ...features.level.levels import level_names
from ...features.outcome.first_passage import BOUNCE, BREAK, CENSORED, TIMEOUT
from .touches import SessionTouches

OUTCOMES: Final = ("bounce", "break", "timeout")
HALF_HOURS: Final = ("09:30", "10:00", "10:30", "11:00", "11:30", "12:00")
TOUCH_NUMBERS: Final = ("first", "second", "later")
SLICES: Final = (*HALF_HOURS, "all", *TOUCH_NUMBERS)
"""Half hours of ``feature_ts``; all touches; the first, second and later touches of a level."""
ALL: Final = SLICES.index("all")
QUANTITIES: Final = (*OUTCOMES, "excess")
EXCESS: Final = QUANTITIES.index("excess")
"""Score less its expectation without drift."""

_CODES: Final = (BOUNCE, BREAK, TIMEOUT)


def all_levels() -> tuple[str, ...]:
    """Return the names of the levels, and ``all`` for all of them together."""
    return (*level_names(), "all")


def weighted_sums(found: SessionTouches, label: int) -> F64:
    """Return sum and weight of each quantity, shape (levels, slices, quantities, 2).

    Touches of one level are weighted by their uniqueness among the level's labels, those of all
    levels together by that among the labels of all.

    Parameters
    ----------
    found : SessionTouches
    label : int
        Position in `labels.LABELS`.
    """
    one = found.labels[label]
    excess = one.score - one.base
    has_excess = ~np.isnan(excess)
    values = [*(one.outcome == code for code in _CODES), np.where(has_excess, excess, 0.0)]
    counts = [*(one.outcome != CENSORED for _ in _CODES), has_excess]
    terms = np.stack([values, counts], axis=-1).astype(np.float64).transpose(1, 0, 2)
    sums = np.zeros((len(all_levels()), len(SLICES), len(QUANTITIES), 2))
    pooled = np.full_like(found.level, len(all_levels()) - 1)
    for at in _slices(found):
        np.add.at(sums, (found.level, at), one.weight[:, None, None] * terms)
        np.add.at(sums, (pooled, at), one.weight_all_levels[:, None, None] * terms)
    return sums


def touch_counts(found: SessionTouches, label: int) -> I64:
    """Return the number of labels and of censored touches, shape (levels, slices, 2)."""
    counts = np.zeros((len(all_levels()), len(SLICES), 2), np.int64)
    is_censored = (found.labels[label].outcome == CENSORED).astype(np.int64)
    for row in (found.level, np.full_like(found.level, len(all_levels()) - 1)):
        for at in _slices(found):
            np.add.at(counts, (row, at, is_censored), 1)
    return counts


def _slices(found: SessionTouches) -> tuple[I64, I64, I64]:
    return found.half_hour, np.full_like(found.level, ALL), ALL + np.minimum(found.touch_number, 3)
