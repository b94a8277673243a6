"""The touches of a day with their outcomes, barriers and the features before them."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from ...catalogue.vectors import OUTCOME
from ...features.book.day_seconds import F64
from ...features.outcome.barriers import SETS, BarrierSet
from .day import ReportDay, numbers, times_ns
from .tracks import grid_start_ns, level_features

CENSORED: Final = "censored"
_NS: Final = 10**9


def touch_rows(day: ReportDay) -> list[dict[str, Any]]:
    """Return the touches in the order of Gold, as JSON values.

    Times are seconds since 00:00 on New York's clock. ``sets`` are the barrier sets, the primary
    one first; a label that is not there (the records end, or a barrier was passed already) has the
    outcome ``censored``.
    """
    table = day.tables[OUTCOME]
    rows = table.to_pylist()
    clocks = {name: day.clock_seconds(times_ns(table, name)) for name in ("touch_ts", "feature_ts")}
    decided = [day.clock_seconds(times_ns(table, f"outcome_ts{_ending(one.name)}")) for one in SETS]
    return [
        {
            "number": row["episode_id"],
            "level": row["level"],
            "time": float(clocks["touch_ts"][i]),
            "from": float(clocks["feature_ts"][i]),
            "side": row["approach_side"],
            "cause": row["touch_cause"],
            "price": row["level_price"],
            "outcome": row["outcome"] or CENSORED,
            "chance": row["driftless_bounce_probability"],
            "closes": row["close_outcome_2m"],
            "osler": row["bounce_15m_osler"],
            "group": row["overlap_group_all_levels"],
            "sets": [_barriers(row, one, float(decided[k][i])) for k, one in enumerate(SETS)],
        }
        for i, row in enumerate(rows)
    ]


def _barriers(row: dict[str, Any], one: BarrierSet, decided: float) -> dict[str, Any]:
    end = _ending(one.name)
    distance = f"{one.atr:g} ATR" if one.ticks is None else f"{one.ticks} ticks"
    outcome = row[f"outcome{end}"]
    return {
        "words": f"{distance}, {one.horizon_seconds // 60} min",
        "ticks": row[f"barrier_ticks{end}"],
        "seconds": row[f"horizon_seconds{end}"],
        "outcome": outcome or CENSORED,
        "decided": decided if outcome else None,
        "back": row[f"max_favourable_excursion_ticks{end}"],
        "through": row[f"max_adverse_excursion_ticks{end}"],
    }


def _ending(name: str) -> str:
    return f"_{name}" if name else ""


def features_at_touches(day: ReportDay) -> dict[str, dict[str, Any]]:
    """Return the LEVEL features of each level that was touched, as JSON values.

    Returns
    -------
    dict by level
        ``names``, ``units``; by the number of the touch ``before``, the row of the last whole
        second that saw nothing of it, and ``at``, the row at ``feature_ts``. None where missing.
    """
    table = day.tables[OUTCOME]
    levels = np.array(table["level"].to_pylist())
    numbered = numbers(table, "episode_id").astype(np.int64)
    row = (times_ns(table, "feature_ts") - grid_start_ns(day)) // _NS
    found = {}
    for level in dict.fromkeys(levels.tolist()):
        names, units, values = level_features(day, level)
        at = np.flatnonzero(levels == level)
        found[level] = {
            "names": names,
            "units": units,
            "before": {int(numbered[i]): _column(values, int(row[i]) - 1) for i in at},
            "at": {int(numbered[i]): _column(values, int(row[i])) for i in at},
        }
    return found


def _column(values: F64, row: int) -> list[float | None]:
    if not 0 <= row < values.shape[1]:
        return [None] * len(values)
    return [None if math.isnan(value) else float(f"{value:.6g}") for value in values[:, row]]
