"""MBP-10 records as contiguous arrays, prices in whole ticks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from ...compiled import kernel

NO_PRICE: Final = -(2**31)
"""Stands for an undefined price, in ticks."""

# Letters of a record's action and side, and bits of its flags.
TRADE: Final = np.uint8(ord("T"))
ADD: Final = np.uint8(ord("A"))
CANCEL: Final = np.uint8(ord("C"))
MODIFY: Final = np.uint8(ord("M"))
CLEAR: Final = np.uint8(ord("R"))
BUY_AGGRESSOR: Final = np.uint8(ord("B"))
SELL_AGGRESSOR: Final = np.uint8(ord("A"))
FLAG_LAST: Final = 0x80
FLAG_SNAPSHOT: Final = 0x20
FLAG_MAYBE_BAD_BOOK: Final = 0x04

BOOK_LEVELS: Final = 10
BID_PX: Final = 0
ASK_PX: Final = 10
BID_SZ: Final = 20
ASK_SZ: Final = 30
BID_CT: Final = 40
ASK_CT: Final = 50
BOOK_VALUES: Final = 60
"""A book is 60 values: price, size and order count of ten levels, bids before asks in each."""

_TOLERANCE = 1e-4
MOST_DOLLARS: Final = 1_000_000
"""Beyond any price of the products: half ticks of it fit in 32 bits."""


class RecordArrays(NamedTuple):
    """The arrays of a `RecordChunk`, as compiled code takes them."""

    times: npt.NDArray[np.int64]
    ts_event: npt.NDArray[np.int64]
    action: npt.NDArray[np.uint8]
    side: npt.NDArray[np.uint8]
    flags: npt.NDArray[np.int32]
    price: npt.NDArray[np.int32]
    size: npt.NDArray[np.int32]
    book: npt.NDArray[np.int32]


@dataclass(frozen=True)
class RecordChunk:
    """Records in file order.

    Attributes
    ----------
    times : int64 array, shape (n,), ns since epoch UTC
        ``ts_recv``, made non-decreasing: a record is known once all before it are.
    ts_event : int64 array, shape (n,), ns since epoch UTC
    action, side : uint8 array, shape (n,)
        The letters' ASCII codes.
    flags : int32 array, shape (n,)
        DBN flag bits.
    price : int32 array, shape (n,), ticks
        `NO_PRICE` where undefined.
    size : int32 array, shape (n,), contracts
        -1 where undefined.
    book : int32 array, shape (60, m), m >= n
        The ten levels; rows as `BID_PX` and its like say. Prices in ticks.
    """

    times: npt.NDArray[np.int64]
    ts_event: npt.NDArray[np.int64]
    action: npt.NDArray[np.uint8]
    side: npt.NDArray[np.uint8]
    flags: npt.NDArray[np.int32]
    price: npt.NDArray[np.int32]
    size: npt.NDArray[np.int32]
    book: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.times)

    @classmethod
    def empty(cls) -> RecordChunk:
        """Return no records."""
        codes, counts = np.zeros(0, np.uint8), np.zeros(0, np.int32)
        times = np.zeros(0, np.int64)
        book = np.zeros((BOOK_VALUES, 0), np.int32)
        return cls(times, times, codes, codes, counts, counts, counts, book)

    @property
    def arrays(self) -> RecordArrays:
        """The arrays as one tuple."""
        fields: dict[str, Any] = {name: getattr(self, name) for name in RecordArrays._fields}
        return RecordArrays(**fields)


@kernel
def to_ticks(prices: Any, tick_size: float, ticks: Any) -> int:
    """Write prices as whole ticks.

    Parameters
    ----------
    prices : float64 array, shape (n,), dollars
        NaN where undefined.
    tick_size : float, dollars
    ticks : int32 array, shape (n,)
        Receives the ticks, `NO_PRICE` where undefined.

    Returns
    -------
    int
        First row whose price is no whole number of ticks, or lies beyond `MOST_DOLLARS`; -1 where
        there is none.
    """
    wrong = 0
    for i in range(prices.shape[0]):
        exact = prices[i] / tick_size
        whole = np.floor(exact + 0.5)
        # The one comparison that an undefined price fails as well.
        on_grid = (abs(exact - whole) <= _TOLERANCE) & (abs(prices[i]) <= MOST_DOLLARS)
        ticks[i] = np.int32(whole) if on_grid else np.int32(NO_PRICE)
        wrong += not on_grid
    if wrong == 0:
        return -1
    for i in range(prices.shape[0]):
        if ticks[i] == NO_PRICE and not np.isnan(prices[i]):
            return i
    return -1
