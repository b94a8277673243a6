"""What the feature tables have in common: a row a second, both ends of the window included."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..arrays import arrow_array
from ..catalogue.contract import Contract
from ..exchange.sessions import FIRST3H, NEW_YORK, window_ns


def grid_parameters() -> dict[str, Any]:
    """Return the grid as manifests record it."""
    start, end = FIRST3H
    return {
        "start": start.isoformat(),
        "end": end.isoformat(),
        "seconds": 1,
        "time_zone": NEW_YORK.key,
    }


def grid_times(date: dt.date) -> npt.NDArray[np.int64]:
    """Return the times of the grid's rows, shape (n,), ns since epoch UTC, both ends included."""
    first, last = window_ns(date, *FIRST3H)
    return np.arange(first, last + 1, 10**9, dtype=np.int64)


def grid_batch(
    times: npt.NDArray[np.int64],
    columns: Mapping[str, npt.NDArray[np.float64]],
    contract: Contract,
) -> pa.RecordBatch:
    """Return the rows of a grid table as one batch.

    Parameters
    ----------
    times : int64 array, shape (n,), ns since epoch
        Of the rows, for ``ts`` and ``ts_est``.
    columns : mapping of float64 arrays, shape (n,)
        Every feature of the contract; NaN becomes null.
    contract : Contract
        ``ts``, ``ts_est``, then the features.
    """
    schema = contract.arrow_schema
    arrays = [arrow_array(times, schema.field(i).type) for i in range(2)]
    for field in list(schema)[2:]:
        column = np.ascontiguousarray(columns[field.name])
        arrays.append(arrow_array(column, field.type, np.isnan(column)))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
