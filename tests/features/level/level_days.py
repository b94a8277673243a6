"""LEVEL columns of the random days: records and levels in, columns out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pytest

from src.data_eng.features.bar_closes import BarCloses
from src.data_eng.features.book.day_seconds import F64, DaySeconds
from src.data_eng.features.level.columns import level_columns
from src.data_eng.features.level.level_path import LevelPath
from src.data_eng.features.level.level_tables import level_seconds
from tests.features.level.level_streams import (
    END,
    MULTIPLIER,
    OPEN,
    START,
    TICK,
    random_day,
    random_levels,
    short_bars,
)
from tests.features.level.reference import Level
from tests.features.level.reference_row import ROUND_NUMBER
from tests.features.level.table_scan import TableScan
from tests.features.market.record_streams import Record, chunk
from tests.features.market.reference import Value

CUTS = (1, 700, 701, 4000)
ROUND_TICKS = float(ROUND_NUMBER)

Columns = dict[str, dict[str, F64]]
"""By level, then by base name."""


def path(level: Level) -> LevelPath:
    return LevelPath(
        name=level.name,
        times=np.array([t for t, _ in level.steps], np.int64),
        ticks=np.array([np.nan if v is None else v for _, v in level.steps], np.float64),
        set_ns=level.set_ns,
        window=level.window,
    )


def columns(
    records: Sequence[Record],
    levels: Sequence[Level],
    bars: Sequence[tuple[int, float]] = (),
    cuts: Sequence[int] = (),
    grid: tuple[int, int, int] = (START, OPEN, END),
    covered: tuple[int, int] | None = None,
) -> Columns:
    """Return the columns of each level, from records in chunks cut at given places.

    ``bars`` are ends, ns, and closes, ticks; ``grid`` is the start of the records, the first row
    and the last one; ``covered`` the range that the input covers.
    """
    start, first_row, end = grid
    scan = TableScan(start, end, first_row)
    bounds = [0, *sorted(min(cut, len(records)) for cut in cuts), len(records)]
    for first, last in pairwise(bounds):
        scan.add(chunk(records[first:last]))
    sums, tables = scan.finish()
    first_ns = end if scan.book.first_ns is None else scan.book.first_ns
    seconds = DaySeconds(
        sums, first_ns, first_row, end, TICK, MULTIPLIER, None if covered is None else [covered]
    )
    ends, prices = zip(*bars, strict=True) if bars else ((), ())
    closes = BarCloses(np.array(ends, np.int64), np.array(prices, np.float64))
    found = level_seconds([path(level) for level in levels], tables)
    return {
        level.name: level_columns(seconds, of_level, closes, ROUND_TICKS)
        for level, of_level in zip(levels, found, strict=True)
    }


def day_bars(seed: int) -> list[tuple[int, float]]:
    """Return ends and closes of the bars of a random day."""
    return [(end, float(close)) for end, close in short_bars(random_day(seed))]


@lru_cache(maxsize=4)
def random_columns(seed: int) -> Columns:
    """Return the columns of a random day and its random levels."""
    return columns(random_day(seed), random_levels(seed), day_bars(seed), CUTS)


def assert_row(found: dict[str, F64], row: int, expected: dict[str, Value], about: object) -> None:
    """Compare the columns of one row; a name that is not expected is missing there."""
    assert not set(expected) - set(found)
    for name, column in found.items():
        value, got = expected.get(name), float(column[row])
        assert math.isnan(got) == (value is None), (about, row, name, got, value)
        if value is not None:
            assert got == pytest.approx(value, rel=0, abs=1e-9), (about, row, name)


def same(a: Columns, b: Columns, rows: slice = slice(None)) -> bool:
    """Whether columns are equal to the bit, missing values included."""
    return all(
        np.array_equal(column[rows], b[level][name][rows], equal_nan=True)
        for level, of_level in a.items()
        for name, column in of_level.items()
    )
