"""Open interest as it is published, revised and withdrawn."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]


class OpenInterest:
    """The last open interest of each of ``count`` options.

    Attributes
    ----------
    contracts : float64 array, shape (count,)
        NaN where nothing is published, or it was withdrawn.
    """

    def __init__(self, count: int) -> None:
        self.contracts = np.full(count, np.nan)

    def update(self, slots: I64, quantity: F64, is_deleted: npt.NDArray[np.bool_]) -> None:
        """Take publications in the order of their receipt, arrays of shape (m,)."""
        last = len(slots) - 1 - np.unique(slots[::-1], return_index=True)[1]
        self.contracts[slots[last]] = np.where(is_deleted[last], np.nan, quantity[last])
