"""Liquidity that rests at the level at each row. Float64, shape (m,), NaN where missing.

A price is displayed between the outermost prices of a valid book; a side with fewer than ten levels
hides nothing. What lies outside is not known: NaN, never 0. Sizes are told in D, the mean size
of a displayed price: mean over the complete valid books with ten prices on both sides received in
[ts - 300 s, ts), each event one value, of the sum of their 20 sizes / 20; NaN with fewer than 100.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from ..book.day_seconds import F64, I32, DaySeconds, only, ratio
from ..book.record_chunk import (
    ASK_CT,
    ASK_PX,
    ASK_SZ,
    BID_CT,
    BID_PX,
    BID_SZ,
    BOOK_LEVELS,
    NO_PRICE,
)
from ..book.second_sums import FULL_BOOKS, FULL_DEPTH
from ..definitions import MEAN_SIZE_BOOKS, MEAN_SIZE_SECONDS
from ..feature import AS_OF, EVEN, ODD, Feature, FeatureList

FEATURES: Final = FeatureList()


Bools = npt.NDArray[np.bool_]

_SIZES = np.r_[BID_SZ : BID_SZ + BOOK_LEVELS, ASK_SZ : ASK_SZ + BOOK_LEVELS]
_COUNTS = np.r_[BID_CT : BID_CT + BOOK_LEVELS, ASK_CT : ASK_CT + BOOK_LEVELS]


@dataclass(frozen=True)
class BookAtLevel:
    """Books beside the price of a level.

    Attributes
    ----------
    books : int32 array, shape (m, 60)
        As in `DaySeconds.books`.
    tick : float64 array, shape (m,), ticks
        ``tick(L)``; NaN where the level has no value.
    mean_size : float64 array, shape (m,), contracts
        D: mean size of a displayed price in the last 300 s, NaN where there are too few books.
    """

    books: I32
    tick: F64
    mean_size: F64

    @cached_property
    def prices(self) -> F64:
        """Prices of bids and asks, shape (m, 20), ticks; NaN where there is no level."""
        prices = self.books[:, : 2 * BOOK_LEVELS]
        return np.where(prices == NO_PRICE, np.nan, prices)

    @cached_property
    def is_valid(self) -> Bools:
        """Whether the book is two-sided with the ask above the bid."""
        return np.asarray(self.prices[:, ASK_PX] > self.prices[:, BID_PX])

    @cached_property
    def is_ask_side(self) -> Bools:
        """Whether the level lies at or above the best ask."""
        return np.asarray(self.tick >= self.prices[:, ASK_PX])

    @cached_property
    def is_bid_side(self) -> Bools:
        """Whether the level lies at or below the best bid."""
        return np.asarray(self.tick <= self.prices[:, BID_PX])

    def is_displayed(self, offset: int = 0) -> Bools:
        """Return whether the price ``offset`` ticks above the level is displayed."""
        lowest = np.nan_to_num(self.prices[:, BID_PX + BOOK_LEVELS - 1], nan=-np.inf)
        highest = np.nan_to_num(self.prices[:, ASK_PX + BOOK_LEVELS - 1], nan=np.inf)
        price = self.tick + offset
        return np.asarray(self.is_valid & (lowest <= price) & (price <= highest))

    def sizes(self, where: Bools) -> F64:
        """Return the sum of the sizes of some of the 20 levels, shape (m,), contracts."""
        total: F64 = np.where(where, self.books[:, _SIZES], 0).sum(axis=1, dtype=np.float64)
        return total

    def orders(self, where: Bools) -> F64:
        """Return the sum of the orders of some of the 20 levels, shape (m,)."""
        total: F64 = np.where(where, self.books[:, _COUNTS], 0).sum(axis=1, dtype=np.float64)
        return total

    @cached_property
    def is_level_side(self) -> Bools:
        """Which of the 20 prices are of the side on which the level lies, shape (m, 20)."""
        is_ask, is_bid = self.is_ask_side[:, None], self.is_bid_side[:, None]
        return np.asarray(np.where(is_ask, self.sides > 0, (self.sides < 0) & is_bid))

    @cached_property
    def offsets(self) -> F64:
        """Ticks from the level to each price, shape (m, 20)."""
        return self.prices - self.tick[:, None]

    @cached_property
    def sides(self) -> npt.NDArray[np.int8]:
        """-1 for the ten bids, 1 for the ten asks, shape (20,)."""
        return np.repeat(np.array([-1, 1], np.int8), BOOK_LEVELS)


def book_at_level(day: DaySeconds, tick: F64) -> BookAtLevel:
    """Return the books of each row beside ``tick(L)``, and the mean size of a displayed price."""
    books = day.window(FULL_BOOKS, MEAN_SIZE_SECONDS)
    sizes = 2 * BOOK_LEVELS * books
    mean_size = ratio(day.window(FULL_DEPTH, MEAN_SIZE_SECONDS), sizes)
    return BookAtLevel(day.books, tick, only(mean_size, books >= MEAN_SIZE_BOOKS))


@FEATURES.add(
    Feature(
        "displayed_order_size_to_side_average_ratio",
        doc=(
            "(size / orders at the {level}) / (size / orders of all displayed prices of the side "
            "on which it lies, itself included)."
        ),
        unit="ratio",
        window=AS_OF,
        null_rule="Null if not displayed, in the spread, or without an order there.",
        mirror=EVEN,
        source="Biais, Hillion & Spatt 1995",
        minimum=0,
    )
)
def order_size_ratio(book: BookAtLevel) -> F64:
    """Return contracts per order at the level over contracts per order of its side."""
    is_there = book.is_level_side & (book.offsets == 0)
    there = ratio(book.sizes(is_there), book.orders(is_there))
    side = ratio(book.sizes(book.is_level_side), book.orders(book.is_level_side))
    return only(ratio(there, side), book.is_displayed())


@FEATURES.add(
    Feature(
        "displayed_size_to_mean_of_other_prices_ratio",
        doc=(
            "Size displayed at the {level} / mean size of the other displayed prices on that side."
        ),
        unit="ratio",
        window=AS_OF,
        null_rule="Null if not displayed, in the spread, or without another price on that side.",
        mirror=EVEN,
    )
)
def size_ratio(book: BookAtLevel) -> F64:
    """Return the size at the level over the mean of the side's other prices; NaN in the spread."""
    others = book.is_level_side & ~np.isnan(book.offsets) & (book.offsets != 0)
    mean = ratio(book.sizes(others), others.sum(axis=1))
    size = book.sizes(book.is_level_side & (book.offsets == 0))
    return only(ratio(size, mean), book.is_displayed() & (book.is_ask_side | book.is_bid_side))


