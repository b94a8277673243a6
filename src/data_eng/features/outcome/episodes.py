"""Episodes: touches of levels with what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...compiled import kernel
from ..book.day_seconds import F64, I64
from ..definitions import OVERLAP_TICKS


@dataclass(frozen=True)
class BarrierOutcome:
    """What one barrier set says of each episode.

    Attributes
    ----------
    barrier_ticks : float64 array, shape (n,), ticks
    outcome : uint8 array, shape (n,)
        `first_passage.BOUNCE`, `BREAK`, `TIMEOUT` or `CENSORED`, which an episode is also whose
        level has no value at ``feature_ns``.
    outcome_ns : int64 array, shape (n,), ns since epoch UTC
        Time of the trade that decided, or the horizon of a timeout; 0 where censored.
    favourable, adverse : float64 array, shape (n,), ticks
        Largest excursions of trades from the level, back on the approach side and beyond it, from
        ``feature_ns`` to ``outcome_ns``, at least 0; NaN where censored.
    """

    barrier_ticks: F64
    outcome: npt.NDArray[np.uint8]
    outcome_ns: I64
    favourable: F64
    adverse: F64


@dataclass(frozen=True)
class Episodes:
    """Episodes in order of touch, of equal times in order of level.

    Attributes
    ----------
    level : int64 array, shape (n,)
        Position of the level among the paths.
    touch_ns, feature_ns, end_ns : int64 array, shape (n,), ns since epoch UTC
        Start of the touch, the first whole second after it, and its end, -1 where it goes on.
    side, cause : int64 array, shape (n,)
        -1 from below, 1 from above; `touch_machine.PRICE` or `LEVEL_STEP`.
    level_ticks : float64 array, shape (n,), ticks
        The level at ``feature_ns``, NaN where it lapsed since the touch.
    mid_change : float64 array, shape (n,), ticks
        Mid at the primary horizon less that at ``feature_ns``; NaN where one is missing.
    osler : float64 array, shape (n,), ticks
        Mid 15 minutes after the touch less the level, positive on the approach side; NaN where
        the mid is missing.
    overlap_group : int64 array, shape (n,)
    outcomes : tuple of BarrierOutcome
        In the order of `barriers.SETS`.
    """

    level: I64
    touch_ns: I64
    feature_ns: I64
    end_ns: I64
    side: I64
    cause: I64
    level_ticks: F64
    mid_change: F64
    osler: F64
    overlap_group: I64
    outcomes: tuple[BarrierOutcome, ...]

    def __len__(self) -> int:
        return len(self.level)


def overlap_groups(level: I64, touch_ns: I64, end_ns: I64, price_at: F64) -> I64:
    """Return the group of each episode, counted from 1 in order of its first touch.

    Two episodes of different levels share a group where the levels are within two ticks of each
    other at the later touch while the earlier touch is in progress; groups that meet are one.

    Parameters
    ----------
    level, touch_ns, end_ns : int64 array, shape (n,)
        As in `Episodes`, in order of touch.
    price_at : float64 array, shape (n, levels), ticks
        Each level at each touch, NaN where it has no value.
    """
    group = np.arange(len(level))
    join_groups(level, touch_ns, end_ns, price_at, group)
    _, numbers = np.unique(group, return_inverse=True)
    return np.asarray(numbers.reshape(-1) + 1, np.int64)


@kernel
def join_groups(level: Any, touch_ns: Any, end_ns: Any, price_at: Any, group: Any) -> None:
    """Give episodes that overlap the least number among them."""
    for later in range(level.shape[0]):
        for earlier in range(later):
            if level[earlier] == level[later] or 0 <= end_ns[earlier] <= touch_ns[later]:
                continue
            apart = price_at[later, level[earlier]] - price_at[later, level[later]]
            if abs(apart) <= OVERLAP_TICKS:
                low = min(group[earlier], group[later])
                high = max(group[earlier], group[later])
                for one in range(later + 1):
                    if group[one] == high:
                        group[one] = low
