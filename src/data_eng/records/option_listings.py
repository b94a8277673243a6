"""The definitions of a Silver partition as the options that they list."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..features.option_market.listings import Listings
from ..lake.table import Table
from .arrow_columns import dollars, letters, values

_DELETED = "D"


def read_listings(definitions: Table) -> Listings:
    """Return the options of a date, listed from their definitions' receipt on.

    An action of ``D`` delists; no action at all lists, as ``A`` and ``M`` do.
    """
    columns = ["instrument_id", "expiration", "strike_price", "instrument_class"]
    table = definitions.read(["ts_recv", *columns, "security_update_action"])
    if not len(table):
        ints, bools = np.empty(0, np.int64), np.empty(0, np.bool_)
        return Listings(ints, ints.astype(np.uint32), ints, np.empty(0), bools, bools)
    return Listings(
        values(table["ts_recv"], np.int64),
        values(table["instrument_id"], np.int64).astype(np.uint32),
        values(table["expiration"], np.int64),
        dollars(table["strike_price"]),
        letters(table["instrument_class"]) == ord("C"),
        is_deleted(table),
    )


def is_deleted(definitions: pa.Table) -> npt.NDArray[np.bool_]:
    """Return which rows delist their option, shape (n,)."""
    column = definitions["security_update_action"].combine_chunks()
    return np.asarray(np.array(column.to_pylist(), object) == _DELETED, np.bool_)
