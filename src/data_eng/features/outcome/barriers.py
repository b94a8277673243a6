"""The barrier sets of an episode (López de Prado 2018, chapter 3), and the rule on bar closes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from ..book.day_seconds import F64

MIN_TICKS: Final = 8
"""Floor of a barrier that follows the average true range, which lags at the open, ticks."""


@dataclass(frozen=True)
class BarrierSet:
    """Symmetric barriers about the level, and how long they stand.

    Attributes
    ----------
    name : str
        Ending of its columns; empty for the primary set.
    horizon_seconds : int
    ticks : int or None, ticks
        A fixed distance,
    atr : float or None
        or a multiple of the average true range, at least `MIN_TICKS`.
    """

    name: str
    horizon_seconds: int
    ticks: int | None = None
    atr: float | None = None

    @property
    def label(self) -> str:
        """What the set is called by: its name, ``primary`` for that without one."""
        return self.name or "primary"

    def distance(self, average_true_range: F64) -> F64:
        """Return the distance of the barriers from the level, shape (n,), whole ticks.

        Parameters
        ----------
        average_true_range : float64 array, shape (n,), ticks
            At ``feature_ts``; NaN where missing, which gives the floor.
        """
        if self.ticks is not None or self.atr is None:
            return np.full(len(average_true_range), float(self.ticks or MIN_TICKS))
        rounded = np.floor(self.atr * average_true_range + 0.5)
        return np.fmax(rounded, MIN_TICKS)


PRIMARY: Final = BarrierSet("", 900, atr=1.0)
SECONDARY: Final = (
    BarrierSet("8_ticks_300s", 300, ticks=8),
    BarrierSet("16_ticks_900s", 900, ticks=16),
    BarrierSet("2_atr_1800s", 1800, atr=2.0),
)
SETS: Final = (PRIMARY, *SECONDARY)
LONGEST_SECONDS: Final = max(one.horizon_seconds for one in SETS)

CLOSE_BAR_SECONDS: Final = 120
"""Length of the bars whose closes a trader looks at."""
CLOSE_HORIZON_SECONDS: Final = 900
CLOSE_TICKS: Final = 4
"""A close so far from the level decides, ticks."""
