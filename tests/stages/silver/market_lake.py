"""Lakes of sample and real futures for the tests of bars and MARKET features."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl

from src.data_eng.catalogue import tables
from src.data_eng.catalogue.datasets import Dataset, dataset
from src.data_eng.sample import SampleFuture, write_future_day
from src.data_eng.stages.outcome import Status
from tests.lakes import build, run

BRONZE = dataset("bronze.future.market_by_price_10")
CLEAN = dataset("silver.future.market_by_price_10_clean")
BARS = dataset("silver.future.ohlcv_2m")
MARKET = dataset("silver.future.market")

UP_TO_BARS = [tables.TRADES, tables.BEST_QUOTE, tables.SECONDS, tables.BARS]

DATE = dt.date(2025, 6, 5)
SHIFTED = "glbx-mdp3-20231226.mbp-10.shifted.dbn.zst"
SHIFTED_DATE = dt.date(2023, 12, 26)


def clean(lake: Path, date: dt.date) -> str:
    """Run Bronze and the clean table on the raw files; return the front month."""
    bronze = run(BRONZE.key, lake, "ES", date)
    assert bronze.status is Status.WRITTEN, bronze.reason
    build([CLEAN.key], lake, bronze.symbol, date)
    return bronze.symbol


def sample_day(lake: Path, date: dt.date = DATE, records: int = 60_000) -> str:
    """Write a sample day and run it up to the bars; return the front month."""
    write_future_day(lake / "raw", SampleFuture(date=date, records=records))
    symbol = clean(lake, date)
    build(UP_TO_BARS, lake, symbol, date)
    return symbol


def shifted_day(lake: Path, shared_data: Path) -> str:
    """Run the real day up to the bars; return the front month."""
    folder = lake / dataset("raw.future.market_by_price_10").folder("ES")
    folder.mkdir(parents=True)
    name = SHIFTED.replace(".shifted", "")
    shutil.copyfile(shared_data / "future_ES" / SHIFTED, folder / name)
    symbol = clean(lake, SHIFTED_DATE)
    build(UP_TO_BARS, lake, symbol, SHIFTED_DATE)
    return symbol


def partition(lake: Path, table: Dataset, symbol: str, date: dt.date) -> Path:
    return lake / table.folder(symbol) / f"dt={date}"


def rows(lake: Path, table: Dataset, symbol: str, date: dt.date) -> pl.DataFrame:
    return pl.read_parquet(partition(lake, table, symbol, date) / "part-00000.parquet")


def manifest(lake: Path, table: Dataset, symbol: str, date: dt.date) -> Any:
    return json.loads((partition(lake, table, symbol, date) / "_MANIFEST.json").read_text())
