"""Liquidity that rests at the level at each row. Float64, shape (m,), NaN where missing.

A price is visible between the outermost prices of a valid book; a side with fewer than ten levels
hides nothing. What lies outside is not known: NaN, never 0.
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
    """

    books: I32
    tick: F64

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

    def is_visible(self, offset: int = 0) -> Bools:
        """Return whether the price ``offset`` ticks above the level is visible."""
        lowest = np.nan_to_num(self.prices[:, BID_PX + BOOK_LEVELS - 1], nan=-np.inf)
        highest = np.nan_to_num(self.prices[:, ASK_PX + BOOK_LEVELS - 1], nan=np.inf)
        price = self.tick + offset
        return np.asarray(self.is_valid & (lowest <= price) & (price <= highest))

    def sizes(self, where: Bools) -> F64:
        """Return the sum of the sizes of some of the 20 levels, shape (m,), contracts."""
        total: F64 = np.where(where, self.books[:, _SIZES], 0).sum(axis=1, dtype=np.float64)
        return total

    @cached_property
    def offsets(self) -> F64:
        """Ticks from the level to each price, shape (m, 20)."""
        return self.prices - self.tick[:, None]

    @cached_property
    def sides(self) -> npt.NDArray[np.int8]:
        """-1 for the ten bids, 1 for the ten asks, shape (20,)."""
        return np.repeat(np.array([-1, 1], np.int8), BOOK_LEVELS)


def book_at_level(day: DaySeconds, tick: F64, back_seconds: int = 0) -> BookAtLevel:
    """Return the books of each row, or of some seconds before, beside ``tick(L)``."""
    return BookAtLevel(day.books_at(day.rows - back_seconds), tick)


@FEATURES.add(
    Feature(
        "visible",
        doc="1 if the price of the {level} is visible, else 0.",
        unit="indicator",
        window=AS_OF,
        null_rule="Null without a valid quote.",
        mirror=EVEN,
        minimum=0,
        maximum=1,
    )
)
def visible(book: BookAtLevel) -> F64:
    """Return 1 where the level is visible, else 0; NaN without a valid book."""
    return only(book.is_visible(), book.is_valid)


@FEATURES.add(
    Feature(
        "resting_size",
        doc="Size displayed at the {level}; 0 is visible and empty.",
        unit="contracts",
        window=AS_OF,
        null_rule="Null if not visible.",
        mirror=EVEN,
        source="Biais, Hillion & Spatt 1995",
        minimum=0,
    )
)
def resting_size(book: BookAtLevel) -> F64:
    """Return the size displayed at the level, contracts; 0 where it is visible and empty."""
    return only(book.sizes(book.offsets == 0), book.is_visible())


@FEATURES.add(
    Feature(
        "resting_order_count",
        doc="Orders displayed at the {level}; 0 is visible and empty.",
        unit="orders",
        window=AS_OF,
        null_rule="Null if not visible.",
        mirror=EVEN,
        minimum=0,
    )
)
def resting_order_count(book: BookAtLevel) -> F64:
    """Return the orders displayed at the level; 0 where it is visible and empty."""
    orders = np.where(book.offsets == 0, book.books[:, _COUNTS], 0).sum(axis=1)
    return only(orders, book.is_visible())


@FEATURES.add(
    Feature(
        "resting_size_ratio",
        doc=(
            "Size displayed at the {level} / mean size of the other displayed levels of that side."
        ),
        unit="ratio",
        window=AS_OF,
        null_rule="Null if not visible, in the spread, or without another level on that side.",
        mirror=EVEN,
        minimum=0,
    )
)
def resting_size_ratio(book: BookAtLevel) -> F64:
    """Return the size at the level over the mean of the side's other levels; NaN in the spread."""
    is_side = np.where(book.is_ask_side[:, None], book.sides > 0, book.sides < 0)
    others = is_side & ~np.isnan(book.offsets) & (book.offsets != 0)
    mean = ratio(book.sizes(others), others.sum(axis=1))
    is_on_side = book.is_ask_side | book.is_bid_side
    return only(ratio(resting_size(book), mean), is_on_side)


@FEATURES.add(
    Feature(
        "depth_to_level",
        doc=(
            "Size displayed from the best quote up to and without the {level}, on the side that "
            "the price must trade through; 0 at the best quote and in the spread."
        ),
        unit="contracts",
        window=AS_OF,
        null_rule="Null if not visible.",
        mirror=EVEN,
        source="cumulative depth",
        minimum=0,
    )
)
def depth_to_level(book: BookAtLevel) -> F64:
    """Return the size from the best quote up to the level, without it, contracts."""
    is_before = np.where(
        book.is_ask_side[:, None],
        (book.sides > 0) & (book.offsets < 0),
        (book.sides < 0) & (book.offsets > 0) & book.is_bid_side[:, None],
    )
    return only(book.sizes(is_before), book.is_visible())


@FEATURES.add(
    Feature(
        "depth_beyond_{ticks}_ticks",
        doc=(
            "Size displayed in the {ticks} ticks beyond the {level}, away from the price (asks "
            "above a level above m, bids below one below)."
        ),
        unit="contracts",
        window=AS_OF,
        null_rule=(
            "Null unless the level and the last of the ticks are visible, and if tick(L) = m."
        ),
        mirror=EVEN,
        source="cumulative depth",
        minimum=0,
        each={"ticks": (5,)},
    )
)
def depth_beyond(book: BookAtLevel, ticks: int) -> F64:
    """Return the size in the ticks beyond the level, away from the price, contracts.

    In the spread the level lies above the price where it is above the mid; at the mid, NaN.
    """
    mid = (book.prices[:, BID_PX] + book.prices[:, ASK_PX]) / 2
    is_above = (book.tick > mid)[:, None]
    reach = np.where(is_above, book.sides > 0, book.sides < 0)
    beyond = np.where(is_above, book.offsets, -book.offsets)
    found = book.sizes(reach & (beyond > 0) & (beyond <= ticks))
    is_shown = np.where(is_above[:, 0], book.is_visible(ticks), book.is_visible(-ticks))
    return only(found, is_shown & book.is_visible() & (book.tick != mid))


@FEATURES.add(
    Feature(
        "depth_imbalance_{ticks}_ticks",
        doc=(
            "(bids in the {ticks} ticks below the {level} - asks in the {ticks} ticks above it) / "
            "their sum."
        ),
        unit="dimensionless",
        window=AS_OF,
        null_rule="Null unless both bands are visible, or if the sum is 0.",
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
    is_shown = book.is_visible(-ticks) & book.is_visible(ticks)
    return only(ratio(below - above, below + above), is_shown)
