"""Silver market of the sample day and of a real one, through the stages."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from src.data_eng.catalogue import tables
from src.data_eng.catalogue.contract import load_contract
from src.data_eng.errors import ContractError
from src.data_eng.exchange import products
from src.data_eng.exchange.calendar import sessions_before
from src.data_eng.stages.outcome import Status
from tests.features.market.record_streams import SECOND
from tests.features.market.reference import Reference
from tests.features.market.reference_history import History
from tests.features.market.reference_row import reference_row
from tests.lakes import run
from tests.stages.silver.market_lake import (
    BARS,
    CLEAN,
    DATE,
    MARKET,
    SHIFTED_DATE,
    manifest,
    partition,
    rows,
    sample_day,
    shifted_day,
)
from tests.stages.silver.reference_records import reference_records

OPEN = dt.datetime(2025, 6, 5, 13, 30, tzinfo=dt.UTC)
HISTORY = (
    "relative_volume_300s",
    "relative_total_depth_top_10_prices",
    "rth_range_to_average_rth_range",
    "large_trade_volume_share_300s",
    "large_trade_flow_imbalance_300s",
    "opening_gap_bps",
    "vpin",
)


@pytest.fixture(scope="module")
def sample_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lake = tmp_path_factory.mktemp("market")
    sample_day(lake)
    assert run(MARKET.key, lake, "ESM5", DATE).status is Status.WRITTEN
    return lake


@pytest.fixture(scope="module")
def real_lake(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Path:
    lake = tmp_path_factory.mktemp("real")
    shifted_day(lake, shared_data)
    assert run(MARKET.key, lake, "ESH4", SHIFTED_DATE).status is Status.WRITTEN
    return lake


def test_the_grid_is_every_second_from_the_open_to_half_past_twelve(sample_lake: Path) -> None:
    found = rows(sample_lake, MARKET, "ESM5", DATE)
    assert found.height == 10_801
    assert (found["ts"][0], found["ts"][-1]) == (OPEN, OPEN + dt.timedelta(hours=3))
    assert found["ts"].diff().drop_nulls().unique().to_list() == [dt.timedelta(seconds=1)]
    assert found["ts_est"].dtype == pl.Datetime("ns", "America/New_York")
    assert found["ts_est"].dt.strftime("%H:%M:%S")[0] == "09:30:00"
    assert found["ts"].cast(pl.Int64).equals(found["ts_est"].cast(pl.Int64))


def test_no_column_is_dead_constant_or_not_a_number(sample_lake: Path) -> None:
    found = rows(sample_lake, MARKET, "ESM5", DATE)
    for name in found.columns[2:]:
        column = found[name].drop_nulls().to_numpy()
        if name in HISTORY:
            assert not len(column), name
            continue
        assert np.isfinite(column).all(), name
        assert len(column) > 2_000, name
        assert len(np.unique(column)) > 1 or name == "days_to_futures_expiry", name


@pytest.mark.parametrize("column", ["volume", "price"])
def test_simple_columns_are_those_of_a_query(sample_lake: Path, column: str) -> None:
    found = rows(sample_lake, MARKET, "ESM5", DATE)
    records = rows(sample_lake, CLEAN, "ESM5", DATE)
    for row in (0, 1, 4_000, 10_800):
        ts = found["ts"][row]
        seen = records.filter(pl.col("ts_recv") < ts)
        if column == "volume":
            inside = seen.filter(
                (pl.col("ts_recv") >= ts - dt.timedelta(seconds=60)) & (pl.col("action") == "T")
            )
            assert found["volume_60s"][row] == inside["size"].sum()
        else:
            last = seen.filter(pl.col("f_last"))[-1]
            spread = last["ask_px_00"][0] - last["bid_px_00"][0]
            assert found["quoted_spread_ticks"][row] == spread / 0.25
            assert (
                found["total_depth_top_of_book"][row] == last["bid_sz_00"][0] + last["ask_sz_00"][0]
            )


def test_sampled_rows_of_a_real_day_are_the_reference(real_lake: Path) -> None:
    found = rows(real_lake, MARKET, "ESH4", SHIFTED_DATE)
    records = reference_records(rows(real_lake, CLEAN, "ESH4", SHIFTED_DATE))
    open_ns = int(found["ts"].cast(pl.Int64)[0])
    midnight = open_ns - open_ns % (86_400 * SECOND)
    bars = rows(real_lake, BARS, "ESH4", SHIFTED_DATE)
    prices = ([price / 0.25 for price in bars[name]] for name in ("high", "low", "close"))
    ends = bars["ts_end"].cast(pl.Int64).to_list()
    history = History(
        bars=list(zip(ends, *prices, strict=True)),
        date=SHIFTED_DATE,
        expires=dt.date(2024, 3, 15),
    )
    for row in (0, 1, 7, 299, 301, 900, 1_805, 3_700):
        ref = Reference(records, open_ns + row * SECOND, midnight, open_ns, 50.0)
        for name, value in reference_row(ref, history).items():
            got = found[name][row]
            assert (got is None) == (value is None), (name, row, got, value)
            if value is not None:
                assert got == pytest.approx(value, rel=1e-8, abs=1e-9), (name, row)


def test_average_true_range_and_expiry_of_a_real_day(real_lake: Path) -> None:
    found = rows(real_lake, MARKET, "ESH4", SHIFTED_DATE)
    bars = rows(real_lake, BARS, "ESH4", SHIFTED_DATE)
    ends = bars["ts_end"].cast(pl.Int64).to_numpy()
    high, low, close = (bars[name].to_numpy() for name in ("high", "low", "close"))
    ranges = np.maximum(high[1:], close[:-1]) - np.minimum(low[1:], close[:-1])
    value = ranges[:14].mean()
    ts = found["ts"].cast(pl.Int64).to_numpy()
    column = found["average_true_range_14_2m_ticks"].to_numpy()
    for bar in range(14, len(bars)):
        if bar > 14:
            value = (value * 13 + ranges[bar - 1]) / 14
        until = ends[bar + 1] if bar + 1 < len(bars) else ts[-1] + 1
        here = (ts >= ends[bar]) & (ts < until)
        assert np.allclose(column[here], value / 0.25, rtol=1e-12)
    assert np.isnan(column[ts < ends[14]]).all()
    assert found["days_to_futures_expiry"].unique().to_list() == [80.0]


def test_a_rerun_skips_and_a_rebuild_gives_the_same_bytes(sample_lake: Path) -> None:
    folder = partition(sample_lake, MARKET, "ESM5", DATE)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert run(MARKET.key, sample_lake, "ESM5", DATE).status is Status.COMPLETE
    shutil.rmtree(folder)
    assert run(MARKET.key, sample_lake, "ESM5", DATE).status is Status.WRITTEN
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_day_without_a_regular_session_is_skipped(tmp_path: Path) -> None:
    outcome = run(MARKET.key, tmp_path, "ESH4", dt.date(2023, 12, 25))
    assert (outcome.status, outcome.rows) == (Status.SKIPPED, None)
    assert "Christmas" in outcome.reason


def test_a_product_without_a_session_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(products.PRODUCTS, "HG", products.Product(0.0005, 25_000.0))
    outcome = run(MARKET.key, tmp_path, "HGM5", DATE)
    assert (outcome.status, outcome.rows) == (Status.SKIPPED, None)
    assert "no regular session is known of HGM5" in outcome.reason


def test_the_contract_holds_the_catalogue() -> None:
    names = [field.name for field in load_contract("silver/future/market.avsc").fields]
    gold = load_contract("gold/future/market_first3h.avsc")
    assert gold.fields == load_contract("silver/future/market.avsc").fields
    assert names[:2] == ["ts", "ts_est"]


def test_prior_sessions_are_full_regular_ones() -> None:
    found = sessions_before(dt.date(2025, 12, 29), 20)
    assert len(found) == 20
    assert found[0] == dt.date(2025, 12, 26)
    assert not {dt.date(2025, 12, 24), dt.date(2025, 12, 25), dt.date(2025, 11, 28)} & set(found)
    assert found == sorted(found, reverse=True)


def test_a_price_off_the_tick_is_an_error_and_nothing_is_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample_day(tmp_path, records=20_000)
    other = replace(products.PRODUCTS["ES"], tick_size=0.75)
    monkeypatch.setitem(products.PRODUCTS, "ES", other)
    with pytest.raises(ContractError, match=r"is no whole number of ticks of 0\.75"):
        run(tables.SECONDS, tmp_path, "ESM5", DATE, refresh_stale=True)
    outcome = run(MARKET.key, tmp_path, "ESM5", DATE)
    assert (outcome.status, "0.75" in outcome.reason) == (Status.BLOCKED, True)
    assert not partition(tmp_path, MARKET, "ESM5", DATE).exists()


def test_the_manifest_names_inputs_grid_and_product(sample_lake: Path) -> None:
    body = manifest(sample_lake, MARKET, "ESM5", DATE)
    there = [entry["dataset"] for entry in body["inputs"] if "absent" not in entry]
    assert there == [tables.SECONDS, tables.TRADES, BARS.key]
    assert body["parameters"]["grid"]["start"] == "09:30:00"
    assert body["parameters"]["tick_size"] == 0.25
    assert body["facts"]["history"] == {
        "sessions": 0,
        "large_trade_contracts": None,
        "vpin_bucket_contracts": None,
    }
