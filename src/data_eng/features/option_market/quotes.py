"""The last quote of every option, and which quotes can be used."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

MAX_AGE_NS: Final = 60 * 10**9
MAX_SPREAD_POINTS: Final = 1.0
MAX_SPREAD_SHARE: Final = 0.25
_NEVER: Final = np.iinfo(np.int64).min // 2


class LastQuotes:
    """The last quote of each of ``count`` options.

    Attributes
    ----------
    bid, ask : float64 arrays, shape (count,), points
        NaN where there is none.
    """

    def __init__(self, count: int) -> None:
        self.bid = np.full(count, np.nan)
        self.ask = np.full(count, np.nan)
        self._times = np.full(count, _NEVER, np.int64)

    def update(self, slots: I64, times: I64, bid: F64, ask: F64) -> None:
        """Take quotes in the order of their receipt, arrays of shape (m,).

        Parameters
        ----------
        slots : int64 array
            Slot of each quote's option.
        times : int64 array, ns since epoch
        bid, ask : float64 arrays, points
            NaN where the side is empty.
        """
        # The last of each option: the first one from the end.
        last = len(slots) - 1 - np.unique(slots[::-1], return_index=True)[1]
        at = slots[last]
        self.bid[at], self.ask[at], self._times[at] = bid[last], ask[last], times[last]

    def mid(self, at_ns: int) -> F64:
        """Return the mid of the quotes that can be used at a time, NaN for the others.

        A quote counts with a bid above zero, an ask above it, an age of at most 60 s and a spread
        of at most one point or a quarter of the mid, whichever is more.
        """
        mid, spread = (self.bid + self.ask) / 2, self.ask - self.bid
        with np.errstate(invalid="ignore"):
            is_valid = (self.bid > 0) & (spread > 0) & (at_ns - self._times <= MAX_AGE_NS)
            is_valid &= spread <= np.maximum(MAX_SPREAD_POINTS, MAX_SPREAD_SHARE * mid)
        return np.where(is_valid, mid, np.nan)
