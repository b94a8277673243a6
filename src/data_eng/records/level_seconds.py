"""The one-second table of the levels: written level by level, each read back by itself."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..arrays import arrow_array, string_array
from ..catalogue.contract import Contract
from ..errors import ContractError
from ..features.book.second_sums import SECOND_NS
from ..features.level.level_path import LevelPath
from ..features.level.level_seconds import LevelSeconds
from ..features.level.level_sums import FIELDS, LevelSums, new_level_sums
from ..features.level.levels import level_names
from ..features.level.touch_machine import TOUCH
from ..lake.table import Table
from .arrow_columns import codes_of, flags, nulls, values

SUMS: Final = (
    "band_volume", "band_trades", "band_buy_volume", "band_sell_volume", "volume_at_level",
    "added", "cancelled", "size_ns", "band_flow", "band_size_ns", "crossings", "valid_ns",
    "above_ns", "equal_ns", "near_ns", "displayed_ns", "forming_touches",
)  # fmt: skip
"""Columns of `LevelSums.sums`, in their order."""
assert len(SUMS) == FIELDS

PHASES: Final = ("none", "idle", "armed", "touch")
_COUNTS: Final = ("touches", "rejections")
_TIMES: Final = {"touch_ts": "touch_ns", "touch_end_ts": "end_ns"}
_FLOATS: Final = ("last_penetration", "max_penetration", "excursion")
_SINCE: Final = ("displayed_since", "band_displayed_since")


def level_batch(level: LevelSeconds, contract: Contract) -> pa.RecordBatch:
    """Return the rows of one level, one a second: sums within it, the machine at its end."""
    sums, touch = level.level_sums.sums, level.level_sums.touch[1:]
    since = np.ascontiguousarray(level.level_sums.since_ns[1:].T)
    ended, touching = touch["end_ns"] >= 0, touch["phase"] == TOUCH
    times = level.start_ns + np.arange(len(sums), dtype=np.int64) * SECOND_NS
    value = level.place[:-1]
    columns: dict[str, tuple[npt.NDArray[Any], npt.NDArray[np.bool_] | None]] = {
        "ts": (times, None),
        "level_ticks": (value, np.isnan(value)),
        **{name: (sums[:, n], None) for n, name in enumerate(SUMS)},
        **{name: (one, one < 0) for name, one in zip(_SINCE, since, strict=True)},
        "side": (touch["side"].astype(np.int32), touch["side"] == 0),
        **{name: (touch[name], None) for name in _COUNTS},
        **{name: (touch[of], touch[of] < 0) for name, of in _TIMES.items()},
        "last_touch_rejected": (touch["was_rejected"] != 0, ~ended),
        "penetration": (touch["penetration"], ~touching),
        **{name: (touch[name], np.isnan(touch[name])) for name in _FLOATS},
    }
    names = level_names()
    codes = {
        "level": (np.full(len(sums), names.index(level.path.name), np.int32), names),
        "phase": (touch["phase"].astype(np.int32), PHASES),
    }
    arrays = []
    for field in contract.arrow_schema:
        if field.name in codes:
            code, symbols = codes[field.name]
            indices = arrow_array(code, pa.int32())
            arrays.append(pa.DictionaryArray.from_arrays(indices, string_array(symbols)))
        else:
            column, is_null = columns[field.name]
            arrays.append(arrow_array(np.ascontiguousarray(column), field.type, is_null))
    return pa.RecordBatch.from_arrays(arrays, schema=contract.arrow_schema)


def read_level_seconds(table: Table, path: LevelPath, end_ns: int) -> LevelSeconds:
    """Return one level by second up to a time: one row group.

    Parameters
    ----------
    table : Table
        Of the levels by second.
    path : LevelPath
        Of the level.
    end_ns : int, ns since epoch UTC
        A whole second.

    Raises
    ------
    ContractError
        The row group is another level's.
    """
    rows = table.read_row_group(level_names().index(path.name))
    if rows["level"][0].as_py() != path.name:
        raise ContractError(f"{table.partition}: the rows are not those of {path.name}; rebuild it")
    start_ns = int(values(rows["ts"].slice(0, 1), np.int64)[0])
    count = min(len(rows), (end_ns - start_ns) // SECOND_NS)
    rows = rows.slice(0, count)
    found = new_level_sums(start_ns, start_ns + count * SECOND_NS)
    for n, name in enumerate(SUMS):
        found.sums[:, n] = values(rows[name], np.int64)
    for n, name in enumerate(_SINCE):
        found.since_ns[1:, n] = np.where(nulls(rows[name]), -1, values(rows[name], np.int64))
    touch = found.touch
    touch["touch_ns"][0] = touch["end_ns"][0] = -1
    for name in _FLOATS:
        touch[name][0] = np.nan
    touch["phase"][1:] = codes_of(rows["phase"], PHASES)
    touch["side"][1:] = np.where(nulls(rows["side"]), 0, values(rows["side"], np.int32))
    for name in _COUNTS:
        touch[name][1:] = values(rows[name], np.int64)
    rejected = rows["last_touch_rejected"]
    touch["was_rejected"][1:] = flags(rejected) & ~nulls(rejected)
    touch["penetration"][1:] = _or(rows, "penetration", 0.0)
    for name, of in _TIMES.items():
        touch[of][1:] = np.where(nulls(rows[name]), -1, values(rows[name], np.int64))
    for name in _FLOATS:
        touch[name][1:] = _or(rows, name, np.nan)
    return LevelSeconds(path, LevelSums(*found), start_ns)


def _or(rows: pa.Table, name: str, missing: float) -> npt.NDArray[np.float64]:
    return np.where(nulls(rows[name]), missing, values(rows[name], np.float64))
