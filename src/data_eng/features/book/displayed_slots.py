"""Where sums by price are kept while a second is under way: one slot a price.

A price that is displayed, or lies within `BAND_TICKS` of one, has a *slot*: sums of the second,
brought up to date only when something happens at the price. Slots are found by price in a hash
table with linear probing, so that neighbouring prices lie side by side.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ...compiled import part
from ..definitions import BAND_TICKS
from .record_chunk import NO_PRICE

UNBOUNDED: Final = 2**40
"""Beyond every price: the outermost displayed one of a side with fewer than ten levels."""
SLOTS_A_RECORD: Final = 40 * (2 * BAND_TICKS + 1)
"""Slots that one record can open at most: two books of twenty prices, and their bands."""
FREE: Final = NO_PRICE
"""Price of a slot that is not in use."""

SLOT: Final = np.dtype(
    [
        ("price", "i8"),  # ticks
        ("size", "i8"),  # displayed now, contracts
        ("since_ns", "i8"),  # `size_ns` holds the time up to here
        ("size_ns", "i8"),  # integral of the size over time
        ("flow", "i8"),  # sum of added - cancelled of bids less that of asks
        ("added", "i8"),
        ("cancelled", "i8"),
        ("band_flow", "i8"),  # of the band about the price, while all of it is displayed
        ("band_size_ns", "i8"),
        ("flow_before", "i8"),  # the band's sums when it came to be displayed in this second
        ("size_ns_before", "i8"),
        # Of the table, not of the slot: the k-th of the slots in use lies at slots[k].used.
        ("used", "i8"),
        ("kept_price", "i8"),  # the k-th displayed price, while slots are opened anew
        ("kept_size", "i8"),
    ]
)
ROW: Final = np.dtype(
    [
        ("second", "i8"),
        ("price", "i8"),
        ("added", "i8"),
        ("cancelled", "i8"),
        ("size_ns", "i8"),
        ("band_flow", "i8"),
        ("band_size_ns", "i8"),
    ]
)


def new_slots(count: int) -> npt.NDArray[Any]:
    """Return free slots, SLOT array, shape (count,); a power of 2."""
    slots = np.zeros(count, SLOT)
    slots["price"] = FREE
    return slots


def most_slots(count: int) -> int:
    """Return the slots in use, of so many, up to which a record may be taken."""
    return count // 2 - SLOTS_A_RECORD


most_slots_of = part(most_slots)
"""`most_slots` for compiled code."""


def grown(slots: npt.NDArray[Any], used: int) -> npt.NDArray[Any]:
    """Return twice the slots, with the ``used`` ones of these."""
    larger = new_slots(2 * len(slots))
    mask = len(larger) - 1
    values = [name for name in SLOT.names or () if name not in ("used", "kept_price", "kept_size")]
    for k in range(used):
        slot = slots[slots["used"][k]]
        at = int(slot["price"]) & mask
        while larger["price"][at] != FREE:
            at = (at + 1) & mask
        for name in values:
            larger[name][at] = slot[name]
        larger["used"][k] = at
    return larger
