"""The table of displayed sizes: what was added, cancelled and displayed by second and price."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt


class DisplayedSizes(NamedTuple):
    """Rows in order of second, then of price; none where every sum is 0.

    A price is visible between the outermost prices of a valid book; a side with fewer than ten
    levels hides nothing, and a visible price without orders has size 0. A change leads from one
    valid complete book to the next.

    Attributes
    ----------
    second : int32 array, shape (n,)
        Since the start of the scan.
    price : int32 array, shape (n,), ticks
    added : int64 array, shape (n,), contracts
        Sum of positive ``dQ`` over changes with the price visible before and after.
    cancelled : int64 array, shape (n,), contracts
        Sum of negative ``dQ`` there that trades do not explain.
    size_ns : int64 array, shape (n,), contracts ns
        Integral of the displayed size over the time with a valid quote.
    band_flow : int64 array, shape (n,), contracts
        Sum of ``dQ`` of bids less that of asks at the prices within two ticks, over changes with
        all of them visible before and after.
    band_depth : int64 array, shape (n,), contracts
        Sum over the same changes of the size displayed there after each. Their number does not
        depend on what is displayed: `BestQuotes` rows have it.
    """

    second: npt.NDArray[np.int32]
    price: npt.NDArray[np.int32]
    added: npt.NDArray[np.int64]
    cancelled: npt.NDArray[np.int64]
    size_ns: npt.NDArray[np.int64]
    band_flow: npt.NDArray[np.int64]
    band_depth: npt.NDArray[np.int64]


def displayed_sizes(rows: npt.NDArray[Any]) -> DisplayedSizes:
    """Return finished rows of a scan, ROW array, shape (n,), as columns."""
    return DisplayedSizes(
        second=rows["second"].astype(np.int32),
        price=rows["price"].astype(np.int32),
        added=rows["added"].copy(),
        cancelled=rows["cancelled"].copy(),
        size_ns=rows["size_ns"].copy(),
        band_flow=rows["band_flow"].copy(),
        band_depth=rows["band_depth"].copy(),
    )
