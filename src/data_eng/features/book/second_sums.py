"""What the scan of a day's records leaves by second: sums, prices, the book at the second's end."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from .record_chunk import BOOK_VALUES, NO_PRICE

SECOND_NS: Final = 1_000_000_000

# Columns of `SecondSums.sums`; prices in ticks, sizes in contracts, all exact integers.
VOLUME: Final = 0  # sum v over trades
TRADES: Final = 1  # trades
BUY: Final = 2  # sum v of trades with a buy aggressor
SELL: Final = 3  # sum v of trades with a sell aggressor
NOTIONAL: Final = 4  # sum v p
NOTIONAL_SQUARED: Final = 5  # sum v p^2
EFFECTIVE: Final = 6  # sum v 2 d (p - m before the trade)
EFFECTIVE_VOLUME: Final = 7  # sum v of the trades in it
REALIZED: Final = 8  # sum v 2 d (p - m five seconds later), in the second in which that is known
REALIZED_VOLUME: Final = 9  # sum v of the trades in it
OFI_L1: Final = 10  # sum e_n of level 1
OFI_L10: Final = 11  # sum e_n over the ten levels
CHANGES: Final = 12  # changes from one valid complete book to the next
DEPTH_L1: Final = 13  # sum over changes of the new book's sizes, level 1, both sides
DEPTH_L10: Final = 14  # the same over ten levels
ADD_BID: Final = 15  # sum of max(0, dQ + e), e what was executed there on that side
ADD_ASK: Final = 16
CANCEL_BID: Final = 17  # sum of max(0, -dQ - e)
CANCEL_ASK: Final = 18
SPREAD_NS: Final = 19  # integral of the spread over valid time, ticks ns
VALID_NS: Final = 20  # time with a valid quote, ns
FULL_NS: Final = 21  # of it, time with ten levels on both sides
MESSAGES: Final = 22  # records with FLAG_LAST
ORDERS: Final = 23  # A records, and C and M records that are no fills
RECORDS: Final = 24  # records
FULL_BOOKS: Final = 25  # complete valid books with ten levels on both sides
FULL_DEPTH: Final = 26  # sum of their twenty sizes
UNKNOWN_NS: Final = 27  # time in which nothing is known of the book, see `book_rules`
FIELDS: Final = 28

FIRST: Final = 0  # columns of `SecondSums.prices`
HIGH: Final = 1
LOW: Final = 2
LAST: Final = 3

MID_HIGH: Final = 0  # columns of `SecondSums.mids`
MID_LOW: Final = 1

UNCHANGED: Final = 0  # values of `SecondSums.status`
KNOWN: Final = 1
LOST: Final = 2
UNKNOWN: Final = 3


class SecondArrays(NamedTuple):
    """The arrays of `SecondSums`, as compiled code takes them."""

    sums: npt.NDArray[np.int64]
    books: npt.NDArray[np.int32]
    status: npt.NDArray[np.uint8]
    prices: npt.NDArray[np.int32]
    mids: npt.NDArray[np.int64]
    last_ns: npt.NDArray[np.int64]


class SecondSums:
    """Arrays with one row a second from ``start_ns`` to ``end_ns``.

    Attributes
    ----------
    start_ns, end_ns : int, ns since epoch UTC
        Whole seconds apart.
    seconds : int
        Number of rows.
    sums : int64 array, shape (seconds, FIELDS)
        See the columns' names above.
    books : int32 array, shape (seconds, 60)
        The last complete book of the second, where ``status`` is not `UNCHANGED`.
    status : uint8 array, shape (seconds,)
        How the second left the book. `UNCHANGED`: no complete book came. `KNOWN`: one did.
        `LOST`: it was cleared or may be bad, and no complete two-sided one came after.
        `UNKNOWN`: there was none yet, or no record came for a minute.
    prices : int32 array, shape (seconds, 4), ticks
        First, highest, lowest and last trade price, `NO_PRICE` without a trade.
    mids : int64 array, shape (seconds, 2), half ticks
        Highest and lowest mid of the valid quotes that came in the second, `NO_PRICE` without one;
        the mid that stood at its beginning is not among them.
    last_ns : int64 array, shape (seconds,), ns since epoch UTC
        ``ts_recv`` of the second's last record, 0 without one.
    """

    def __init__(self, start_ns: int, end_ns: int) -> None:
        self.start_ns = start_ns
        self.end_ns = end_ns
        self.seconds = (end_ns - start_ns) // SECOND_NS
        if self.seconds * SECOND_NS != end_ns - start_ns or self.seconds <= 0:
            raise ValueError(f"{start_ns} to {end_ns}: not a positive number of whole seconds")
        self.sums = np.zeros((self.seconds, FIELDS), np.int64)
        self.books = np.full((self.seconds, BOOK_VALUES), NO_PRICE, np.int32)
        self.status = np.zeros(self.seconds, np.uint8)
        self.prices = np.full((self.seconds, 4), NO_PRICE, np.int32)
        self.mids = np.full((self.seconds, 2), NO_PRICE, np.int64)
        self.last_ns = np.zeros(self.seconds, np.int64)

    def unknown_seconds(self, start_ns: int, end_ns: int) -> int:
        """Return for how long, in whole seconds, nothing is known of the book between two times."""
        first, end = ((ns - self.start_ns) // SECOND_NS for ns in (start_ns, end_ns))
        return int(self.sums[max(first, 0) : end, UNKNOWN_NS].sum()) // SECOND_NS

    @property
    def arrays(self) -> SecondArrays:
        """The arrays as one tuple."""
        fields: dict[str, Any] = {name: getattr(self, name) for name in SecondArrays._fields}
        return SecondArrays(**fields)
