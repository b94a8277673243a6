"""What a level's tables tell by second: sums, and the touch machine at each whole second."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from ..book.second_sums import SECOND_NS
from .touch_machine import TOUCH_STATE

# Columns of `LevelSums.sums`; sizes in contracts, times in ns, all exact integers.
BAND_VOLUME: Final = 0  # trades within two ticks of tick(L)
BAND_TRADES: Final = 1
BAND_BUY: Final = 2
BAND_SELL: Final = 3
AT_VOLUME: Final = 4  # trades at tick(L)
ADDED: Final = 5  # sum of positive dQ at tick(L), visible before and after
CANCELLED: Final = 6  # sum of negative dQ there that trades do not explain
BAND_FLOW: Final = 7  # sum of dQ of bids less that of asks in the band, visible before and after
BAND_CHANGES: Final = 8  # changes of the book with the band visible before and after
BAND_DEPTH: Final = 9  # sum over them of the size displayed in the band
CROSSINGS: Final = 10  # sign changes of m - L
VALID_NS: Final = 11  # time with a level and a valid quote
ABOVE_NS: Final = 12  # of it, time with m > L
NEAR_NS: Final = 13  # of it, time with |m - L| <= 8 ticks
VISIBLE_NS: Final = 14  # of it, time with tick(L) visible
BAND_VISIBLE_NS: Final = 15  # of it, time with the whole band visible
SIZE_NS: Final = 16  # integral of the size displayed at tick(L)
FIELDS: Final = 17


class LevelSums(NamedTuple):
    """One level by second.

    Trades of a fixed level count from the first second on, everything else while it has a value.

    Attributes
    ----------
    sums : int64 array, shape (seconds, FIELDS)
        See the columns' names above.
    penetration : float64 array, shape (seconds,), ticks
        Largest excursion of a trade beyond the level during a touch, -1 without such a trade.
    touch : TOUCH_STATE array, shape (seconds + 1,)
        The machine at each whole second: after the steps at it, before the records of it.
    """

    sums: npt.NDArray[np.int64]
    penetration: npt.NDArray[np.float64]
    touch: npt.NDArray[np.void]


def new_level_sums(start_ns: int, end_ns: int) -> LevelSums:
    """Return the sums of no records."""
    seconds = (end_ns - start_ns) // SECOND_NS
    return LevelSums(
        np.zeros((seconds, FIELDS), np.int64),
        np.full(seconds, -1.0),
        np.zeros(seconds + 1, TOUCH_STATE),
    )
