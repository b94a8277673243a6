"""Compiled loops over blocks of MBP-10 records, viewed as 32- and 64-bit words.

Word offsets of a record (``ts_out`` files append one 64-bit word):

- 64-bit: 1 ``ts_event``, 2 ``price``, 4 ``ts_recv``, 6 + 4k ``bid_px_k``, 7 + 4k ``ask_px_k``
- 32-bit: 1 ``instrument_id``, 6 ``size``, 7 ``action | side | flags | depth``, 10 ``ts_in_delta``,
  11 ``sequence``, 16 + 8k .. 19 + 8k ``bid_sz, ask_sz, bid_ct, ask_ct`` of level k

The layout is compared with the vendor's, and both kernels with plain NumPy, in the tests.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...compiled import kernel
from .kernel_arrays import Codes, ColumnArrays, InstrumentCounts, TimeRange
from .layout import PRICE_SCALE, UNDEF_PRICE

_UNDEF = np.int64(UNDEF_PRICE)
_UNDEF_SIZE = np.int64(2**32 - 1)
_UNDEF_TIME = np.int64(-1)
_TRADE = np.uint8(ord("T"))


@kernel
def tally_and_select(  # type: ignore[no-untyped-def]
    w32: Any,
    w64: Any,
    front_id: int,
    within: TimeRange,
    counted: InstrumentCounts,
    rows: Any,
):
    """Count records and volume of every instrument, and select one instrument's rows.

    Parameters
    ----------
    w32, w64 : int32 array, shape (n, w); int64 array, shape (n, w / 2)
        The records as words.
    front_id : int
        Instrument whose rows are selected; -1 selects none.
    within : TimeRange
    counted : InstrumentCounts
        Added to.
    rows : uint64 array, shape (>= n,)
        Receives the selected row numbers.

    Returns
    -------
    int
        Number of rows selected.
    """
    start_ns, end_ns, open_ns = within
    table, counts, span = counted
    selected = 0
    mask = table.shape[0] - 1
    last_id = np.int64(-1)
    slot = 0
    for i in range(w32.shape[0]):
        ts_recv = w64[i, 4]
        span[0] = min(span[0], ts_recv)
        span[1] = max(span[1], ts_recv)
        if ts_recv < start_ns or ts_recv >= end_ns:
            continue
        instrument = np.int64(np.uint32(w32[i, 1]))
        if instrument != last_id:
            slot = (instrument * 2654435761) & mask
            while table[slot] != instrument:
                if table[slot] == -1:
                    table[slot] = instrument
                    span[2] += 1
                    break
                slot = (slot + 1) & mask
            last_id = instrument
        counts[slot, 0] += 1
        if np.uint8(w32[i, 7] & 0xFF) == _TRADE:
            size = np.int64(np.uint32(w32[i, 6]))
            size *= size != _UNDEF_SIZE
            counts[slot, 2] += size
            if ts_recv < open_ns:
                counts[slot, 1] += size
        if instrument == front_id:
            rows[selected] = i
            selected += 1
    return selected


@kernel
def scatter(  # type: ignore[no-untyped-def]
    w64: Any,
    w32: Any,
    words: int,
    rows: Any,
    codes: Codes,
    columns: ColumnArrays,
):
    """Copy records into contiguous columns, converting prices to dollars.

    Parameters
    ----------
    w64, w32 : int64 array, shape (n * words,); int32 array, shape (n * words * 2,)
        The records as words.
    words : int
        64-bit words in a record: 46, or 47 with ``ts_out``.
    rows : uint64 array
        Which records are copied.
    codes : Codes
    columns : ColumnArrays
        Filled from their start; an undefined price becomes NaN and is counted, ``ts_out`` is
        undefined where a record has none.
    """
    action_codes, side_codes = codes
    i64, f64, i32, u8, undefined, stride = columns
    stride_u = np.uint64(stride)
    words_u = np.uint64(words)
    for p in range(np.uint64(rows.shape[0])):
        b64 = rows[p] * words_u
        b32 = b64 * np.uint64(2)
        header = w32[b32]
        event = w32[b32 + np.uint64(7)]
        i64[p] = w64[b64 + np.uint64(4)]
        i64[stride_u + p] = w64[b64 + np.uint64(1)]
        i64[np.uint64(2) * stride_u + p] = np.int64(np.uint32(w32[b32 + np.uint64(1)]))
        i64[np.uint64(3) * stride_u + p] = np.int64(np.uint32(w32[b32 + np.uint64(11)]))
        ts_out = _UNDEF_TIME
        if words == 47:
            ts_out = w64[b64 + np.uint64(46)]
        i64[np.uint64(4) * stride_u + p] = ts_out
        i32[p] = (header >> 8) & 0xFF
        i32[stride_u + p] = (header >> 16) & 0xFFFF
        i32[np.uint64(2) * stride_u + p] = action_codes[np.uint64(event & 0xFF)]
        i32[np.uint64(3) * stride_u + p] = side_codes[np.uint64((event >> 8) & 0xFF)]
        i32[np.uint64(4) * stride_u + p] = (event >> 24) & 0xFF
        i32[np.uint64(5) * stride_u + p] = w32[b32 + np.uint64(6)]
        i32[np.uint64(6) * stride_u + p] = (event >> 16) & 0xFF
        i32[np.uint64(7) * stride_u + p] = w32[b32 + np.uint64(10)]
        u8[p] = (event >> 16) & 0xFF
        price = w64[b64 + np.uint64(2)]
        f64[p] = price / PRICE_SCALE
        if price == _UNDEF:
            undefined[0] += 1
            f64[p] = np.nan
        for level in range(np.uint64(10)):
            k64 = b64 + np.uint64(6) + level * np.uint64(4)
            bid = w64[k64]
            ask = w64[k64 + np.uint64(1)]
            px = np.uint64(1) + level * np.uint64(2)
            f64[px * stride_u + p] = bid / PRICE_SCALE
            f64[(px + np.uint64(1)) * stride_u + p] = ask / PRICE_SCALE
            if bid == _UNDEF:
                undefined[px] += 1
                f64[px * stride_u + p] = np.nan
            if ask == _UNDEF:
                undefined[px + np.uint64(1)] += 1
                f64[(px + np.uint64(1)) * stride_u + p] = np.nan
            k32 = b32 + np.uint64(16) + level * np.uint64(8)
            sz = np.uint64(8) + level * np.uint64(4)
            i32[sz * stride_u + p] = w32[k32]
            i32[(sz + np.uint64(1)) * stride_u + p] = w32[k32 + np.uint64(1)]
            i32[(sz + np.uint64(2)) * stride_u + p] = w32[k32 + np.uint64(2)]
            i32[(sz + np.uint64(3)) * stride_u + p] = w32[k32 + np.uint64(3)]
