"""Open interest as it is published, revised and withdrawn."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .last import last_of_each

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]


class OpenInterest:
    """The last open interest of each option.

    Once the date has published any for an expiry, its options without a record count as 0, and so
    do those whose record was withdrawn.

    Parameters
    ----------
    expiration_ns : int64 array, shape (slots,)
        Of each option.

    Attributes
    ----------
    contracts : float64 array, shape (slots,)
        NaN where nothing was published of the expiry.
    """

    def __init__(self, expiration_ns: I64) -> None:
        self._expiration_ns = expiration_ns
        self._published: set[int] = set()
        self.contracts = np.full(len(expiration_ns), np.nan)

    def update(self, slots: I64, quantity: F64, is_deleted: npt.NDArray[np.bool_]) -> None:
        """Take publications in the order of their receipt, arrays of shape (m,)."""
        for expiration in set(self._expiration_ns[slots].tolist()) - self._published:
            self._published.add(expiration)
            self.contracts[self._expiration_ns == expiration] = 0.0
        last = last_of_each(slots)
        held = np.where(is_deleted[last], 0.0, quantity[last])
        self.contracts[slots[last]] = np.nan_to_num(held)
