"""The five LEVEL tables of the sample day and of a real one, through the stages."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from src.data_eng.catalogue import tables
from src.data_eng.catalogue.datasets import dataset
from src.data_eng.features.level.levels import level_names
from src.data_eng.stages.outcome import Status
from tests.features.level.reference import Day, Level, LevelReference
from tests.features.level.reference_row import reference_row
from tests.features.market.record_streams import SECOND
from tests.lakes import run
from tests.stages.silver.level_lake import (
    LEVEL,
    add_features,
    add_levels,
    features,
    lake_of_touches,
)
from tests.stages.silver.market_lake import (
    BARS,
    CLEAN,
    DATE,
    MARKET,
    SHIFTED_DATE,
    manifest,
    partition,
    rows,
    shifted_day,
)
from tests.stages.silver.reference_records import reference_records

OPEN = dt.datetime(2025, 6, 5, 13, 30, tzinfo=dt.UTC)
OPENING_RANGE_ROWS = 1800


@pytest.fixture(scope="module")
def sample_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lake_of_touches(tmp_path_factory)


def test_every_table_has_the_rows_of_the_grid(sample_lake: Path) -> None:
    for name in level_names():
        found = rows(sample_lake, features(name), "ESM5", DATE)
        assert found.height == 10_801
        assert (found["ts"][0], found["ts"][-1]) == (OPEN, OPEN + dt.timedelta(hours=3))
        assert found["ts"].cast(pl.Int64).equals(found["ts_est"].cast(pl.Int64))
        assert len(found.columns) == 2 + (44 if name == "sma_90" else 45)
        assert all(column.startswith(f"{name}_") for column in found.columns[2:])


def test_nothing_is_said_of_a_level_before_it_is_known(sample_lake: Path) -> None:
    for name in ("or_high", "or_low"):
        found = rows(sample_lake, features(name), "ESM5", DATE)[:, 2:]
        before, after = found[:OPENING_RANGE_ROWS], found[OPENING_RANGE_ROWS]
        assert sum(before.null_count().row(0)) == before.height * before.width
        assert after[f"{name}_distance_ticks"][0] is not None
    for name in ("pm_high", "pm_low", "sma_90"):
        assert (
            rows(sample_lake, features(name), "ESM5", DATE)[f"{name}_distance_ticks"][0] is not None
        )


def test_no_column_is_constant_or_not_a_number(sample_lake: Path) -> None:
    pooled: dict[str, set[float]] = {}
    for name in level_names():
        for column in rows(sample_lake, features(name), "ESM5", DATE).columns[2:]:
            values = rows(sample_lake, features(name), "ESM5", DATE)[column].drop_nulls()
            assert np.isfinite(values.to_numpy()).all(), column
            pooled.setdefault(column.removeprefix(f"{name}_"), set()).update(values.to_list())
    few = {base for base, values in pooled.items() if len(values) < 2}
    # A count of one session and two levels.
    few -= {"pre_market_touch_count", "opening_range_touch_count"}
    assert not few


def test_a_deleted_level_is_rebuilt_alone_and_to_the_byte(
    sample_lake: Path, tmp_path: Path
) -> None:
    lake = tmp_path / "lake"
    shutil.copytree(sample_lake, lake)
    file = partition(lake, features("or_low"), "ESM5", DATE) / "part-00000.parquet"
    before = file.read_bytes()
    shutil.rmtree(file.parent)
    outcomes = {o.dataset: o.status for o in add_features(lake, "ESM5", DATE)}
    assert outcomes.pop("silver.future.level_or_low") is Status.WRITTEN
    assert set(outcomes.values()) == {Status.COMPLETE}
    assert file.read_bytes() == before


def test_the_manifest_names_the_inputs_and_the_constants(sample_lake: Path) -> None:
    found = manifest(sample_lake, features("pm_high"), "ESM5", DATE)
    read = [entry["dataset"] for entry in found["inputs"]]
    assert read == [tables.LEVEL_SECONDS, tables.SECONDS, BARS.key, LEVEL.key]
    assert found["parameters"]["zone_ticks"] == 40
    machine = manifest(sample_lake, dataset(tables.LEVEL_SECONDS), "ESM5", DATE)["parameters"]
    assert (machine["arm_ticks"], machine["touch_tolerance_ticks"]) == (8, 0)


def test_market_is_the_same_whatever_the_levels_are(sample_lake: Path, tmp_path: Path) -> None:
    found = {}
    for minutes in (30, 5):
        lake = tmp_path / str(minutes)
        shutil.copytree(sample_lake, lake)
        add = {"opening_range_minutes": minutes, "refresh_stale": True}
        run(LEVEL.key, lake, "ESM5", DATE, **add)
        add_features(lake, "ESM5", DATE, **add)
        assert run(MARKET.key, lake, "ESM5", DATE, **add).status is Status.WRITTEN
        found[minutes] = (
            (partition(lake, MARKET, "ESM5", DATE) / "part-00000.parquet").read_bytes(),
            rows(lake, features("or_high"), "ESM5", DATE),
        )
    assert found[30][0] == found[5][0]
    assert not found[30][1].equals(found[5][1])
    assert found[30][1].columns == found[5][1].columns


def test_rows_are_stale_when_the_levels_change(sample_lake: Path, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    shutil.copytree(sample_lake, lake)
    change = {"opening_range_minutes": 60, "refresh_stale": True}
    assert run(LEVEL.key, lake, "ESM5", DATE, **change).status is (Status.WRITTEN)
    outcomes = add_features(lake, "ESM5", DATE, opening_range_minutes=60)
    assert {o.status for o in outcomes} == {Status.STALE}


def test_a_holiday_has_levels_without_values_and_no_features(
    tmp_path: Path, shared_data: Path
) -> None:
    christmas = dt.date(2023, 12, 25)
    for outcome in add_features(tmp_path, "ESH4", christmas):
        assert outcome.status is Status.SKIPPED
        assert "Christmas" in outcome.reason


@pytest.fixture(scope="module")
def real_lake(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Path:
    lake = tmp_path_factory.mktemp("real")
    symbol = shifted_day(lake, shared_data)
    add_levels(lake, symbol, SHIFTED_DATE)
    assert {o.status for o in add_features(lake, symbol, SHIFTED_DATE)} == {Status.WRITTEN}
    return lake


def reference_levels(lake: Path) -> list[Level]:
    table = rows(lake, LEVEL, "ESH4", SHIFTED_DATE).filter(pl.col("price").is_not_null())
    times = ("known_at", "set_at", "window_start", "window_end")
    return [
        Level(
            row["level"],
            [(row["known_at"], row["price"] / 0.25)],
            row["set_at"],
            (row["window_start"], row["window_end"]),
        )
        for row in table.with_columns(pl.col(*times).cast(pl.Int64)).iter_rows(named=True)
    ]


def test_sampled_rows_of_a_real_day_are_the_reference(real_lake: Path) -> None:
    records = reference_records(rows(real_lake, CLEAN, "ESH4", SHIFTED_DATE))
    bars = rows(real_lake, BARS, "ESH4", SHIFTED_DATE)
    levels = reference_levels(real_lake)
    assert [level.name for level in levels] == ["pm_high", "pm_low", "or_high", "or_low"]
    found = {
        level.name: rows(real_lake, features(level.name), "ESH4", SHIFTED_DATE) for level in levels
    }
    open_ns = int(found["pm_high"]["ts"].cast(pl.Int64)[0])
    midnight = open_ns - open_ns % (86_400 * SECOND)
    ends = bars["ts_end"].cast(pl.Int64).to_list()
    closed = [(end, price / 0.25) for end, price in zip(ends, bars["close"], strict=True)]
    for row in (0, 45, 910, 1_500, 1_801):
        ts = open_ns + row * SECOND
        day = Day(records, ts, midnight, open_ns, 50.0)
        for level in levels:
            expected = reference_row(LevelReference(day, level, closed))
            for name in found[level.name].columns[2:]:
                value = expected.get(name.removeprefix(f"{level.name}_"))
                got = found[level.name][name][row]
                assert (got is None) == (value is None), (name, row, got, value)
                if value is not None:
                    assert got == pytest.approx(value, rel=1e-8, abs=1e-9), (name, row)


def test_the_real_day_has_no_moving_average_and_says_why(real_lake: Path) -> None:
    found = rows(real_lake, features("sma_90"), "ESH4", SHIFTED_DATE)[:, 2:]
    assert sum(found.null_count().row(0)) == found.height * found.width
    facts = manifest(real_lake, features("sma_90"), "ESH4", SHIFTED_DATE)["facts"]
    assert facts["missing"] == {"sma_90": "fewer than 90 bars"}
