"""What a trade of an option is: one filter for the date and for earlier sessions."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..features.book.record_chunk import TRADE
from ..lake.table import Table
from .arrow_columns import dollars, letters, sizes, values
from .time_slices import Arrays, TimeSlices

COLUMNS: Final = ("action", "price", "size")


def trade_rows(table: pa.Table) -> npt.NDArray[np.intp]:
    """Return the numbers of the rows that are trades: action T with a price and a size."""
    is_trade = letters(table["action"]) == TRADE
    is_priced = ~np.isnan(dollars(table["price"])) & (sizes(table["size"]) >= 0)
    return np.flatnonzero(is_trade & is_priced)


def read_sizes(
    table: Table, start_ns: int, end_ns: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return receipt and size of the trades in ``[start_ns, end_ns)``, in their order."""
    rows = TimeSlices(table, list(COLUMNS), _sized)
    for _ in rows.until(start_ns):
        pass
    parts = list(rows.until(end_ns))
    empty = [np.zeros(0, np.int64)]
    return (
        np.concatenate([part["times"] for part in parts] or empty),
        np.concatenate([part["sizes"] for part in parts] or empty),
    )


def _sized(table: pa.Table) -> Arrays:
    rows = trade_rows(table)
    return {
        "times": values(table["ts_recv"], np.int64)[rows],
        "sizes": sizes(table["size"])[rows].astype(np.int64),
    }
