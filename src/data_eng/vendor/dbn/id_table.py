"""From instrument ids to slots, for blocks of records at a time.

Plain NumPy: the options' tables need nothing compiled, whose import would cost a fifth of their
run, and it is as fast as a compiled loop on blocks of thousands.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

_GOLDEN: Final = np.uint32(2654435769)
"""Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4): 2^32 / golden ratio."""


class IdTable:
    """An open-addressing hash table of distinct ids, at most a quarter full.

    Parameters
    ----------
    ids : uint32 array, shape (n,)
        Distinct ids; their positions are the slots.
    """

    def __init__(self, ids: npt.NDArray[np.uint32]) -> None:
        bits = max(4, (4 * len(ids)).bit_length())
        self._shift = np.uint32(32 - bits)
        self._mask = (1 << bits) - 1
        self._keys = np.zeros(1 << bits, np.uint32)
        self._slots = np.full(1 << bits, -1, np.int32)
        for slot, (instrument, start) in enumerate(zip(ids, self._hash(ids).tolist(), strict=True)):
            at = start
            while self._slots[at] >= 0:
                at = (at + 1) & self._mask
            self._keys[at], self._slots[at] = instrument, slot

    def find(self, ids: npt.NDArray[np.uint32]) -> npt.NDArray[np.int32]:
        """Return the slots of ids, shape (m,), -1 where an id is not in the table."""
        at = self._hash(ids)
        found: npt.NDArray[np.int32] = self._slots[at]
        is_other = (self._keys[at] != ids) & (found >= 0)
        pending = np.flatnonzero(is_other)
        at = at[pending]
        while len(pending):
            # The next place, for those whose place another id has taken.
            at = (at + 1) & self._mask
            slots = self._slots[at]
            found[pending] = slots
            stays = (self._keys[at] != ids[pending]) & (slots >= 0)
            pending, at = pending[stays], at[stays]
        return found

    def _hash(self, ids: npt.NDArray[np.uint32]) -> npt.NDArray[Any]:
        return ((ids * _GOLDEN) >> self._shift).astype(np.intp)
