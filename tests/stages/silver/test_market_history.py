"""Features that look back over sessions: what they read, and that they are null without it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from src.data_eng.catalogue import tables
from src.data_eng.catalogue.datasets import Dataset, dataset
from src.data_eng.errors import CorruptPartitionError
from src.data_eng.exchange.calendar import sessions_before
from src.data_eng.lake.manifest import AbsentInput
from src.data_eng.records.grid import grid_times
from src.data_eng.stages.inputs import Inputs
from src.data_eng.stages.outcome import Status
from src.data_eng.stages.reads import ReadEarlier
from tests.features.market.vpin_reference import naive
from tests.lakes import run
from tests.stages.silver.market_lake import (
    BARS,
    CLEAN,
    DATE,
    MARKET,
    manifest,
    partition,
    rows,
    sample_day,
)

SESSIONS = sessions_before(DATE, 20)
FEW, ENOUGH = SESSIONS[15], SESSIONS[14]  # four and five sessions lie before them
RECORDS = 12_000


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty sessions before the date, and the date itself; features of three of them."""
    lake = tmp_path_factory.mktemp("history")
    for date in [*reversed(SESSIONS), DATE]:
        sample_day(lake, date, RECORDS)
    for date in (FEW, ENOUGH, DATE):
        assert run(MARKET.key, lake, "ESM5", date).status is Status.WRITTEN
    return lake


def volume_300s(lake: Path, date: dt.date) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the volume of the 300 s before each row of a date's grid, from the records."""
    records = rows(lake, CLEAN, "ESM5", date)
    trades = records.filter((pl.col("action") == "T") & (pl.col("size") > 0))
    times = np.maximum.accumulate(records["ts_recv"].cast(pl.Int64).to_numpy())
    at = times[np.flatnonzero((records["action"] == "T") & (records["size"] > 0))]
    held = np.append(0, np.cumsum(trades["size"].to_numpy()))
    grid = grid_times(date)
    begins = grid - 300 * 10**9
    volume = held[np.searchsorted(at, grid)] - held[np.searchsorted(at, begins)]
    # Not where more than a tenth of the window is unknown.
    seconds = rows(lake, dataset(tables.SECONDS), "ESM5", date)
    ends = (grid - int(seconds["ts"].cast(pl.Int64)[0])) // 10**9
    unknown = np.append(0, np.cumsum(seconds["unknown_ns"].to_numpy()))
    is_known = unknown[ends] - unknown[ends - 300] <= 30 * 10**9
    return np.where((begins >= times[0]) & is_known, volume, np.nan)


def test_relative_volume_is_to_the_mean_of_prior_sessions(lake: Path) -> None:
    found = rows(lake, MARKET, "ESM5", DATE)
    sessions = np.array([volume_300s(lake, date) for date in SESSIONS])
    count = np.isfinite(sessions).sum(axis=0)
    prior = np.where(count >= 5, np.nansum(sessions, axis=0) / np.maximum(count, 1), np.nan)
    expected = found["volume_300s"].to_numpy() / prior
    got = found["relative_volume_300s"].to_numpy()
    assert np.isfinite(got).sum() > 5_000
    assert np.allclose(got[np.isfinite(got)], expected[np.isfinite(got)], rtol=1e-12)
    assert np.array_equal(np.isnan(got), ~(prior > 0) | np.isnan(expected))


def test_relative_volume_is_null_with_four_sessions(lake: Path) -> None:
    for date, is_null in ((FEW, True), (ENOUGH, False)):
        column = rows(lake, MARKET, "ESM5", date)["relative_volume_300s"]
        assert (column.null_count() == len(column)) == is_null


def test_vpin_is_that_of_single_contracts(lake: Path) -> None:
    body = manifest(lake, MARKET, "ESM5", DATE)
    volume = body["facts"]["history"]["vpin_bucket_contracts"]
    daily = [manifest(lake, BARS, "ESM5", date)["facts"]["volume"] for date in SESSIONS]
    assert volume == round(sum(daily) / 20 / 50)
    read = [str(date) for date in (*reversed(SESSIONS), DATE)]
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
    assert found["vpin"].n_unique() > 5


