"""The future pipeline as its user runs it: a subprocess on a lake."""

from __future__ import annotations

import datetime as dt
import gc
import json
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import databento
import polars as pl
import pytest

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.sample import SampleFuture, write_future_day
from tests.cli_runs import future_tables

ROOT = Path(__file__).parents[2]
DATE = "2025-06-05"
BRONZE = "bronze/source=databento/product_type=future/symbol=ESM5/table=market_by_price_10"
SILVER = "silver/product_type=future/symbol=ESM5/table=market_by_price_10_clean"
GOLD = "gold/product_type=future/symbol=ESM5/table=market_by_price_10_first3h"


def runner(lake: Path, *args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "src.data_eng.runner", "--product-type", "future"]
    return subprocess.run(
        [*command, "--lake-root", str(lake), *args],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


@pytest.fixture(scope="module")
def sample_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lake = tmp_path_factory.mktemp("lake")
    write_future_day(lake / "raw", SampleFuture(date=dt.date(2025, 6, 5), records=60_000))
    done = runner(lake, "--layer", "all", "--symbol", "ES", "--dt", DATE)
    assert done.returncode == 0, done.stderr
    return lake


def files(lake: Path) -> dict[str, bytes]:
    """Return the files of partitions; what a lake keeps for runs alone is hidden."""
    return {
        str(path.relative_to(lake)): path.read_bytes()
        for layer in ("bronze", "silver", "gold")
        for path in sorted((lake / layer).rglob("*"))
        if path.is_file()
    }


def test_a_run_leaves_exactly_the_three_files_of_each_partition(sample_lake: Path) -> None:
    tables = [dataset(key).folder("ESM5").as_posix() for key in future_tables()]
    expected = {
        f"{table}/dt={DATE}/{name}"
        for table in {BRONZE, SILVER, GOLD, *tables}
        for name in ("part-00000.parquet", "_MANIFEST.json", "_SUCCESS")
    }
    assert set(files(sample_lake)) == expected


def test_gold_is_the_records_between_the_bounds_counted_from_the_raw_file(
    sample_lake: Path,
) -> None:
    raw = next((sample_lake / "raw").rglob("*.dbn.zst"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # the vendor's client leaves files open
        records = databento.DBNStore.from_file(raw).to_ndarray()
        gc.collect()
    manifest = json.loads((sample_lake / BRONZE / f"dt={DATE}" / "_MANIFEST.json").read_text())
    instrument = manifest["parameters"]["front_month"]["instrument_id"]
    start = int(dt.datetime(2025, 6, 5, 13, 30, tzinfo=dt.UTC).timestamp()) * 10**9
    end = int(dt.datetime(2025, 6, 5, 16, 30, tzinfo=dt.UTC).timestamp()) * 10**9
    mine = records[records["instrument_id"] == instrument]
    inside = mine[(mine["ts_event"] >= start) & (mine["ts_event"] < end)]
    gold = pl.read_parquet(sample_lake / GOLD / f"dt={DATE}" / "part-00000.parquet")
    assert gold.height == len(inside) > 1000
    assert gold["ts_recv"].cast(pl.Int64).to_numpy().tolist() == inside["ts_recv"].tolist()


def test_a_rerun_skips_and_changes_nothing(sample_lake: Path) -> None:
    before = files(sample_lake)
    done = runner(sample_lake, "--layer", "all", "--symbol", "ES", "--dt", DATE)
    assert done.returncode == 0
    assert "complete; run " in done.stdout.splitlines()[-1]
    assert files(sample_lake) == before


@pytest.mark.parametrize(
    ("layer", "symbol", "table"),
    [("bronze", "ES", BRONZE), ("silver", "ESM5", SILVER), ("gold", "ESM5", GOLD)],
)
def test_a_deleted_partition_is_rebuilt_byte_for_byte(
    sample_lake: Path, layer: str, symbol: str, table: str
) -> None:
    before = files(sample_lake)
    shutil.rmtree(sample_lake / table / f"dt={DATE}")
    done = runner(sample_lake, "--layer", layer, "--symbol", symbol, "--dt", DATE)
    assert done.returncode == 0, done.stderr
    assert files(sample_lake) == before
