"""What the pass fills for each level: sums a second, and the touch machine at each second's end."""

from __future__ import annotations

from typing import Final

import numpy as np

from ..book.second_sums import SECOND_NS
from .touch_machine import KEPT, KEPT_FLOATS

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
FIELDS: Final = 16

BAND_TICKS: Final = 2
"""Half the width of the band about a level, ticks."""
NEAR_TICKS: Final = 8
"""Distance within which the mid dwells at a level, ticks."""


class LevelSums:
    """Arrays with one row a second from ``start_ns`` to ``end_ns``, for each level.

    Attributes
    ----------
    start_ns : int, ns since epoch UTC
    sums : int64 array, shape (levels, seconds, FIELDS)
        See the columns' names above.
    penetration : float64 array, shape (levels, seconds), ticks
        Largest excursion of a trade beyond the level during a touch, -1 without such a trade.
    has_changed : uint8 array, shape (levels, seconds)
        1 where the touch machine changed within the second, or at the step that ends it.
    machine : int64 array, shape (levels, seconds, KEPT)
        The machine's kept integers at the end of the second, where it changed.
    machine_floats : float64 array, shape (levels, seconds, KEPT_FLOATS), ticks
        Its kept floats.
    """

    def __init__(self, levels: int, start_ns: int, end_ns: int) -> None:
        seconds = (end_ns - start_ns) // SECOND_NS
        self.start_ns = start_ns
        self.sums = np.zeros((levels, seconds, FIELDS), np.int64)
        self.penetration = np.full((levels, seconds), -1.0)
        self.has_changed = np.zeros((levels, seconds), np.uint8)
        self.machine = np.zeros((levels, seconds, KEPT), np.int64)
        self.machine_floats = np.full((levels, seconds, KEPT_FLOATS), np.nan)
