"""What a record says of the book, and what a trade is: rules that hold wherever records are read.

The book is sampled at records that complete an event (FLAG_LAST; a trade record shows the book
before it). After a clear (R) or MAYBE_BAD_BOOK it is lost until the next complete two-sided
book. A quote is *valid* where the book is there, two-sided, and the ask above the bid.

Where no record has come for `MAX_SILENCE_NS`, nothing is known any more: the book is lost too, from
that long after the last record on. Until the first complete two-sided book nothing is known either.
"""

from __future__ import annotations

from typing import Any, Final

from ...compiled import part
from ..definitions import MAX_SILENCE_SECONDS
from .record_chunk import CLEAR, FLAG_LAST, FLAG_MAYBE_BAD_BOOK, NO_PRICE, TRADE
from .second_sums import SECOND_NS

MAX_SILENCE_NS: Final = MAX_SILENCE_SECONDS * SECOND_NS
NEVER: Final = 2**63 - 1
"""A time that does not come, ns since epoch."""


def counts_as_trade(price: Any, size: Any, is_snapshot: Any) -> Any:
    """Return whether a T record is a trade: priced, of at least one contract, no snapshot.

    Parameters
    ----------
    price : int or int32 array, shape (n,), ticks
        `NO_PRICE` where undefined.
    size : int or int32 array, shape (n,), contracts
        -1 where undefined.
    is_snapshot : bool or bool array, shape (n,)

    Returns
    -------
    bool or bool array, shape (n,)
    """
    return (price != NO_PRICE) & (size > 0) & (is_snapshot == 0)


is_counted_trade = part(counts_as_trade)
"""`counts_as_trade` for compiled code."""


@part
def completes_event(action: int, flags: int) -> bool:
    """Return whether a record completes an event."""
    return flags & FLAG_LAST != 0 and action != TRADE


@part
def loses_book(action: int, flags: int) -> bool:
    """Return whether the book is unknown from a record on."""
    return flags & FLAG_MAYBE_BAD_BOOK != 0 or action == CLEAR


@part
def is_two_sided(bid: Any, ask: Any) -> Any:
    """Return whether there is a best price on both sides."""
    return min(bid, ask) > NO_PRICE


@part
def is_valid_quote(bid: Any, ask: Any) -> Any:
    """Return whether a known book with these best prices has a valid quote."""
    return min(bid, ask) > NO_PRICE and ask > bid
