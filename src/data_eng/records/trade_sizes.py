"""How many trades of the regular session were of which size: a fact of the table of trades."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from ..lake.manifest import Manifest
from .arrow_columns import sizes, values
from .trades import counted_rows

SIZES_FACT: Final = "regular_session_trade_sizes"
"""Pairs of size, contracts, and number of trades, in order of size."""


class SizeCounts:
    """Counts trades by size.

    Parameters
    ----------
    start_ns, end_ns : int, ns since epoch UTC
        The regular session, half-open.
    """

    def __init__(self, start_ns: int, end_ns: int) -> None:
        self._window = (start_ns, end_ns)
        self._counts: dict[int, int] = {}

    def add(self, trades: pa.Table) -> None:
        """Take rows of the table of trades."""
        rows = counted_rows(trades)
        times = values(trades["ts_recv"], np.int64)[rows]
        is_inside = (times >= self._window[0]) & (times < self._window[1])
        found = sizes(trades["size"])[rows][is_inside]
        for size, count in zip(*np.unique(found, return_counts=True), strict=True):
            self._counts[int(size)] = self._counts.get(int(size), 0) + int(count)

    def fact(self) -> list[list[int]]:
        """Return what the manifest holds."""
        return [list(pair) for pair in sorted(self._counts.items())]


def trade_sizes(manifest: Manifest) -> dict[int, int]:
    """Return the number of trades by size that the manifest of a table of trades holds."""
    return {int(size): int(count) for size, count in manifest.facts[SIZES_FACT]}
