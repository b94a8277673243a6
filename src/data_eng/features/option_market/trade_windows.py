"""Sums over windows of trades: the last 300 seconds, and since 09:30."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from .trade_sums import SUMS

F64 = npt.NDArray[np.float64]

LAST_300S: Final = "300s"
RTH: Final = "rth"


class TradeWindows:
    """What was traded before the start of every bucket from the first of the regular session on.

    Parameters
    ----------
    sums : float64 array, shape (buckets, len(SUMS))
        See `TradeSums`.
    window : int
        Buckets in 300 seconds.
    first_rth : int
        Bucket that starts at 09:30, at least ``window``.
    """

    def __init__(self, sums: F64, window: int, first_rth: int) -> None:
        # Not differences of cumulative sums: their rounding may exceed what a window holds.
        recent = sums[first_rth - window :]
        windows = np.lib.stride_tricks.sliding_window_view(recent, window, axis=0)
        total = np.vstack([np.zeros(len(SUMS)), np.cumsum(sums[first_rth:], axis=0)])
        self._sums: Mapping[str, Mapping[str, F64]] = {
            LAST_300S: dict(zip(SUMS, windows.sum(axis=-1).T, strict=True)),
            RTH: dict(zip(SUMS, total.T, strict=True)),
        }

    def sum(self, name: str, over: str) -> F64:
        """Return one of `SUMS` over a window, shape (buckets - first_rth + 1,)."""
        return self._sums[over][name]


def share(part: F64, whole: F64) -> F64:
    """Return the quotient; NaN where the whole is not positive."""
    return np.asarray(np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0))
