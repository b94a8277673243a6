"""Episodes: touches of levels with what became of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..book.day_seconds import F64, I64
from .close_outcome import CloseOutcome


@dataclass(frozen=True)
class BarrierOutcome:
    """What one barrier set says of each episode.

    Attributes
    ----------
    barrier_ticks : float64 array, shape (n,), ticks
    outcome : uint8 array, shape (n,)
        `first_passage.BOUNCE`, `BREAK`, `TIMEOUT` or `CENSORED`, which an episode is also whose
        level has no value at ``feature_ns``, or whose mid is at a barrier then.
    outcome_ns : int64 array, shape (n,), ns since epoch UTC
        Time of the trade that decided, or the horizon of a timeout; 0 where censored.
    favourable, adverse : float64 array, shape (n,), ticks
        Largest excursions of trades from the level, back on the approach side and beyond it, from
        ``feature_ns`` to ``outcome_ns``, at least 0; NaN where censored.
    driftless : float64 array, shape (n,)
        Chance of a bounce without drift (`driftless.MidBarriers`); NaN where censored or without
        a valid quote at ``feature_ns``.
    score : float64 array, shape (n,)
        `driftless.bounce_scores`.
    group, group_all_levels : int64 array, shape (n,)
        `overlap.overlap_groups` of the level's labels, of those of all levels; 0 where censored.
    uniqueness, uniqueness_all_levels : float64 array, shape (n,)
        `overlap.average_uniqueness` likewise; NaN where censored.
    """

    barrier_ticks: F64
    outcome: npt.NDArray[np.uint8]
    outcome_ns: I64
    favourable: F64
    adverse: F64
    driftless: F64
    score: F64
    group: I64
    group_all_levels: I64
    uniqueness: F64
    uniqueness_all_levels: F64


@dataclass(frozen=True)
class Episodes:
    """Episodes in order of touch, of equal times in order of level.

    Attributes
    ----------
    level : int64 array, shape (n,)
        Position of the level among the paths.
    touch_ns, feature_ns : int64 array, shape (n,), ns since epoch UTC
        Start of the touch, and the first whole second after it.
    side, cause : int64 array, shape (n,)
        -1 from below, 1 from above; `touch_machine.PRICE` or `LEVEL_STEP`.
    level_ticks : float64 array, shape (n,), ticks
        The level at ``feature_ns``, NaN where it lapsed since the touch.
    mid_change : float64 array, shape (n,), ticks
        Mid at the primary horizon less that at ``feature_ns``; NaN where one is missing.
    osler : float64 array, shape (n,), ticks
        Mid 15 minutes after the touch less the level, positive on the approach side; NaN where
        the mid is missing.
    close : CloseOutcome
    outcomes : tuple of BarrierOutcome
        In the order of `barriers.SETS`.
    """

    level: I64
    touch_ns: I64
    feature_ns: I64
    side: I64
    cause: I64
    level_ticks: F64
    mid_change: F64
    osler: F64
    close: CloseOutcome
    outcomes: tuple[BarrierOutcome, ...]

    def __len__(self) -> int:
        return len(self.level)
