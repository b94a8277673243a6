"""Trade bars of equal length."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..compiled import kernel
from .book.day_seconds import F64, I64


class TradeBars:
    """Open, high, low, close, volume and count of the trades of each bar.

    Parameters
    ----------
    start_ns, end_ns : int, ns since epoch UTC
        The bars' range; trades outside are refused.
    bar_ns : int, ns
        Length of a bar, ``[start, end)``; the first begins at ``start_ns``.
    """

    def __init__(self, start_ns: int, end_ns: int, bar_ns: int) -> None:
        self._start_ns, self._end_ns, self._bar_ns = start_ns, end_ns, bar_ns
        bars = -(-(end_ns - start_ns) // bar_ns)
        self._ohlc = np.zeros((bars, 4))
        self._volume = np.zeros(bars, np.int64)
        self._trades = np.zeros(bars, np.int64)

    @property
    def total_volume(self) -> int:
        """Contracts of all bars."""
        return int(self._volume.sum())

    def add(
        self, ts: npt.NDArray[np.int64], price: F64, size: npt.NDArray[np.integer[Any]]
    ) -> None:
        """Add trades in file order.

        Parameters
        ----------
        ts : int64 array, shape (n,), ns since epoch UTC
        price : float64 array, shape (n,)
        size : integer array, shape (n,), contracts

        Raises
        ------
        ValueError
            A trade lies outside the range.
        """
        if len(ts) and not (self._start_ns <= ts.min() and ts.max() < self._end_ns):
            raise ValueError(
                f"trades from {ts.min()} to {ts.max()} leave {self._start_ns} to {self._end_ns}"
            )
        add_trades(
            (ts - self._start_ns) // self._bar_ns,
            price,
            size,
            self._ohlc,
            self._volume,
            self._trades,
        )

    def closed(self) -> tuple[I64, F64, I64, I64]:
        """Return start (ns since epoch UTC), OHLC of shape (n, 4), volume, trades of the bars.

        Bars without a trade are left out.
        """
        kept = np.flatnonzero(self._trades)
        start = self._start_ns + kept * self._bar_ns
        return start, self._ohlc[kept], self._volume[kept], self._trades[kept]


@kernel
def add_trades(bar: Any, price: Any, size: Any, ohlc: Any, volume: Any, trades: Any) -> None:
    """Put each trade into its bar."""
    for i in range(bar.shape[0]):
        row = ohlc[bar[i]]
        if trades[bar[i]] == 0:
            row[:] = price[i]
        row[1] = max(row[1], price[i])
        row[2] = min(row[2], price[i])
        row[3] = price[i]
        volume[bar[i]] += size[i]
        trades[bar[i]] += 1
