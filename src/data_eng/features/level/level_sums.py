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
AT_VOLUME: Final = 4  # trades at tick(L), since it came to be displayed if that was in the second
ADDED: Final = 5  # these five as in `DisplayedSizes`
CANCELLED: Final = 6
SIZE_NS: Final = 7
BAND_FLOW: Final = 8
BAND_SIZE_NS: Final = 9
CROSSINGS: Final = 10  # sign changes of m - L
VALID_NS: Final = 11  # time with a level and a valid quote
ABOVE_NS: Final = 12  # of it, time with m > L
EQUAL_NS: Final = 13  # of it, time with m = L
NEAR_NS: Final = 14  # of it, time with |m - L| <= 8 ticks
DISPLAYED_NS: Final = 15  # of it, time with tick(L) displayed
FORMING_TOUCHES: Final = 16  # touches started of the final price, in the window that forms it
FIELDS: Final = 17

DISPLAYED: Final = 0  # columns of `LevelSums.since_ns`
BAND_DISPLAYED: Final = 1


class LevelSums(NamedTuple):
    """One level by second.

    Sums of a fixed level are those of its final price from the first second on; the touch machine
    begins at the open of the regular session, or when the level is known if that is later.

    Attributes
    ----------
    sums : int64 array, shape (seconds, FIELDS)
        See the columns' names above.
    since_ns : int64 array, shape (seconds + 1, 2), ns since epoch UTC
        At each whole second, since when tick(L), and the band about it, have been displayed without
        a break or a step to another tick; -1 where they are not.
    touch : TOUCH_STATE array, shape (seconds + 1,)
        The machine at each whole second: after the steps at it, before the records of it.
    """

    sums: npt.NDArray[np.int64]
    since_ns: npt.NDArray[np.int64]
    touch: npt.NDArray[np.void]


def new_level_sums(start_ns: int, end_ns: int) -> LevelSums:
    """Return the sums of no records."""
    seconds = (end_ns - start_ns) // SECOND_NS
    return LevelSums(
        np.zeros((seconds, FIELDS), np.int64),
        np.full((seconds + 1, 2), -1, np.int64),
        np.zeros(seconds + 1, TOUCH_STATE),
    )