def test_vpin_is_null_without_twenty_sessions(lake: Path) -> None:
    assert rows(lake, MARKET, "ESM5", ENOUGH)["vpin"].null_count() == 10_801


def test_every_session_read_is_an_input_of_the_manifest(lake: Path) -> None:
    inputs = manifest(lake, MARKET, "ESM5", DATE)["inputs"]
    for key in (tables.SECONDS, tables.TRADES, BARS.key):
        read = {entry["dt"] for entry in inputs if entry["dataset"] == key}
        assert read == {str(date) for date in (*SESSIONS, DATE)}
    assert not [entry for entry in inputs if entry["dataset"] in (MARKET.key, CLEAN.key)]


def test_history_that_came_later_makes_a_partition_stale(lake: Path) -> None:
    assert run(MARKET.key, lake, "ESM5", DATE).status is Status.COMPLETE
    oldest = SESSIONS[-1]
    marker = partition(lake, dataset(tables.SECONDS), "ESM5", oldest) / "_SUCCESS"
    content = marker.read_bytes()
    marker.unlink()
    gone = run(MARKET.key, lake, "ESM5", ENOUGH)
    assert (gone.status, gone.reason) == (
        Status.STALE,
        f"its input {tables.SECONDS} of {oldest} is not there any more",
    )
    assert run(MARKET.key, lake, "ESM5", ENOUGH, refresh_stale=True).status is Status.WRITTEN
    marker.write_bytes(content)
    back = run(MARKET.key, lake, "ESM5", ENOUGH)
    assert (back.status, back.reason) == (
        Status.STALE,
        f"its input {tables.SECONDS} of {oldest} was absent and is there",
    )
    assert run(MARKET.key, lake, "ESM5", ENOUGH, refresh_stale=True).status is Status.WRITTEN


def test_a_session_is_that_of_its_own_front_month(tmp_path: Path) -> None:
    fronts = {date: sample_day(tmp_path, dt.date(2025, 6, date), 5_000) for date in (12, 13, 17)}
    assert set(fronts.values()) == {"ESM5", "ESU5"}
    reads = (ReadEarlier(BARS.key, 5),)
    with Inputs(tmp_path, reads, fronts[17], dt.date(2025, 6, 18), "volume") as inputs:
        found = inputs.earlier(BARS.key)
        assert [one.date.day for one in found] == [17, 16, 13, 12, 11]
        assert {
            one.date.day: one.table.partition.symbol for one in found if one.table is not None
        } == fronts
        absent = [one for one in inputs.entries() if isinstance(one, AbsentInput)]
        assert [(one.symbol, one.dt) for one in absent] == [
            ("ES", "2025-06-16"),
            ("ES", "2025-06-11"),
        ]


def test_history_under_another_contract_is_left_out(
    lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    contract = MARKET.contract()
    other = replace(contract, fields=contract.fields[:-1])
    known = Dataset.contract
    monkeypatch.setattr(Dataset, "contract", lambda one: other if one == MARKET else known(one))
    with Inputs(lake, (ReadEarlier(MARKET.key, 20),), "ESM5", DATE, "volume") as inputs:
        assert all(one.table is None for one in inputs.earlier(MARKET.key))
    assert caplog.text.count("left out of history") == 2


def test_broken_history_is_an_error(tmp_path: Path) -> None:
    sample_day(tmp_path, SESSIONS[0], 5_000)
    part = partition(tmp_path, BARS, "ESM5", SESSIONS[0]) / "_MANIFEST.json"
    part.write_bytes(part.read_bytes() + b" ")
    with pytest.raises(CorruptPartitionError):
        Inputs(tmp_path, (ReadEarlier(BARS.key, 20),), "ESM5", DATE, "volume")