@FEATURES.add(
    Feature(
        "relative_depth_to_level",
        doc=(
            "Size displayed from the best quote up to and without the {level}, on the side to be "
            "traded through, / D; 0 if it is at the best quote or in the spread."
        ),
        unit="mean sizes of a displayed price",
        window=AS_OF,
        null_rule="Null if not displayed, or without D.",
        mirror=EVEN,
        source="cumulative depth",
        minimum=0,
    )
)
def relative_depth_to_level(book: BookAtLevel) -> F64:
    """Return the size from the best quote up to the level, without it, in mean sizes."""
    is_before = np.where(
        book.is_ask_side[:, None],
        (book.sides > 0) & (book.offsets < 0),
        (book.sides < 0) & (book.offsets > 0) & book.is_bid_side[:, None],
    )
    return only(ratio(book.sizes(is_before), book.mean_size), book.is_displayed())


@FEATURES.add(
    Feature(
        "relative_depth_within_{ticks}_ticks_beyond",
        doc=(
            "Size displayed in the {ticks} ticks beyond the {level}, away from the price (asks "
            "above a level above m, bids below one below), / D."
        ),
        unit="mean sizes of a displayed price",
        window=AS_OF,
        null_rule=(
            "Null unless the level and the last of the ticks are displayed, if tick(L) = m, and "
            "without D."
        ),
        mirror=EVEN,
        source="cumulative depth",
        minimum=0,
        each={"ticks": (5,)},
    )
)
def relative_depth_beyond(book: BookAtLevel, ticks: int) -> F64:
    """Return the size in the ticks beyond the level, away from the price, in mean sizes.

    In the spread the level lies above the price where it is above the mid; at the mid, NaN.
    """
    mid = (book.prices[:, BID_PX] + book.prices[:, ASK_PX]) / 2
    is_above = (book.tick > mid)[:, None]
    reach = np.where(is_above, book.sides > 0, book.sides < 0)
    beyond = np.where(is_above, book.offsets, -book.offsets)
    found = book.sizes(reach & (beyond > 0) & (beyond <= ticks))
    is_shown = np.where(is_above[:, 0], book.is_displayed(ticks), book.is_displayed(-ticks))
    is_shown = is_shown & book.is_displayed() & (book.tick != mid)
    return only(ratio(found, book.mean_size), is_shown)


@FEATURES.add(
    Feature(
        "depth_imbalance_{ticks}_ticks",
        doc=(
            "(bids in the {ticks} ticks below the {level} - asks in the {ticks} ticks above it) / "
            "their sum."
        ),
        unit="dimensionless",
        window=AS_OF,
        null_rule="Null unless both bands are displayed, or if the sum is 0.",
        mirror=ODD,
        source="order book imbalance, Cao, Hansch & Wang 2009",
        minimum=-1,
        maximum=1,
        each={"ticks": (5,)},
    )
)
def depth_imbalance(book: BookAtLevel, ticks: int) -> F64:
    """Return (bids in the ticks below - asks in the ticks above) / their sum; NaN if it is 0."""
    below = book.sizes((book.sides < 0) & (book.offsets < 0) & (book.offsets >= -ticks))
    above = book.sizes((book.sides > 0) & (book.offsets > 0) & (book.offsets <= ticks))
    is_shown = book.is_displayed(-ticks) & book.is_displayed(ticks)
    return only(ratio(below - above, below + above), is_shown)
