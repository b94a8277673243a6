"""Episodes as rows of the table of outcomes."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..arrays import arrow_array, string_array
from ..catalogue.contract import Contract, Field
from ..features.level.levels import level_names
from ..features.outcome.barriers import SETS
from ..features.outcome.episodes import Episodes
from ..features.outcome.first_passage import BOUNCE, BREAK, CENSORED, TIMEOUT

OUTCOMES: Final = ("bounce", "break", "timeout")
_CODES: Final = {"bounce": BOUNCE, "break": BREAK, "timeout": TIMEOUT}

Columns = dict[str, tuple[npt.NDArray[Any], npt.NDArray[np.bool_] | None]]


def episode_batch(episodes: Episodes, tick_size: float, contract: Contract) -> pa.RecordBatch:
    """Return the rows of the contract, one for each episode, in their order."""
    columns = {**_episode_columns(episodes, tick_size), **_set_columns(episodes)}
    arrays = [_array(field, *columns[field.name]) for field in contract.fields]
    return pa.RecordBatch.from_arrays(arrays, schema=contract.arrow_schema)


def _episode_columns(episodes: Episodes, tick_size: float) -> Columns:
    return {
        "level": (episodes.level, None),
        "episode_id": (np.arange(1, len(episodes) + 1, dtype=np.int64), None),
        "touch_ts": (episodes.touch_ns, None),
        "feature_ts": (episodes.feature_ns, None),
        "feature_ts_est": (episodes.feature_ns, None),
        "touch_cause": (episodes.cause, None),
        "approach_side": (episodes.side.astype(np.int32), None),
        "level_price": _nullable(episodes.level_ticks * tick_size),
        "mid_change_ticks_at_horizon": _nullable(episodes.mid_change),
        # At the level itself the mid is on neither side of it.
        "bounce_15m_osler": (
            episodes.osler > 0,
            np.isnan(episodes.osler) | (episodes.osler == 0),
        ),
        "close_outcome_2m": (
            episodes.close.outcome.astype(np.int64) - BOUNCE,
            episodes.close.outcome == CENSORED,
        ),
    }


def _set_columns(episodes: Episodes) -> Columns:
    columns: Columns = {}
    for barriers, found in zip(SETS, episodes.outcomes, strict=True):
        is_censored = found.outcome == CENSORED
        end = f"_{barriers.name}" if barriers.name else ""
        columns |= {
            f"barrier_ticks{end}": (found.barrier_ticks, None),
            f"horizon_seconds{end}": (
                np.full(len(episodes), barriers.horizon_seconds, np.int32),
                None,
            ),
            f"outcome{end}": (found.outcome.astype(np.int64) - BOUNCE, is_censored),
            f"outcome_ts{end}": (found.outcome_ns, is_censored),
            f"censored{end}": (is_censored, None),
            f"max_favourable_excursion_ticks{end}": _nullable(found.favourable),
            f"max_adverse_excursion_ticks{end}": _nullable(found.adverse),
            f"driftless_bounce_probability{end}": _nullable(found.driftless),
            f"bounce_score{end}": _nullable(found.score),
            f"overlap_group{end}": (found.group, is_censored),
            f"overlap_group_all_levels{end}": (found.group_all_levels, is_censored),
            f"average_uniqueness{end}": _nullable(found.uniqueness),
            f"average_uniqueness_all_levels{end}": _nullable(found.uniqueness_all_levels),
        }
    return columns


def _nullable(
    column: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    return np.ascontiguousarray(column), np.isnan(column)


def _array(
    field: Field, column: npt.NDArray[Any], is_null: npt.NDArray[np.bool_] | None
) -> pa.Array:
    if not field.symbols:
        return arrow_array(column, field.type, is_null)
    codes = column if is_null is None else np.where(is_null, 0, column)
    indices = arrow_array(codes.astype(np.int32), pa.int32(), is_null)
    return pa.DictionaryArray.from_arrays(indices, string_array(field.symbols))


def outcome_counts(episodes: Episodes) -> dict[str, dict[str, int]]:
    """Return the number of episodes by level and primary outcome."""
    primary = episodes.outcomes[0].outcome
    names = {code: name for name, code in _CODES.items()} | {CENSORED: "censored"}
    found = {}
    for n, level in enumerate(level_names()):
        counts = Counter(names[int(code)] for code in primary[episodes.level == n])
        found[level] = dict(sorted(counts.items()))
    return found
