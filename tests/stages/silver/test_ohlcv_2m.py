"""Two-minute bars of the sample day and of real records."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from src.data_eng.stages.outcome import Status
from tests.lakes import run
from tests.stages.silver.market_lake import (
    BARS,
    CLEAN,
    DATE,
    SHIFTED_DATE,
    manifest,
    partition,
    rows,
    sample_day,
    shifted_day,
)


def expected_bars(records: pl.DataFrame) -> pl.DataFrame:
    start = pl.col("ts_recv").dt.truncate("2m")
    return (
        records.filter(pl.col("action") == "T")
        .group_by(start.alias("ts_start"), maintain_order=True)
        .agg(
            open=pl.col("price").first(),
            high=pl.col("price").max(),
            low=pl.col("price").min(),
            close=pl.col("price").last(),
            volume=pl.col("size").sum().cast(pl.Int64),
            trades=pl.len().cast(pl.Int64),
        )
    )


@pytest.fixture(scope="module")
def sample_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lake = tmp_path_factory.mktemp("bars")
    sample_day(lake)
    return lake


def test_bars_are_those_of_a_group_by(sample_lake: Path) -> None:
    found = rows(sample_lake, BARS, "ESM5", DATE)
    expected = expected_bars(rows(sample_lake, CLEAN, "ESM5", DATE))
    assert_frame_equal(found.select(expected.columns), expected)
    assert found.height > 300
    assert (found["ts_end"] - found["ts_start"]).unique().to_list() == [dt.timedelta(minutes=2)]
    assert (found["ts_start"].dt.minute() % 2).max() == 0
    assert found["ts_end_est"].dtype == pl.Datetime("ns", "America/New_York")
    assert found["ts_end_est"].cast(pl.Int64).equals(found["ts_end"].cast(pl.Int64))


def test_the_manifest_names_the_volume(sample_lake: Path) -> None:
    body = manifest(sample_lake, BARS, "ESM5", DATE)
    records = rows(sample_lake, CLEAN, "ESM5", DATE)
    assert body["facts"]["volume"] == records.filter(pl.col("action") == "T")["size"].sum() > 0
    assert [entry["dataset"] for entry in body["inputs"]] == ["silver.future.trades"]


def test_a_rerun_skips_and_a_rebuild_gives_the_same_bytes(sample_lake: Path) -> None:
    folder = partition(sample_lake, BARS, "ESM5", DATE)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert run(BARS.key, sample_lake, "ESM5", DATE).status is Status.COMPLETE
    for path in folder.iterdir():
        path.unlink()
    assert run(BARS.key, sample_lake, "ESM5", DATE).status is Status.WRITTEN
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_bars_of_real_records(tmp_path: Path, shared_data: Path) -> None:
    symbol = shifted_day(tmp_path, shared_data)
    found = rows(tmp_path, BARS, symbol, SHIFTED_DATE)
    expected = expected_bars(rows(tmp_path, CLEAN, symbol, SHIFTED_DATE))
    assert_frame_equal(found.select(expected.columns), expected)
    assert found["volume"].sum() == 9_892
    assert (found["low"].min(), found["high"].max()) == (4800.25, 4811.75)
    # The uncross of the opening auction has no aggressor and is a trade.
    assert found["open"][0] == expected["open"][0]
    assert found["trades"].sum() == 2_973
