"""The table of displayed sizes: what was added, cancelled and displayed by second and price."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt


class DisplayedSizes(NamedTuple):
    """Rows in order of second, then of price; none where every sum is 0.

    A price is displayed between the outermost prices of a valid book; a side with fewer than ten
    levels hides nothing, and a displayed price without orders has size 0. A change leads from one
    valid complete book to the next. Of a price that came to be displayed within the second, the
    sums are those since then; of one that came twice, since the last time. So a window over whole
    seconds that goes back to when it came is exact.

    Attributes
    ----------
    second : int32 array, shape (n,)
        Since the start of the scan.
    price : int32 array, shape (n,), ticks
    added : int64 array, shape (n,), contracts
        Sum of ``max(0, dQ + e)`` over changes with the price displayed before and after; ``e`` is
        what was executed there in the event on the side of the change.
    cancelled : int64 array, shape (n,), contracts
        Sum of ``max(0, -dQ - e)`` over the same.
    size_ns : int64 array, shape (n,), contracts ns
        Integral of the displayed size over time.
    band_flow : int64 array, shape (n,), contracts
        Sum of added less cancelled of bids, less that of asks, at the prices within two ticks, over
        changes with all of them displayed before and after.
    band_size_ns : int64 array, shape (n,), contracts ns
        Integral of the size displayed there while all of them are.
    """

    second: npt.NDArray[np.int32]
    price: npt.NDArray[np.int32]
    added: npt.NDArray[np.int64]
    cancelled: npt.NDArray[np.int64]
    size_ns: npt.NDArray[np.int64]
    band_flow: npt.NDArray[np.int64]
    band_size_ns: npt.NDArray[np.int64]


def displayed_sizes(rows: npt.NDArray[Any]) -> DisplayedSizes:
    """Return finished rows of a scan, ROW array, shape (n,), as columns."""
    return DisplayedSizes(
        second=rows["second"].astype(np.int32),
        price=rows["price"].astype(np.int32),
        added=rows["added"].copy(),
        cancelled=rows["cancelled"].copy(),
        size_ns=rows["size_ns"].copy(),
        band_flow=rows["band_flow"].copy(),
        band_size_ns=rows["band_size_ns"].copy(),
    )
