"""Sums over the trades of every 5 seconds."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

SUMS: Final = (
    "call_volume",
    "put_volume",
    "zero_dte_volume",
    "signed_call_premium",
    "sided_call_premium",
    "signed_put_premium",
    "sided_put_premium",
    "signed_delta",
    "sided_delta",
    "signed_vega",
    "sided_vega",
)


class OptionTrades(NamedTuple):
    """Trades of options, arrays of shape (m,).

    Attributes
    ----------
    sign : float64 array
        1 for a buy, -1 for a sell, 0 without an aggressor.
    size, price : float64 arrays, contracts and points
    is_call, is_zero_dte : bool arrays
    delta, vega : float64 arrays
        Of the option when it traded; NaN where not known.
    """

    sign: F64
    size: F64
    price: F64
    is_call: Mask
    is_zero_dte: Mask
    delta: F64
    vega: F64


class TradeSums:
    """Sums by bucket.

    Parameters
    ----------
    buckets : int
        Number of buckets, of 5 seconds each.

    Attributes
    ----------
    sums : float64 array, shape (buckets, 11)
        Columns `SUMS`. *Sided* sums leave out trades without an aggressor; sums of delta and vega
        leave out trades of options whose expiration has no smile.
    """

    def __init__(self, buckets: int) -> None:
        self.sums = np.zeros((buckets, len(SUMS)))

    def add(self, bucket: int, trades: OptionTrades) -> None:
        """Add the trades of one bucket."""
        sign, size, price, is_call, is_zero_dte, delta, vega = trades
        sided = np.abs(sign) * size
        premium = sided * price
        known = ~np.isnan(delta)
        delta, vega = np.where(known, delta, 0.0), np.where(known, vega, 0.0)
        self.sums[bucket] += (
            size[is_call].sum(),
            size[~is_call].sum(),
            size[is_zero_dte].sum(),
            (sign * premium)[is_call].sum(),
            premium[is_call].sum(),
            (sign * premium)[~is_call].sum(),
            premium[~is_call].sum(),
            (sign * sided * delta).sum(),
            (sided * np.abs(delta)).sum(),
            (sign * sided * vega).sum(),
            (sided * vega).sum(),
        )
