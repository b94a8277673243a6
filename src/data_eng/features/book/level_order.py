"""Whether the levels of books lie in order: bids fall, asks rise, and none comes after a hole."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...compiled import kernel, part
from .record_chunk import ASK_PX, BID_PX, BOOK_LEVELS, NO_PRICE


@part
def is_no_bid_below(nearer: Any, farther: Any) -> Any:
    """Return whether a bid lies where none can, behind the next one nearer to the market."""
    return (farther != NO_PRICE) & (farther >= nearer)


@part
def is_no_ask_above(nearer: Any, farther: Any) -> Any:
    """Return whether an ask lies where none can, behind the next one nearer to the market."""
    return (farther != NO_PRICE) & ((farther <= nearer) | (nearer == NO_PRICE))


@kernel
def first_out_of_order(book: Any, rows: int) -> tuple[int, int]:
    """Return the first book whose levels are out of order, and the level that is.

    A crossed book is in order: each side is looked at alone.

    Parameters
    ----------
    book : int32 array, shape (60, m), m >= rows
        As of `RecordChunk`.
    rows : int
        How many books it holds.

    Returns
    -------
    (int, int)
        Its column, and the row of ``book`` with the price that should lie behind the one before;
        -1 and -1 where there is none.
    """
    # All of them first, column by column: of ordinary days nothing else is to be done.
    wrong = np.int32(0)
    for k in range(BOOK_LEVELS - 1):
        nearer, farther = book[BID_PX + k], book[BID_PX + k + 1]
        for i in range(rows):
            wrong |= np.int32(is_no_bid_below(nearer[i], farther[i]))
        nearer, farther = book[ASK_PX + k], book[ASK_PX + k + 1]
        for i in range(rows):
            wrong |= np.int32(is_no_ask_above(nearer[i], farther[i]))
    for i in range(rows if wrong else 0):
        for k in range(BOOK_LEVELS - 1):
            if is_no_bid_below(book[BID_PX + k, i], book[BID_PX + k + 1, i]):
                return i, BID_PX + k + 1
            if is_no_ask_above(book[ASK_PX + k, i], book[ASK_PX + k + 1, i]):
                return i, ASK_PX + k + 1
    return -1, -1
