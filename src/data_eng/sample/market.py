"""The state of a simulated day: what is fixed about it, and what moves.

Compiled code takes it as one tuple of structured arrays: every array more in its
signature costs each function compile time.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

TICKS: Final = 8192  # prices of an instrument's book
NO_ORDER: Final = -1
BOTH_SIDES: Final = 3  # of a book, in the field `shown`
# Not ints: Numba compiles a function anew for every literal int it is called with.
BID: Final[Any] = np.int64(0)
ASK: Final[Any] = np.int64(1)

LEVEL: Final = np.dtype(
    [
        ("contracts", "i8"),
        ("orders", "i8"),
        ("first", "i8"),  # queue of orders
        ("last", "i8"),
        ("weight", "f8"),  # how much this price attracts, around one
    ]
)
EDGE: Final = np.dtype(
    [
        ("best", "i8"),  # price, ticks
        ("far", "i8"),  # a bound on the outermost price
        ("levels", "i8"),  # prices with orders
    ]
)
ORDER: Final = np.dtype([("size", "i8"), ("after", "i8"), ("before", "i8")])
INSTRUMENT: Final = np.dtype(
    [
        ("id", "i8"),
        ("deep", "i8"),  # 1: orders at every tick; 0: makers quote a few prices
        ("profile", "i8"),  # row of Market.progress
        ("target", "f8"),  # records wanted
        ("front_weight", "f8"),  # fair = front_weight * front + carry_weight * carry
        ("carry_weight", "f8"),
        ("tick", "f8"),  # points
        ("tick_nanos", "i8"),
        ("base", "i8"),  # ticks of the book's price 0
        ("book_scale", "f8"),  # book size, relative to the front month's
        ("quoted_levels", "f8"),  # prices a side, where the book is not deep
        ("due", "i8"),  # time of the next event, ns
        ("emitted", "i8"),  # records written
        ("events", "i8"),
        ("last_buy", "i8"),  # 1: the last aggressor bought
        ("parent_buys", "i8"),  # 1: a large order is being bought in slices, 0: sold
        ("excited", "f8"),  # excitation of trading by recent trades
        ("trades", "i8"),  # T records written
        ("modifies", "i8"),  # M records written
        ("shown", "i8"),  # sides on record: 1 bids, 2 asks, 3 both, 0 none
        ("thinned", "i8"),  # 1: the quote in the way of a move has been thinned out
    ]
)
SECOND: Final = np.dtype(
    [
        ("front", "f8"),  # efficient price of the front month, points
        ("carry", "f8"),  # between successive contracts, points
        ("variance", "f8"),  # of front in this second, points squared
        ("book_size", "f8"),  # contracts wanted at the best price
    ]
)
FAULT: Final = np.dtype(
    [
        ("at", "i8"),  # ns
        ("kind", "i8"),  # one of the constants of `faults`
        ("side", "i8"),
    ]
)
STATE: Final = np.dtype(
    [
        ("start", "i8"),  # midnight UTC, ns
        ("last_recv", "i8"),  # ts_recv of the last packet
        ("sequence", "i8"),  # of the last packet
        ("latent_ts", "i8"),  # time of the last draw of the efficient price
        ("latent", "f8"),  # the efficient price there, points
        ("second", "i8"),  # second of the day of that draw
        ("carry_variance", "f8"),  # points squared a second
        ("reopened", "i8"),  # openings done
        ("row", "i8"),  # next row of the chunk
        ("ended", "i8"),  # 1: the day is over
        ("free", "i8"),  # height of the stack of unused orders
        ("doubt", "i8"),  # the flag that records carry while the book may be bad
        ("fault", "i8"),  # beginnings and ends of faults that are past
        ("reverting", "i8"),  # 1: mid moves revert in part; 0: the mid is a martingale
    ]
)


class Market(NamedTuple):
    """Everything that an event needs.

    Attributes
    ----------
    level : LEVEL array, shape (instruments, 2, TICKS)
        Sides are 0 (bid) and 1 (ask), prices ticks from the instrument's base.
    edge : EDGE array, shape (instruments, 2)
    order : ORDER array, shape (orders,)
    free : int64 array, shape (orders,)
        Unused orders, a stack.
    instrument : INSTRUMENT array, shape (instruments,)
    second : SECOND array, shape (86401,)
    progress : float64 array, shape (2, 86401)
        Fraction of the day's records before each second: of instruments that trade all
        day, of those that expire on the day.
    opens, closes : int64 arrays, ns
        Openings within the day; session ends within it and the day's end.
    fault : FAULT array
    random : uint64 array, shape (1,)
    state : STATE array, shape (1,)
    wide, narrow : int64 array, shape (n, 46); uint32 array, shape (n, 92)
        The chunk being written, see `layout.new_rows`.
    """

    level: NDArray[Any]
    edge: NDArray[Any]
    order: NDArray[Any]
    free: NDArray[np.int64]
    instrument: NDArray[Any]
    second: NDArray[Any]
    progress: NDArray[np.float64]
    opens: NDArray[np.int64]
    closes: NDArray[np.int64]
    fault: NDArray[Any]
    random: NDArray[np.uint64]
    state: NDArray[Any]
    wide: NDArray[np.int64]
    narrow: NDArray[np.uint32]


class View(NamedTuple):
    """One instrument's market as its participants see it at one moment.

    Attributes
    ----------
    fair : float
        Efficient price, ticks of the book.
    gap : float
        Fair price less the mid, ticks.
    band : float
        The gap at which quotes move, ticks.
    refill : float
        Fraction of a level's missing contracts that one order may bring.
    wanted : float
        Contracts wanted at the best price.
    """

    fair: float
    gap: float
    band: float
    refill: float
    wanted: float


class Decision(NamedTuple):
    """What a participant does.

    Attributes
    ----------
    kind : int
        One of the constants of this module.
    side : int
        Side of the resting order: 0 bid, 1 ask.
    price : int
        Its price, ticks of the book; for `TAKE` without meaning.
    size : int
        Contracts of `PLACE`, `TAKE` and `ICEBERG`; prices that `THIN` goes over.
    other : int
        New price of `MOVE`; contracts that rest after `TAKE`, that show after `ICEBERG`,
        that `THIN` leaves at a price.
    """

    kind: int
    side: int
    price: int
    size: int
    other: int


PLACE: Final = 0
CANCEL: Final = 1
RESIZE: Final = 2
MOVE: Final = 3
TAKE: Final = 4
ICEBERG: Final = 5
THIN: Final = 6
