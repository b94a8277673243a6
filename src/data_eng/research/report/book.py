"""The displayed book at whole seconds, and what was traded within each, by price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ...catalogue.tables import SECONDS, TRADES
from ...features.book.record_chunk import NO_PRICE
from ...records.arrow_columns import letters, nulls, sizes, values
from ...records.trades import counted_rows
from .day import ReportDay, numbers, times_ns

ABOUT_SECONDS: Final = 300
"""The book is shown from so long before the first to so long after the last row of the grid."""
SIDES: Final = ("bid", "ask")
LEVELS: Final = range(10)
_NS: Final = 10**9

I32 = npt.NDArray[np.int32]


@dataclass(frozen=True)
class BookSeconds:
    """The book as it stands at each whole second, and the trades of the second that follows.

    Attributes
    ----------
    start_ns : int, ns since epoch UTC
        The first second.
    prices : int32 array, shape (2, 10, n), ticks
        Bids and asks, best first; `NO_PRICE` where nothing is displayed, or the book is unknown.
    sizes : int32 array, shape (2, 10, n), contracts
        0 where there is no price.
    trade_second, trade_price : int32 array, shape (k,)
        Seconds since ``start_ns``, ticks; in order of both, each pair once.
    bought, sold, unsided : int32 array, shape (k,), contracts
        Volume there by the aggressor's side.
    """

    start_ns: int
    prices: I32
    sizes: I32
    trade_second: I32
    trade_price: I32
    bought: I32
    sold: I32
    unsided: I32


def book_seconds(day: ReportDay) -> BookSeconds:
    """Return the book about the hours of the grid; a second without a row has no book."""
    open_ns, end_ns = day.window_ns
    start_ns = open_ns - ABOUT_SECONDS * _NS
    count = (end_ns - start_ns) // _NS + ABOUT_SECONDS
    table = day.tables[SECONDS]
    # A row is the book at the end of its second, which stands as the next one begins.
    at = (times_ns(table, "ts") - start_ns) // _NS + 1
    rows = np.flatnonzero((at >= 0) & (at < count))
    prices = np.full((len(SIDES), len(LEVELS), count), NO_PRICE, np.int32)
    shown = np.zeros(prices.shape, np.int32)
    for s, side in enumerate(SIDES):
        for k in LEVELS:
            ticks = _ticks(table, f"{side}_px_{k:02d}", day.tick_size)[rows]
            prices[s, k, at[rows]] = ticks
            size = np.maximum(sizes(table[f"{side}_sz_{k:02d}"])[rows], 0)
            shown[s, k, at[rows]] = np.where(ticks == NO_PRICE, 0, size)
    return BookSeconds(start_ns, prices, shown, *_traded(day, start_ns, count))


def _traded(day: ReportDay, start_ns: int, count: int) -> tuple[I32, I32, I32, I32, I32]:
    table = day.tables[TRADES]
    second = (values(table["ts_recv"], np.int64) - start_ns) // _NS
    counted = counted_rows(table)
    rows = counted[(second[counted] >= 0) & (second[counted] < count)]
    ticks = _ticks(table, "price", day.tick_size)[rows].astype(np.int64)
    key, place = np.unique((second[rows] << 32) + (ticks + (1 << 31)), return_inverse=True)
    size, side = sizes(table["size"])[rows], letters(table["side"])[rows]
    bought, sold, unsided = (
        np.bincount(place, np.where(side == ord(one), size, 0), len(key)).astype(np.int32)
        for one in "BAN"
    )
    price = (key & 0xFFFFFFFF) - (1 << 31)
    return (key >> 32).astype(np.int32), price.astype(np.int32), bought, sold, unsided


def _ticks(table: pa.Table, name: str, tick_size: float) -> I32:
    missing = nulls(table[name])
    ticks = np.rint(numbers(table, name) / tick_size)
    return np.where(missing, NO_PRICE, np.nan_to_num(ticks)).astype(np.int32)
