"""Silver level_touch of the sample day, through the stage."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.catalogue.tables import BEST_QUOTE, LEVEL_SECONDS, LEVEL_TOUCH, TRADES
from src.data_eng.exchange.sessions import FIRST3H, window_ns
from src.data_eng.features.book.market_events import market_events
from src.data_eng.features.level.level_touches import level_touches
from src.data_eng.features.level.levels import level_names
from src.data_eng.lake.inputs import LAST_RECORD_FACT
from src.data_eng.lake.paths import Partition
from src.data_eng.lake.table import open_table
from src.data_eng.records.best_quotes import read_best_quotes
from src.data_eng.records.levels import read_levels
from src.data_eng.records.touches import read_touches
from src.data_eng.records.trades import read_trades
from tests.stages.silver.level_lake import LEVEL, lake_of_touches
from tests.stages.silver.market_lake import DATE, manifest, rows

TOUCH = dataset(LEVEL_TOUCH)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lake_of_touches(tmp_path_factory)


def test_the_touches_are_those_that_the_levels_by_second_count(lake: Path) -> None:
    found = rows(lake, TOUCH, "ESM5", DATE)
    until = window_ns(DATE, *FIRST3H)[1]
    seconds = rows(lake, dataset(LEVEL_SECONDS), "ESM5", DATE)
    last = seconds.filter(pl.col("ts").dt.epoch("ns") < until).group_by("level").last()
    assert found.height > 10
    for state in last.iter_rows(named=True):
        touches = found.filter(pl.col("level") == state["level"])
        assert touches.height == state["touches"]
        assert touches["rejected"].sum() == state["rejections"]
        completed = touches.filter(pl.col("touch_end_ts").is_not_null())
        assert touches["touch_ts"].max() == state["touch_ts"]
        assert completed["touch_end_ts"].max() == state["touch_end_ts"]
        rejected = completed.filter(pl.col("rejected"))
        assert rejected["penetration"].max() == state["max_penetration"]


def test_what_is_read_back_is_what_was_found(lake: Path) -> None:
    tables = [dataset(key) for key in (TRADES, BEST_QUOTE, LEVEL.key, LEVEL_TOUCH)]
    parts = [Partition(one, "ESM5", DATE) for one in tables]
    with (
        open_table(lake, parts[0]) as trades,
        open_table(lake, parts[1]) as quotes,
        open_table(lake, parts[2]) as levels,
        open_table(lake, parts[3]) as table,
    ):
        events = market_events(read_trades(trades, 0.25), read_best_quotes(quotes, 0.25))
        last_ns = trades.manifest.facts[LAST_RECORD_FACT]
        paths = read_levels(levels, 0.25)
        found = level_touches(paths, events, *window_ns(DATE, *FIRST3H), last_ns)
        read = read_touches(table, 0.25)
    for name in found.__dataclass_fields__:
        assert np.array_equal(
            getattr(found, name), getattr(read, name), equal_nan=name == "mid_after"
        ), name


def test_the_manifest_names_what_it_was_made_of(lake: Path) -> None:
    found = manifest(lake, TOUCH, "ESM5", DATE)
    read = [entry["dataset"] for entry in found["inputs"]]
    assert read == [TRADES, BEST_QUOTE, LEVEL.key]
    assert found["parameters"]["mid_after_seconds"] == 900
    assert found["rows"] == rows(lake, TOUCH, "ESM5", DATE).height
    assert set(rows(lake, TOUCH, "ESM5", DATE)["level"].unique()) <= set(level_names())
