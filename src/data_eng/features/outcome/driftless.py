"""How often a price without drift bounces, and how far an outcome went towards a bounce.

A mid that is a martingale leaves the interval between two barriers at the one or the other with
chances in inverse proportion to their distances (optional stopping; Feller 1968, chapter 14). A
trade reaches the upper barrier at the ask, half a spread above the mid, and the lower one at the
bid.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..book.day_seconds import F64
from .first_passage import BOUNCE, BREAK, TIMEOUT


@dataclass(frozen=True)
class MidBarriers:
    """Where the mid is when a trade reaches a barrier; arrays of shape (n,), ticks.

    Attributes
    ----------
    upper, lower : float64 arrays
        ``U - h`` and ``W + h``: U the lowest tick at or above ``L + B``, W the highest one at or
        below ``L - B``, h half the quoted spread.
    side : float64 array
        -1 from below, 1 from above.
    """

    upper: F64
    lower: F64
    side: F64

    def is_between(self, mid: F64) -> npt.NDArray[np.bool_]:
        """Return whether the mid lies between the two, neither reached; False where one is NaN."""
        return np.asarray((self.upper > mid) & (mid > self.lower), np.bool_)

    def bounce_share(self, mid: F64) -> F64:
        """Return the way from the mid to the break as a share of that between the two barriers.

        The chance of a bounce without drift where the mid lies between; NaN where one is missing.
        """
        to_break = np.where(self.side < 0, self.upper - mid, mid - self.lower)
        between = self.upper - self.lower
        share = np.full(len(mid), np.nan)
        np.divide(to_break, between, out=share, where=between > 0)
        return share


def mid_barriers(level: F64, side: F64, barrier: F64, half_spread: F64) -> MidBarriers:
    """Return where the mid meets the barriers of episodes.

    Parameters
    ----------
    level, side, barrier, half_spread : float64 arrays, shape (n,)
        L, ticks; -1 from below or 1 from above; B, ticks; h at ``feature_ns``, ticks, NaN without
        a valid quote.
    """
    upper, lower = np.ceil(level + barrier), np.floor(level - barrier)
    return MidBarriers(upper - half_spread, lower + half_spread, side)


def bounce_scores(outcome: npt.NDArray[Any], barriers: MidBarriers, at_horizon: F64) -> F64:
    """Return 1 for a bounce, 0 for a break, at a timeout the share at the mid then, in [0, 1].

    Its expectation under a martingale is the share at the mid at ``feature_ns``.

    Parameters
    ----------
    outcome : uint8 array, shape (n,)
        As in `first_passage`; NaN is returned where censored.
    barriers : MidBarriers
    at_horizon : float64 array, shape (n,), ticks
        Mid at the horizon; NaN where missing, which a timeout's score is too.
    """
    share = np.clip(barriers.bounce_share(at_horizon), 0.0, 1.0)
    known = [outcome == BOUNCE, outcome == BREAK, outcome == TIMEOUT]
    return np.select(known, [1.0, 0.0, share], np.nan)
