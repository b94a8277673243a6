"""Sums over the trades of every 5 seconds, and the features of windows of them."""

from __future__ import annotations

from typing import Final

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

    def add(
        self,
        bucket: int,
        sign: F64,
        size: F64,
        price: F64,
        is_call: Mask,
        is_zero_dte: Mask,
        delta: F64,
        vega: F64,
    ) -> None:
        """Add the trades of one bucket, arrays of shape (m,).

        Parameters
        ----------
        bucket : int
        sign : float64 array
            1 for a buy, -1 for a sell, 0 without an aggressor.
        size, price : float64 arrays, contracts and points
        is_call, is_zero_dte : bool arrays
        delta, vega : float64 arrays
            Of the option when it traded; NaN where not known.
        """
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


def trade_values(sums: F64, window: int, first_rth: int) -> dict[str, F64]:
    """Return the features of trades at the start of every bucket from ``first_rth`` on.

    Parameters
    ----------
    sums : float64 array, shape (buckets, 11)
        See `TradeSums`.
    window : int
        Buckets in 300 seconds.
    first_rth : int
        Bucket that starts at 09:30, at least ``window``.

    Returns
    -------
    dict of float64 arrays, shape (buckets - first_rth + 1,)
        The row of a bucket sums the buckets before it; NaN where the feature is null.
    """
    # Not differences of cumulative sums: their rounding may exceed what a window holds.
    windows = np.lib.stride_tricks.sliding_window_view(sums[first_rth - window :], window, axis=0)
    last_300s = dict(zip(SUMS, windows.sum(axis=-1).T, strict=True))
    total = np.vstack([np.zeros(len(SUMS)), np.cumsum(sums[first_rth:], axis=0)])
    rth = dict(zip(SUMS, total.T, strict=True))
    return {
        "option_volume_300s": last_300s["call_volume"] + last_300s["put_volume"],
        "option_volume_rth": rth["call_volume"] + rth["put_volume"],
        "put_call_volume_ratio_300s": _ratio(last_300s["put_volume"], last_300s["call_volume"]),
        "put_call_volume_ratio_rth": _ratio(rth["put_volume"], rth["call_volume"]),
        "zero_dte_volume_share_rth": _ratio(
            rth["zero_dte_volume"], rth["call_volume"] + rth["put_volume"]
        ),
        **{
            f"signed_{right}_premium_imbalance_300s": _ratio(
                last_300s[f"signed_{right}_premium"], last_300s[f"sided_{right}_premium"]
            )
            for right in ("call", "put")
        },
        **{
            f"{greek}_weighted_option_order_imbalance_300s": _ratio(
                last_300s[f"signed_{greek}"], last_300s[f"sided_{greek}"]
            )
            for greek in ("delta", "vega")
        },
    }


def _ratio(part: F64, whole: F64) -> F64:
    return np.asarray(np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0))
