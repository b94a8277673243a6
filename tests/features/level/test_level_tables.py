"""Levels merged with tables: what they hold by second, and that nothing of it comes from later."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from src.data_eng.features.level.level_sums import (
    ADDED,
    BAND_FLOW,
    BAND_SIZE_NS,
    CANCELLED,
    SIZE_NS,
)
from src.data_eng.features.level.level_tables import LevelTables, level_seconds
from src.data_eng.features.level.touch_machine import NONE
from tests.features.book.reference import displayed_reference
from tests.features.level.level_days import path
from tests.features.level.level_streams import END, OPEN, START, random_day, random_levels
from tests.features.level.reference import Level
from tests.features.level.table_scan import TableScan
from tests.features.market.record_streams import SECOND, chunk


def tables(seed: int) -> LevelTables:
    scan = TableScan(START, END, OPEN)
    scan.add(chunk(random_day(seed)))
    return scan.finish()[1]


def selected(rows: Any, which: npt.NDArray[np.bool_]) -> Any:
    return type(rows)(*(column[which] for column in rows))


def before(whole: LevelTables, second: int) -> LevelTables:
    """Return the rows of the seconds before one, as if the day had ended there."""
    end = START + second * SECOND
    trades, quotes, shown = whole.trades, whole.quotes, whole.displayed
    return replace(
        whole,
        trades=selected(trades, trades.ts_recv < end),
        quotes=selected(quotes, quotes.ts_recv < end),
        displayed=selected(shown, shown.second < second),
    )


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in (1, 2))]
)
def test_what_is_displayed_at_a_level_is_the_reference(seed: int) -> None:
    expected = displayed_reference(random_day(seed), START, END)
    levels = random_levels(seed)
    fields = [ADDED, CANCELLED, SIZE_NS, BAND_FLOW, BAND_SIZE_NS]
    for level, found in zip(levels, level_seconds([path(v) for v in levels], tables(seed)),
                            strict=True):  # fmt: skip
        for second, row in enumerate(found.level_sums.sums[:, fields].tolist()):
            tick = level.tick_at(START + second * SECOND)
            wanted = [0] * 5 if tick is None else expected.get((second, tick), [0] * 5)
            assert row == wanted, (level.name, second)


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in (1, 2))]
)
def test_nothing_of_a_second_comes_from_later_rows(seed: int) -> None:
    paths, whole = [path(level) for level in random_levels(seed)], tables(seed)
    found = level_seconds(paths, whole)
    for second in (0, 500, 1600, 2100):
        for ours, theirs in zip(level_seconds(paths, before(whole, second)), found, strict=True):
            part, all_ = ours.level_sums, theirs.level_sums
            assert np.array_equal(part.sums[:second], all_.sums[:second])
            assert np.array_equal(part.since_ns[: second + 1], all_.since_ns[: second + 1])
            for name in part.touch.dtype.names or ():
                assert np.array_equal(
                    part.touch[name][: second + 1],
                    all_.touch[name][: second + 1],
                    equal_nan=name.endswith(("penetration", "excursion")),
                )


@pytest.mark.parametrize(("known", "first"), [(-60, 0), (0, 0), (7, 7)])
def test_a_machine_begins_when_its_level_is_known_at_the_open_at_the_earliest(
    known: int, first: int
) -> None:
    level = Level("pm_high", [(OPEN + known * SECOND, 50_000.0)])
    (found,) = level_seconds([path(level)], tables(0))
    phase, at = found.level_sums.touch["phase"], (OPEN - START) // SECOND + first
    assert set(phase[:at]) == {NONE}
    assert NONE not in phase[at:]
    assert found.known_second == (OPEN - START) // SECOND + known


def test_no_records_are_a_day_without_touches() -> None:
    scan = TableScan(START, END, OPEN)
    _, nothing = scan.finish()
    for found in level_seconds([path(level) for level in random_levels(0)], nothing):
        assert not found.level_sums.sums.any()
        assert not found.level_sums.touch["touches"].any()
