"""Byte layouts of the records of an option day: DBN version 3."""

from __future__ import annotations

from typing import Any, Final

import databento_dbn as dbn
import numpy as np
from numpy.typing import NDArray

MBP1_DTYPE: Final[np.dtype[Any]] = np.dtype(dbn.MBP1Msg._dtypes)
TRADE_DTYPE: Final[np.dtype[Any]] = np.dtype(dbn.TradeMsg._dtypes)
STATISTICS_DTYPE: Final[np.dtype[Any]] = np.dtype(dbn.StatMsg._dtypes)
DEFINITION_DTYPE: Final[np.dtype[Any]] = np.dtype(dbn.InstrumentDefMsg._dtypes)

RTYPE_TRADE: Final = 0
RTYPE_MBP1: Final = 1
RTYPE_DEFINITION: Final = 19
RTYPE_STATISTICS: Final = 24
WORD_BYTES: Final = 4  # the unit of a record's length field

MBP1_BYTES: Final = 80
NICKEL_NANOS: Final = 50_000_000  # 0.05 points, the unit of all option prices here

# A statistic that follows from the order flow, before it becomes a record.
STATISTIC_EVENT: Final = np.dtype(
    [
        ("ts_event", "i8"),
        ("ts_recv", "i8"),
        ("id", "i8"),
        ("price", "i8"),  # nickels
        ("sequence", "i8"),
        ("stat_type", "i8"),
    ]
)


def new_quotes(count: int) -> tuple[NDArray[Any], NDArray[np.int64], NDArray[np.uint32]]:
    """Return zeroed MBP-1 records and the same memory as words.

    Returns
    -------
    records : MBP1_DTYPE array, shape (count,)
    wide : int64 array, shape (count, 10)
        ts_event 1, price 2, ts_recv 4, bid and ask price 6 and 7.
    narrow : uint32 array, shape (count, 20)
        Header 0, instrument 1, size 6, action, side, flags and depth 7, ts_in_delta 10,
        sequence 11, bid and ask size 16 and 17, counts 18 and 19.
    """
    records = np.zeros(count, dtype=MBP1_DTYPE)
    raw = records.view(np.uint8)
    wide = raw.view(np.int64).reshape(count, MBP1_BYTES // 8)
    narrow = raw.view(np.uint32).reshape(count, MBP1_BYTES // 4)
    return records, wide, narrow


def trades_of(quotes: NDArray[Any]) -> NDArray[Any]:
    """Return the trades among MBP-1 records as records of the trades schema."""
    rows = quotes[quotes["action"] == b"T"]
    trades = np.zeros(rows.size, TRADE_DTYPE)
    for name in TRADE_DTYPE.names or ():
        trades[name] = rows[name]
    trades["length"] = TRADE_DTYPE.itemsize // WORD_BYTES
    trades["rtype"] = RTYPE_TRADE
    return trades
