"""The state of a simulated day of options: what is fixed about it, and what moves.

All prices of options and spreads are whole nickels (0.05 points).
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

NO_QUOTE: Final = -(1 << 40)  # a side without an order
NO_OPTION: Final = -1  # a leg on the future

INSTRUMENT: Final = np.dtype(
    [
        ("id", "i8"),
        ("first_leg", "i8"),  # spreads only
        ("legs", "i8"),  # 0: an outright call or put
        ("last_of_group", "i8"),  # last instrument that is re-quoted with this one
        ("listed", "i8"),  # ns since epoch
        ("expiration", "i8"),  # ns since epoch
        ("quarter", "i8"),  # of the underlying, from the front month
        ("strike", "f8"),  # points
        ("call", "i8"),
        ("american", "i8"),
        ("delta", "f8"),  # of an outright, at fair_second
        ("quoted_at", "f8"),  # price of its future when it was last quoted, points
        ("fair", "f8"),  # points, at fair_second
        ("fair_second", "i8"),
        ("session", "i8"),  # to which the quotes and extremes belong
        ("bid", "i8"),
        ("ask", "i8"),
        ("bid_size", "i8"),
        ("ask_size", "i8"),
        ("bid_count", "i8"),
        ("ask_count", "i8"),
        ("traded", "i8"),  # 1: a trade in this session
        ("high", "i8"),
        ("low", "i8"),
        ("highest_bid", "i8"),
        ("lowest_ask", "i8"),
    ]
)
LEG: Final = np.dtype(
    [
        ("option", "i8"),  # index of an outright, or NO_OPTION
        ("ratio", "f8"),  # signed, + bought
        ("quarter", "i8"),  # of the future
        ("reference", "f8"),  # price at which the future's leg is done, points
    ]
)
SECOND: Final = np.dtype(
    [
        ("front", "f8"),  # price of the front month, points
        ("carry", "f8"),  # between successive futures, points
        ("level", "f8"),  # implied volatility relative to the day's start
        ("widen", "f8"),  # quoted spreads, relative to the liquid hours
    ]
)
STATE: Final = np.dtype(
    [
        ("start", "i8"),  # midnight UTC
        ("target", "f8"),  # records wanted
        ("spread_share", "f8"),  # of the records after the snapshot
        ("snapshot", "i8"),  # records of the opening snapshot
        ("emitted", "i8"),
        ("spread_rows", "i8"),  # of the records after the snapshot
        ("snapshot_next", "i8"),  # instrument that comes next in it
        ("last_event", "i8"),
        ("last_recv", "i8"),
        ("sequence", "i8"),
        ("session", "i8"),
        ("second", "i8"),  # of the day's progress
        ("ended", "i8"),
        ("row", "i8"),
        ("statistics", "i8"),
    ]
)


class OptionMarket(NamedTuple):
    """Arrays of a day; `wide`, `narrow` and `statistic` are the chunk being written.

    Attributes
    ----------
    instrument : INSTRUMENT array, shape (n,)
        Outrights in the chain's order, then spreads.
    leg : LEG array
    second : SECOND array, shape (86401,)
    progress : float64 array, shape (86401,)
        Fraction of the day's records past at each second.
    weight : float64 array, shape (n,)
        Running sum of the instruments' parts of the flow: options up to 1, spreads to 2.
    opens, closes : int64 arrays, ns since epoch
    random : uint64 array, shape (1,)
    state : STATE array, shape (1,)
    wide, narrow : see `layout.new_quotes`
    statistic : STATISTIC_EVENT array
    """

    instrument: NDArray[Any]
    leg: NDArray[Any]
    second: NDArray[Any]
    progress: NDArray[np.float64]
    weight: NDArray[np.float64]
    opens: NDArray[np.int64]
    closes: NDArray[np.int64]
    random: NDArray[np.uint64]
    state: NDArray[Any]
    wide: NDArray[np.int64]
    narrow: NDArray[np.uint32]
    statistic: NDArray[Any]
