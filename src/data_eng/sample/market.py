"""The state of a simulated day: what is fixed about it, and what moves."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .book import Book
from .layout import Rows

# Where `Moving.clock` keeps its numbers.
LAST_RECV = 0  # ts_recv of the last record
SEQUENCE = 1  # sequence of the last packet
LATENT_TS = 2  # time of the last draw of the latent price
REOPENED = 3  # openings done
ROW = 4  # next row of the chunk
LAST_EVENT = 5  # ts_event of the last event
SECOND = 6  # the second of the day that the latent price is in
ENDED = 7  # 1 when the day is over


class Fixed(NamedTuple):
    """What is fixed about a day; arrays over instruments have shape (n,).

    Attributes
    ----------
    start_ns : int
        Midnight UTC.
    target : float64 array
        Records wanted.
    profile : int64 array
        Row of `progress`.
    deep : int8 array
        1 where the book is deep at every tick, 0 where makers quote a few prices.
    front_weight, carry_weight : float64 arrays
        Fair price is ``front_weight * front + carry_weight * carry``.
    tick : float64 array, points
    tick_nanos, base : int64 arrays
        Tick in 1e-9 points; ticks of the book's index 0.
    instrument_id : uint32 array
    book_scale : float64 array
        Book size relative to the front month's.
    quoted_levels : float64 array
        Prices quoted a side where the book is not deep.
    progress : float64 array, shape (profiles, 86401)
        Fraction of the day's records before each second.
    front, carry : float64 arrays, shape (86401,), points
    variance : float64 array, shape (86400,), points squared a second
    carry_variance : float64 array, shape (86400,), points squared a second
    book_size : float64 array, shape (86400,), contracts
    opens, closes : int64 arrays, ns
        Reopenings of the day; session ends of the day, the day's end among them.
    """

    start_ns: int
    target: NDArray[np.float64]
    profile: NDArray[np.int64]
    deep: NDArray[np.int8]
    front_weight: NDArray[np.float64]
    carry_weight: NDArray[np.float64]
    tick: NDArray[np.float64]
    tick_nanos: NDArray[np.int64]
    base: NDArray[np.int64]
    instrument_id: NDArray[np.uint32]
    book_scale: NDArray[np.float64]
    quoted_levels: NDArray[np.float64]
    progress: NDArray[np.float64]
    front: NDArray[np.float64]
    carry: NDArray[np.float64]
    variance: NDArray[np.float64]
    carry_variance: NDArray[np.float64]
    book_size: NDArray[np.float64]
    opens: NDArray[np.int64]
    closes: NDArray[np.int64]


class Moving(NamedTuple):
    """What moves during a day.

    Attributes
    ----------
    random : uint64 array, shape (1,)
    clock : int64 array, shape (8,)
        See the constants of this module.
    latent : float64 array, shape (1,)
        Front month's efficient price, points.
    due : int64 array, shape (n,), ns
        Time of each instrument's next event.
    emitted, events : int64 arrays, shape (n,)
        Records written and events drawn.
    last_buy : int8 array, shape (n,)
        1 where the last aggressor bought.
    excited : float64 array, shape (n,)
        Excitation of trading by recent trades.
    weight : float32 array, shape (n, 2, TICKS)
        How much each price attracts, around one.
    """

    random: NDArray[np.uint64]
    clock: NDArray[np.int64]
    latent: NDArray[np.float64]
    due: NDArray[np.int64]
    emitted: NDArray[np.int64]
    events: NDArray[np.int64]
    last_buy: NDArray[np.int8]
    excited: NDArray[np.float64]
    weight: NDArray[np.float32]


class View(NamedTuple):
    """One instrument's market as its participants see it at one moment.

    Attributes
    ----------
    fair : float
        Efficient price, ticks of the book's index.
    gap : float
        Fair price less the mid, ticks.
    band : float
        The gap at which quotes must move, ticks.
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


class Market(NamedTuple):
    """Everything that an event needs."""

    fixed: Fixed
    moving: Moving
    book: Book
    rows: Rows
