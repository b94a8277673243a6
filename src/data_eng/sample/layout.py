"""The byte layout of an MBP-10 record: 368 bytes, a header and ten levels."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

LEVELS: Final = 10
UNDEFINED_PRICE: Final = 2**63 - 1
RECORD_BYTES: Final = 368
PUBLISHER_ID: Final = 1  # GLBX.MDP3.GLBX

FLAG_SNAPSHOT_ROW: Final = 168  # F_LAST, F_SNAPSHOT and F_BAD_TS_RECV
FLAG_SNAPSHOT_PART: Final = 40  # the same without F_LAST: more of the snapshot follows
FLAG_MAYBE_BAD_BOOK: Final = 4
FLAG_EVENT_END: Final = 130  # F_LAST and the bit that CME's rows carry
FLAG_TRADE: Final = 0


def _code(letter: str) -> Any:
    # Not an int: Numba compiles a function anew for every literal int it is called with.
    return np.int64(ord(letter))


ACTION_ADD: Final = _code("A")
ACTION_CANCEL: Final = _code("C")
ACTION_MODIFY: Final = _code("M")
ACTION_CLEAR: Final = _code("R")
ACTION_TRADE: Final = _code("T")
SIDE_BID: Final = _code("B")
SIDE_ASK: Final = _code("A")
SIDE_NONE: Final = _code("N")
TOP: Final[Any] = np.int64(0)  # depth of the best price

_HEADER: Final = [
    ("length", "u1"),
    ("rtype", "u1"),
    ("publisher_id", "u2"),
    ("instrument_id", "u4"),
    ("ts_event", "u8"),
    ("price", "i8"),
    ("size", "u4"),
    ("action", "S1"),
    ("side", "S1"),
    ("flags", "u1"),
    ("depth", "u1"),
    ("ts_recv", "u8"),
    ("ts_in_delta", "i4"),
    ("sequence", "u4"),
]
_LEVEL: Final = [
    ("bid_px", "i8"),
    ("ask_px", "i8"),
    ("bid_sz", "u4"),
    ("ask_sz", "u4"),
    ("bid_ct", "u4"),
    ("ask_ct", "u4"),
]
_PAIRS = _HEADER + [(f"{name}_{k:02d}", kind) for k in range(LEVELS) for name, kind in _LEVEL]
MBP10_DTYPE: Final[np.dtype[Any]] = np.dtype(_PAIRS)


def new_rows(count: int) -> tuple[NDArray[Any], NDArray[np.int64], NDArray[np.uint32]]:
    """Return zeroed records and the same memory as words.

    Compiled code cannot loop over numbered fields; over words it can.

    Returns
    -------
    records : MBP10_DTYPE array, shape (count,)
    wide : int64 array, shape (count, 46)
        ts_event 1, price 2, ts_recv 4, prices of level k 6+4k (bid) and 7+4k (ask).
    narrow : uint32 array, shape (count, 92)
        Header 0, instrument 1, size 6, action, side, flags and depth 7, ts_in_delta 10,
        sequence 11, sizes and counts of level k 16+8k to 19+8k.
    """
    records = np.zeros(count, dtype=MBP10_DTYPE)
    raw = records.view(np.uint8)
    wide = raw.view(np.int64).reshape(count, RECORD_BYTES // 8)
    narrow = raw.view(np.uint32).reshape(count, RECORD_BYTES // 4)
    return records, wide, narrow
