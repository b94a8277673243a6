"""The few columns of MBP-10 records that trades and best quotes come from."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .record_chunk import ASK_PX, BID_PX, BOOK_LEVELS, RecordChunk


class QuoteRecords(NamedTuple):
    """Records in file order.

    Attributes
    ----------
    times : int64 array, shape (n,), ns since epoch UTC
        ``ts_recv``, made non-decreasing.
    ts_event : int64 array, shape (n,), ns since epoch UTC
    action, side : uint8 array, shape (n,)
        The letters' ASCII codes.
    flags : int32 array, shape (n,)
        DBN flag bits.
    price : int32 array, shape (n,), ticks
        `NO_PRICE` where undefined, as in every price.
    size : int32 array, shape (n,), contracts
        -1 where undefined.
    bid, ask : int32 array, shape (n,), ticks
        Best prices.
    tenth_bid, tenth_ask : int32 array, shape (n,), ticks
        The outermost displayed prices.
    """

    times: npt.NDArray[np.int64]
    ts_event: npt.NDArray[np.int64]
    action: npt.NDArray[np.uint8]
    side: npt.NDArray[np.uint8]
    flags: npt.NDArray[np.int32]
    price: npt.NDArray[np.int32]
    size: npt.NDArray[np.int32]
    bid: npt.NDArray[np.int32]
    ask: npt.NDArray[np.int32]
    tenth_bid: npt.NDArray[np.int32]
    tenth_ask: npt.NDArray[np.int32]


def quote_records(chunk: RecordChunk) -> QuoteRecords:
    """Return the columns of a chunk, which share its memory."""
    last, count = BOOK_LEVELS - 1, len(chunk)
    bid, ask, tenth_bid, tenth_ask = (
        chunk.book[row, :count] for row in (BID_PX, ASK_PX, BID_PX + last, ASK_PX + last)
    )
    return QuoteRecords(
        chunk.times, chunk.ts_event, chunk.action, chunk.side, chunk.flags, chunk.price,
        chunk.size, bid, ask, tenth_bid, tenth_ask,
    )  # fmt: skip
