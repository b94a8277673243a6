"""Features over the session as tracks of a chart, and the features of a level at its touches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ...catalogue.datasets import dataset
from ...catalogue.feature_tables import KEYS
from ...catalogue.vectors import MARKET, OPTION_MARKET, level_tables
from ...errors import UsageError
from ...features.book.day_seconds import F64
from ...features.level.levels import level_names
from ...suggestion import did_you_mean
from .day import ReportDay, numbers, times_ns

_OF_LEVEL: Final = (
    "distance_ticks",
    "approach_speed_ticks_per_minute",
    "volume_share_within_2_ticks_300s",
    "displayed_size_to_mean_of_other_prices_ratio",
)
_OF_MARKET: Final = (
    "normalized_order_flow_imbalance_top_of_book_60s",
    "realized_volatility_bps_300s",
)


@dataclass(frozen=True)
class Track:
    """A feature on the grid.

    Attributes
    ----------
    name, unit : str
    values : float64 array, shape (n,)
        NaN where missing.
    """

    name: str
    unit: str
    values: F64


def track_names(names: Sequence[str] | None) -> dict[str, list[str]]:
    """Return what is shown beside a touch of each level: the named features, or some of its own."""
    if names is not None:
        return {level: list(names) for level in level_names()}
    return {
        level: [*(f"{level}_{name}" for name in _OF_LEVEL), *_OF_MARKET] for level in level_names()
    }


def tracks(day: ReportDay, names: Sequence[str]) -> list[Track]:
    """Return features of the day's grid.

    Raises
    ------
    UsageError
        A feature that no table of the day has.
    """
    return [_track(day, _table_of(day, name), name) for name in names]


def level_features(day: ReportDay, level: str) -> tuple[list[str], list[str], F64]:
    """Return the LEVEL features of a level.

    Returns
    -------
    tuple of list of str, list of str and float64 array of shape (k, n)
        Names without the level's prefix, units, and values on the grid, NaN where missing.
    """
    key = level_tables()[level]
    names = [name for name in day.tables[key].column_names if name not in KEYS]
    found = [_track(day, key, name) for name in names]
    bases = [name.removeprefix(f"{level}_") for name in names]
    return bases, [one.unit for one in found], np.stack([one.values for one in found])


def grid_start_ns(day: ReportDay) -> int:
    """Return the first row of the grid, ns since epoch UTC."""
    return int(times_ns(day.tables[MARKET], "ts")[0])


def _track(day: ReportDay, key: str, name: str) -> Track:
    field = next(one for one in dataset(key).contract().fields if one.name == name)
    unit = "" if field.unit == "dimensionless" else field.unit
    return Track(name, unit, numbers(day.tables[key], name))


def _table_of(day: ReportDay, name: str) -> str:
    for key in (MARKET, OPTION_MARKET, *level_tables().values()):
        if key in day.tables and name not in KEYS and name in day.tables[key].column_names:
            return key
    known = {
        one
        for key in (MARKET, OPTION_MARKET, *level_tables().values())
        if key in day.tables
        for one in day.tables[key].column_names
        if one not in KEYS
    }
    hint = did_you_mean(name, sorted(known)) or "docs/features.md lists them"
    raise UsageError(f"--features {name}: no feature of {day.symbol} {day.date}; {hint}")
