"""Dollars of a published table as whole ticks."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..errors import ContractError
from ..features.book.record_chunk import MOST_DOLLARS, NO_PRICE, to_ticks
from .arrow_columns import dollars


def ticks_of(
    column: pa.ChunkedArray,
    tick_size: float,
    name: str,
    where: tuple[str, int],
    out: npt.NDArray[np.int32] | None = None,
) -> npt.NDArray[np.int32]:
    """Return prices as whole ticks, int32 array, shape (n,), `NO_PRICE` where null.

    Parameters
    ----------
    column : chunked array of float64, dollars
    tick_size : float, dollars
    name : str
        Of the column, for the message.
    where : tuple of str and int
        The partition, and how many of its rows lie before these.
    out : int32 array, shape (n,), optional
        Receives the ticks.

    Raises
    ------
    ContractError
        A price is no whole number of ticks, or beyond any price of the products.
    """
    prices = dollars(column)
    ticks = np.empty(len(prices), np.int32) if out is None else out
    wrong = to_ticks(prices, tick_size, ticks)
    if wrong >= 0:
        partition, first_row = where
        price = prices[wrong]
        is_beyond = abs(price) > MOST_DOLLARS
        why = (
            f"beyond {MOST_DOLLARS:,}" if is_beyond else f"no whole number of ticks of {tick_size}"
        )
        raise ContractError(
            f"{partition}: field {name}, row {first_row + wrong}: {price} is {why}; nothing was "
            "published"
        )
    return ticks


def dollars_of(
    ticks: npt.NDArray[np.integer[Any]], tick_size: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Return ticks as dollars, and where there is none, shape (n,)."""
    missing = ticks == NO_PRICE
    return np.ascontiguousarray(np.where(missing, 0.0, ticks * tick_size)), missing
