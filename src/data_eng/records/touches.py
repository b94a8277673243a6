"""The table of touches: written from what the touch machine found, read back as arrays."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..arrays import arrow_array, string_array
from ..catalogue.contract import Contract
from ..features.level.level_touches import Touches
from ..features.level.levels import level_names
from ..lake.table import Table
from .arrow_columns import codes_of, dollars, flags, nulls, values

CAUSES: Final = ("price", "level_step")


def touch_batch(touches: Touches, tick_size: float, contract: Contract) -> pa.RecordBatch:
    """Return the rows of the contract, one for each touch, in their order."""
    is_open = touches.end_ns < 0
    mid = touches.mid_after * tick_size
    columns: dict[str, tuple[npt.NDArray[Any], npt.NDArray[np.bool_] | None]] = {
        "level": (touches.level, None),
        "touch_ts": (touches.touch_ns, None),
        "touch_end_ts": (touches.end_ns, is_open),
        "approach_side": (touches.side.astype(np.int32), None),
        "touch_cause": (touches.cause, None),
        "rejected": (touches.is_rejected, is_open),
        "penetration": (touches.penetration, None),
        "mid_900s_after": (mid, np.isnan(mid)),
    }
    arrays = []
    for field in contract.fields:
        column, is_null = columns[field.name]
        if field.symbols:
            codes = arrow_array(column.astype(np.int32), pa.int32())
            arrays.append(pa.DictionaryArray.from_arrays(codes, string_array(field.symbols)))
        else:
            arrays.append(arrow_array(column, field.type, is_null))
    return pa.RecordBatch.from_arrays(arrays, schema=contract.arrow_schema)


def read_touches(table: Table, tick_size: float) -> Touches:
    """Return the touches of a partition; levels are counted as `level_names` does.

    Parameters
    ----------
    table : Table
        Of touches.
    tick_size : float, dollars
    """
    rows = table.read()
    is_open = nulls(rows["touch_end_ts"])
    # Back to the exact value, half ticks, which dollars have rounded.
    mid = np.rint(dollars(rows["mid_900s_after"]) / tick_size * 2) / 2
    return Touches(
        level=codes_of(rows["level"], level_names()).astype(np.int64),
        touch_ns=values(rows["touch_ts"], np.int64),
        end_ns=np.where(is_open, -1, values(rows["touch_end_ts"], np.int64)),
        side=values(rows["approach_side"], np.int32).astype(np.int64),
        cause=codes_of(rows["touch_cause"], CAUSES).astype(np.int64),
        is_rejected=flags(rows["rejected"]) & ~is_open,
        penetration=values(rows["penetration"], np.float64),
        mid_after=mid,
    )
