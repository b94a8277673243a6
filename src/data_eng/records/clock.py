"""The clock of a partition: receive times that never fall.

A record is known once all before it are, so a ``ts_recv`` before that of a record ahead of it (the
vendor flags such times) counts as received with that one. Bronze and the clean tables keep the
times as delivered; what reads records by time gets them from `records.row_groups.RowGroups`, where
this is done.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..arrays import arrow_array
from .arrow_columns import values

RECEIVED = "ts_recv"
"""Column of the receive time."""


def forward(times: npt.NDArray[np.int64], reached_ns: int) -> npt.NDArray[np.int64]:
    """Return receive times made to never fall.

    Parameters
    ----------
    times : int64 array, shape (n,), ns since epoch UTC
    reached_ns : int
        The latest time before them.

    Returns
    -------
    int64 array, shape (n,)
        The times themselves where none falls.
    """
    if not len(times) or (times[0] >= reached_ns and (times[1:] >= times[:-1]).all()):
        return times
    return np.maximum(np.maximum.accumulate(times), reached_ns)


def forwarded(table: pa.Table, reached_ns: int) -> pa.Table:
    """Return a table whose ``ts_recv``, where it has one, never falls, as `forward`."""
    index = table.schema.get_field_index(RECEIVED)
    if index < 0:
        return table
    field = table.schema.field(index)
    times = values(table[RECEIVED], np.int64)
    found = forward(times, reached_ns)
    if found is times:
        return table
    return table.set_column(index, field, arrow_array(found, field.type))
