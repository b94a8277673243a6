"""Features that look back over sessions: what they read, and that they are null without it."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from src.data_eng.catalogue.contract import CONTRACTS
from src.data_eng.errors import CorruptPartitionError
from src.data_eng.records.market_history import HistoryTables, load_history, prior_sessions
from src.data_eng.stages.stage import Status
from tests.features.market.test_volume_buckets import naive
from tests.stages.silver.market_lake import (
    BARS,
    BRONZE,
    CLEAN,
    DATE,
    MARKET,
    manifest,
    market_stage,
    partition,
    rows,
    run,
    sample_day,
)

TABLES = HistoryTables(BRONZE, CLEAN, BARS, MARKET)
SESSIONS = prior_sessions(DATE)
MARKETS = SESSIONS[:6]
RECORDS = 12_000


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty sessions before the date, six of them with features, and the date itself."""
    lake = tmp_path_factory.mktemp("history")
    for date in [*reversed(SESSIONS), DATE]:
        sample_day(lake, date, RECORDS)
    for date in [*reversed(MARKETS), DATE]:
        assert run(market_stage(), lake, "ESM5", date).status is Status.WRITTEN
    return lake


def test_relative_volume_is_to_the_mean_of_prior_sessions(lake: Path) -> None:
    found = rows(lake, MARKET, "ESM5", DATE)
    prior = [rows(lake, MARKET, "ESM5", date)["volume_300s"].to_numpy() for date in MARKETS]
    expected = found["volume_300s"].to_numpy() / np.mean(prior, axis=0)
    got = found["relative_volume_300s"].to_numpy()
    assert np.isfinite(got).sum() > 5_000
    assert np.allclose(got[np.isfinite(got)], expected[np.isfinite(got)], rtol=1e-12)
    assert np.array_equal(np.isnan(got), np.mean(prior, axis=0) == 0)


def test_relative_volume_is_null_with_four_sessions(lake: Path) -> None:
    # The second of the dates with features has one session of them before it, the sixth five.
    for date, is_null in ((MARKETS[1], True), (MARKETS[0], False)):
        column = rows(lake, MARKET, "ESM5", date)["relative_volume_300s"]
        assert (column.null_count() == len(column)) == is_null


def test_vpin_is_that_of_single_contracts(lake: Path) -> None:
    body = manifest(lake, MARKET, "ESM5", DATE)
    volume = body["facts"]["history"]["vpin_bucket_contracts"]
    daily = [manifest(lake, BARS, "ESM5", date)["facts"]["volume"] for date in SESSIONS]
    assert volume == round(sum(daily) / 20 / 50)
    read = sorted(entry["dt"] for entry in body["inputs"] if entry["dataset"] == CLEAN.key)
    assert read[-1] == str(DATE)
    # The fewest sessions that hold fifty buckets.
    held = np.cumsum(daily)
    assert len(read) - 1 == int(np.argmax(held >= 50 * volume)) + 1
    trades = pl.concat(
        rows(lake, CLEAN, "ESM5", dt.date.fromisoformat(date)).filter(pl.col("action") == "T")
        for date in read
    )
    found = rows(lake, MARKET, "ESM5", DATE)
    for row in (0, 3_000, 10_800):
        seen = trades.filter(pl.col("ts_recv") < found["ts"][row])
        signs = seen["side"].cast(pl.String).replace_strict({"B": 1, "A": -1, "N": 0})
        expected = naive(list(zip(seen["size"], signs, strict=True)), volume)
        assert expected is not None
        assert found["vpin"][row] == pytest.approx(expected)
    assert found["vpin"].n_unique() > 10


def test_vpin_is_null_without_twenty_sessions(lake: Path) -> None:
    assert rows(lake, MARKET, "ESM5", MARKETS[0])["vpin"].null_count() == 10_801


def test_every_session_read_is_an_input_of_the_manifest(lake: Path) -> None:
    inputs = manifest(lake, MARKET, "ESM5", DATE)["inputs"]
    by_table = {
        table.key: {entry["dt"] for entry in inputs if entry["dataset"] == table.key}
        for table in (BARS, MARKET)
    }
    assert by_table[BARS.key] == {str(date) for date in (*SESSIONS, DATE)}
    assert by_table[MARKET.key] == {str(date) for date in MARKETS}


def test_history_that_came_later_makes_a_partition_stale(lake: Path) -> None:
    assert run(market_stage(), lake, "ESM5", DATE).status is Status.SKIPPED
    # Written before the sessions behind it had features.
    oldest = MARKETS[-1]
    assert run(market_stage(), lake, "ESM5", SESSIONS[6]).status is Status.WRITTEN
    outcome = run(market_stage(), lake, "ESM5", oldest)
    assert (outcome.status, outcome.reason) == (Status.STALE, "its inputs changed")
    partition(lake, MARKET, "ESM5", SESSIONS[6]).joinpath("_SUCCESS").unlink()
    assert run(market_stage(), lake, "ESM5", oldest).status is Status.SKIPPED


def test_a_session_is_that_of_its_own_front_month(tmp_path: Path) -> None:
    fronts = {date: sample_day(tmp_path, dt.date(2025, 6, date), 5_000) for date in (12, 13, 17)}
    assert set(fronts.values()) == {"ESM5", "ESU5"}
    history = load_history(tmp_path, TABLES, fronts[17], dt.date(2025, 6, 18), "volume")
    try:
        assert {entry.dt: entry.symbol for entry in history.bars} == {
            f"2025-06-{date}": symbol for date, symbol in fronts.items()
        }
        assert history.bucket_volume is None
        assert not history.trades
    finally:
        history.close()


def test_features_of_another_contract_are_left_out(
    lake: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "contracts"
    shutil.copytree(CONTRACTS, folder)
    text = (folder / "silver/future/market.avsc").read_text()
    (folder / "other.avsc").write_text(text.replace('"minimum": 1', '"minimum": 0.5', 1))
    other = replace(TABLES, market=replace(MARKET, contract_path=str(folder / "other.avsc")))
    history = load_history(lake, other, "ESM5", DATE, "volume")
    try:
        assert not history.markets
        assert len(history.bars) == 20
    finally:
        history.close()
    assert caplog.text.count("left out of history") == len(MARKETS)


def test_broken_history_is_an_error(tmp_path: Path) -> None:
    sample_day(tmp_path, SESSIONS[0], 5_000)
    part = partition(tmp_path, BARS, "ESM5", SESSIONS[0]) / "_MANIFEST.json"
    part.write_bytes(part.read_bytes() + b" ")
    with pytest.raises(CorruptPartitionError):
        load_history(tmp_path, TABLES, "ESM5", DATE, "volume")
