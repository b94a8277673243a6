"""Products that are no equity index, through all layers by their own facts."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from src.data_eng import scan
from src.data_eng.catalogue.datasets import dataset
from src.data_eng.exchange.products import PRODUCTS
from src.data_eng.exchange.sessions import session_ns
from src.data_eng.lake.paths import Partition
from src.data_eng.lake.reader import PublishedPartition
from src.data_eng.sample import SampleFuture, write_future_day
from src.data_eng.stages.outcome import Status
from src.data_eng.stages.silver.ohlcv_2m import SESSION_FACT
from tests.lakes import run_request

DATE = dt.date(2025, 5, 6)


@pytest.mark.parametrize(
    ("symbol", "close", "days_to_expiry"),
    [("CLM5", dt.time(14, 30), 14), ("GCM5", dt.time(13, 30), 51), ("ZNM5", dt.time(15, 0), 43)],
)
def test_a_day(symbol: str, close: dt.time, days_to_expiry: int, tmp_path: Path) -> None:
    root = symbol[:2]
    product = PRODUCTS[root]
    write_future_day(tmp_path / "raw", SampleFuture(DATE, root=root, records=20_000))
    outcomes = run_request("future", "all", [DATE], tmp_path, root)
    assert {(one.status, one.symbol) for one in outcomes} == {(Status.WRITTEN, symbol)}

    market = scan("gold.future.market_first3h", symbol=root, lake_root=tmp_path).collect()
    assert len(market) == 10_801
    assert market["days_to_futures_expiry"].unique().to_list() == [days_to_expiry]
    spread = market["quoted_spread_ticks"].drop_nulls().to_numpy()
    assert len(spread) > 5_000
    assert (spread == np.rint(spread)).all()
    assert spread.min() >= 1
    prices = (
        scan("silver.future.level", symbol=root, lake_root=tmp_path).collect()["price"].drop_nulls()
    )
    ticks = prices.to_numpy() / product.tick_size
    fixed = ticks[np.isclose(ticks, np.rint(ticks), atol=1e-6)]
    assert len(fixed) >= 4  # all but some of the moving average's

    bars = scan("silver.future.ohlcv_2m", symbol=root, lake_root=tmp_path).collect()
    inside = bars.filter(
        (pl.col("ts_start").cast(pl.Int64) >= session_ns(DATE, dt.time(9, 30)))
        & (pl.col("ts_start").cast(pl.Int64) < session_ns(DATE, close))
    )
    with PublishedPartition(
        tmp_path, Partition(dataset("silver.future.ohlcv_2m"), symbol, DATE)
    ) as published:
        manifest = published.manifest
    assert manifest.facts[SESSION_FACT] == {
        "high": inside["high"].max(),
        "low": inside["low"].min(),
        "close": inside["close"][-1],
    }
    assert manifest.parameters["regular_session"] == ["09:30", f"{close:%H:%M}"]
