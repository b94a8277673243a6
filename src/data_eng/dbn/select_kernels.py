"""Compiled selection of records by their instrument."""

from __future__ import annotations

from typing import Any, Final

import numba
import numpy as np
import numpy.typing as npt

HASH: Final = 2654435761
"""Multiplier of Knuth's hash; ids of one venue are dense, which it spreads."""


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def select_instruments(  # type: ignore[no-untyped-def]
    w64: Any,
    ts_word: int,
    start_ns: int,
    end_ns: int,
    keys: Any,
    slots: Any,
    is_kept: Any,
    counts: Any,
    rows: Any,
    unknown: Any,
    span: Any,
):
    """Count the records of every known instrument and select those of the kept ones.

    Parameters
    ----------
    w64 : int64 array, shape (n, w)
        The records as 64-bit words: the instrument id is the upper half of word 0.
    ts_word : int
        Word of ``ts_recv``.
    start_ns, end_ns : int, ns since epoch UTC
        Records outside ``[start_ns, end_ns)`` are passed over.
    keys, slots : int64 arrays, shape (size,), size a power of two
        Open-addressing table of instrument ids (-1 where free), and their slots.
    is_kept : bool array, shape (slots,)
    counts : int64 array, shape (slots,)
        Incremented for every record of a slot.
    rows, unknown : uint64 arrays, shape (>= n,)
        Receive the row numbers of kept instruments, and of instruments not in the table.
    span : int64 array, shape (3,)
        Smallest and largest ``ts_recv`` of all records; receives the length of ``unknown``.

    Returns
    -------
    int
        Number of rows selected.
    """
    selected = 0
    without = 0
    mask = keys.shape[0] - 1
    for i in range(w64.shape[0]):
        ts_recv = w64[i, ts_word]
        span[0] = min(span[0], ts_recv)
        span[1] = max(span[1], ts_recv)
        if ts_recv < start_ns or ts_recv >= end_ns:
            continue
        instrument = (w64[i, 0] >> 32) & 0xFFFFFFFF
        at = (instrument * HASH) & mask
        while keys[at] != instrument and keys[at] != -1:
            at = (at + 1) & mask
        if keys[at] == -1:
            unknown[without] = i
            without += 1
            continue
        slot = slots[at]
        counts[slot] += 1
        if is_kept[slot]:
            rows[selected] = i
            selected += 1
    span[2] = without
    return selected


def hash_table(ids: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return ``keys`` and ``slots`` of `select_instruments` for distinct ids, at most half full."""
    size = 1 << max(4, (2 * len(ids)).bit_length())
    keys, slots = np.full(size, -1, np.int64), np.zeros(size, np.int64)
    _fill(ids, keys, slots)
    return keys, slots


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _fill(ids: Any, keys: Any, slots: Any) -> None:
    mask = keys.shape[0] - 1
    for slot in range(ids.shape[0]):
        at = (ids[slot] * HASH) & mask
        while keys[at] != -1:
            at = (at + 1) & mask
        keys[at] = ids[slot]
        slots[at] = slot


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def find_slots(ids: Any, keys: Any, slots: Any) -> Any:
    """Return the slots of ids, shape (n,) of uint32, all of which are in a `hash_table`."""
    found = np.empty(ids.shape[0], np.int64)
    mask = keys.shape[0] - 1
    for i in range(ids.shape[0]):
        instrument = np.int64(ids[i])
        at = (instrument * HASH) & mask
        while keys[at] != instrument:
            at = (at + 1) & mask
        found[i] = slots[at]
    return found
