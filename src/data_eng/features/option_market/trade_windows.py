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

MAX_UNKNOWN_SHARE: Final = 0.1
NOT_COVERED: Final = "null if more than 10 % of the window lies outside what the files cover"
NOT_COVERED_RTH: Final = "null outside what the files cover, or if they begin after 09:30"


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
    is_covered : bool array, shape (buckets,)
        Whether the files of trades cover the whole bucket. What they do not cover is unknown: a
        value is NaN with more than a tenth of its window uncovered, or the bucket that ends at it;
        since 09:30 also where the files begin later.
    """

    def __init__(
        self, sums: F64, window: int, first_rth: int, is_covered: npt.NDArray[np.bool_]
    ) -> None:
        # Not differences of cumulative sums: their rounding may exceed what a window holds.
        recent = slice(first_rth - window, None)
        windows = np.lib.stride_tricks.sliding_window_view(sums[recent], window, axis=0)
        total = np.vstack([np.zeros(len(SUMS)), np.cumsum(sums[first_rth:], axis=0)])
        missing = np.lib.stride_tricks.sliding_window_view(~is_covered[recent], window)
        ending = is_covered[first_rth - 1 :]
        is_known = ending & (missing.sum(axis=-1) <= MAX_UNKNOWN_SHARE * window)
        self._sums: Mapping[str, Mapping[str, F64]] = {
            LAST_300S: _named(windows.sum(axis=-1), is_known),
            RTH: _named(total, is_known_since_open(ending)),
        }

    def sum(self, name: str, over: str) -> F64:
        """Return one of `SUMS` over a window, shape (buckets - first_rth + 1,)."""
        return self._sums[over][name]


def is_known_since_open(is_covered: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return at which steps from 09:30 on a sum since 09:30 is known, shape (steps,).

    Parameters
    ----------
    is_covered : bool array, shape (steps,)
        Whether files cover the bucket that ends at each step: unknown where they do not, and, but
        for 09:30 itself, where they do not cover the first bucket from 09:30 on.
    """
    known = is_covered.copy()
    if not is_covered[1:2].all():
        known[1:] = False
    return known


def _named(sums: F64, is_known: npt.NDArray[np.bool_]) -> Mapping[str, F64]:
    return dict(zip(SUMS, np.where(is_known[:, None], sums, np.nan).T, strict=True))
